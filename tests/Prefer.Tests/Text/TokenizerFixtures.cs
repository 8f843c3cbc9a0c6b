using System.IO.Compression;
using System.Text.Json;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>Tokenizers of others and what the reference implementation made of 359 texts with them. They lie beside the repository, not in it; tests skip without them.</summary>
internal static class TokenizerFixtures
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>One text and everything recorded about it. Offsets are code points.</summary>
    public sealed record TextCase(
        string Text, int[] Ids, int[] IdsNoSpecial, int[][] Offsets, string Decoded, string DecodedSkipSpecial);

    /// <summary>A pair of texts.</summary>
    public sealed record PairCase(string A, string B, int[] Ids, int[] TypeIds);

    public static Tokenizer Load(string name) => Tokenizer.Load(Path.Combine(Folder(name), "tokenizer.json"));

    public static IReadOnlyList<TextCase> Texts(string name)
    {
        using var file = File.OpenRead(Path.Combine(Folder(name), "cases.jsonl.gz"));
        using var reader = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var cases = new List<TextCase>();
        while (reader.ReadLine() is { } line)
        {
            cases.Add(JsonSerializer.Deserialize<TextCase>(line, SnakeCase)!);
        }

        Assert.Equal(359, cases.Count);
        return cases;
    }

    public static IReadOnlyList<PairCase> Pairs(string name) =>
        JsonSerializer.Deserialize<PairCase[]>(File.ReadAllText(Path.Combine(Folder(name), "pairs.json")), SnakeCase)!;

    /// <summary>The folder of the solution.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Folder(string name)
    {
        var folder = Path.Combine(Repository, "..", "shared", "fixtures", "tokenizers", name);
        Assert.SkipUnless(Directory.Exists(folder), $"the recorded tokenizer {name} is not at ../shared/fixtures/tokenizers of the repository");
        return folder;
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Prefer.slnx")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"no Prefer.slnx above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
