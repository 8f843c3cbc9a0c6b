using Prefer.Models;

namespace Prefer.Tests.Models;

/// <summary>The folders in tests/fixtures/models, and which of their recordings say what a sequence gives by itself.</summary>
internal static class RecordedFolders
{
    // Hugging Face chose the rotary frequencies of these by the padded length of the batch.
    private static readonly string[] DependOnPadding = ["llama-rope-dynamic", "phi3-longrope"];

    /// <summary>Those of reward models.</summary>
    internal static IEnumerable<string> Rewards { get; } =
        [.. Directory.EnumerateDirectories(ModelFixture.Folder("")).Select(folder => Path.GetFileName(folder)).Except(LanguageGolden.Folders).Where(name => File.Exists(Path.Combine(ModelFixture.Folder(name), "expected.json"))).Order(StringComparer.Ordinal)];

    internal static bool DependsOnPadding(string folder) => DependOnPadding.Contains(folder);

    /// <summary>The cases whose rewards a sequence has by itself.</summary>
    internal static IEnumerable<string> Cases(string folder) => new Golden(folder).CaseNames.Where(name =>
        // gpt2's left-padded rows were recorded without position ids, so that they count positions from the padding.
        (folder, name) != ("gpt2", "padded_batch_left") && (!DependsOnPadding(folder) || name.EndsWith("_unpadded", StringComparison.Ordinal)));

    /// <summary>All sequences of those cases.</summary>
    internal static EncodedSequence[] Sequences(string folder) => [.. Cases(folder).SelectMany(name => Sequences(new Golden(folder).Case(name).Batch))];

    internal static EncodedSequence[] Sequences(PaddedBatch batch) =>
        [.. batch.Sequences().Select((ids, row) => new EncodedSequence([.. ids], [.. batch.RealTokenTypes()?[row] ?? []], 0))];
}
