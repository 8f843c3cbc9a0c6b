using Prefer.Models;

namespace Prefer.Tests.Models;

/// <summary>The folders in tests/fixtures/models, and which of their recordings say what a sequence gives by itself.</summary>
internal static class RecordedFolders
{
    // Their rotary frequencies depend on the length, and the recording took the padded batch's for all its rows: there only the rows that
    // were run alone are the oracle.
    private static readonly string[] DependOnPadding = ["llama-rope-dynamic", "phi3-longrope", "llama-rope-dynamic-lm", "phi3-longrope-lm"];

    // Run after a longer batch, whose frequencies they were left with: transformers 5.12 never goes back to those of short sequences.
    // Their config has 16 positions.
    private static readonly string[] StaleWhereShort = ["llama-rope-dynamic", "llama-rope-dynamic-lm"];
    private const int ShortLength = 16;

    /// <summary>Those of reward models.</summary>
    internal static IEnumerable<string> Rewards { get; } =
        [.. Directory.EnumerateDirectories(ModelFixture.Folder("")).Select(folder => Path.GetFileName(folder)).Except(LanguageGolden.Folders).Where(name => File.Exists(Path.Combine(ModelFixture.Folder(name), "expected.json"))).Order(StringComparer.Ordinal)];

    internal static bool DependsOnPadding(string folder) => DependOnPadding.Contains(folder);

    internal static bool IsStale(string folder, int length) => StaleWhereShort.Contains(folder) && length <= ShortLength;

    /// <summary>The cases whose rewards a padded batch, or a sequence by itself, gives.</summary>
    internal static IEnumerable<string> PaddedCases(string folder) => new Golden(folder).CaseNames.Where(name =>
        !DependsOnPadding(folder) || (name.EndsWith("_unpadded", StringComparison.Ordinal) && !IsStale(folder, new Golden(folder).Case(name).Batch.Length)));

    /// <summary>The cases whose rewards a sequence has by itself.</summary>
    internal static IEnumerable<string> Cases(string folder) =>
        // gpt2's left-padded rows were recorded without position ids, so that they count positions from the padding.
        PaddedCases(folder).Where(name => (folder, name) != ("gpt2", "padded_batch_left"));

    /// <summary>All sequences of those cases.</summary>
    internal static EncodedSequence[] Sequences(string folder) => [.. Cases(folder).SelectMany(name => Sequences(new Golden(folder).Case(name).Batch))];

    internal static EncodedSequence[] Sequences(PaddedBatch batch) =>
        [.. batch.Sequences().Select((ids, row) => new EncodedSequence([.. ids], [.. batch.RealTokenTypes()?[row] ?? []], 0))];
}
