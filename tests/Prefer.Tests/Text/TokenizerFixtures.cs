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

    private static string Folder(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Prefer.slnx")))
        {
            root = root.Parent;
        }

        var folder = Path.Combine(root?.Parent?.FullName ?? ".", "shared", "fixtures", "tokenizers", name);
        Assert.SkipUnless(Directory.Exists(folder), $"the recorded tokenizer {name} is not at ../shared/fixtures/tokenizers of the repository");
        return folder;
    }
}
