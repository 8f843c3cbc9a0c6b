using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary>The verb on files, in a process of its own.</summary>
public sealed class DataDedupeVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Counts_and_writes_what_is_left_with_the_fields_it_does_not_use()
    {
        var first = Write("first.jsonl",
            """{"prompt": "p", "chosen": "yes", "rejected": "no", "kind": "human"}""",
            """{"prompt": "p", "chosen": "Yes!", "rejected": "no"}""",
            """{"prompt": "p", "chosen": "no", "rejected": "yes"}""");
        var second = Write("second.jsonl",
            """{"prompt": "p", "chosen": "yes", "rejected": "no", "kind": "again"}""",
            """{"prompt": "q", "chosen": "x", "rejected": "x"}""",
            """{"prompt": "q", "chosen": "x", "rejected": ""}""",
            """{"prompt": "q", "chosen": "x", "rejected": "y"}""");
        var output = folder.File("out.jsonl");

        var (exitCode, json, error) = Checkout.Prefer("data", "dedupe", first, second, "--output", output, "--json");

        Assert.Equal((0, $"wrote 3 comparisons to {output}\n"), (exitCode, error));
        var found = JsonNode.Parse(json)!;
        int Count(string name) => (int)found[$"{name}_count"]!;
        Assert.Equal((7, 3, 1, 1, 1), (Count("pair"), Count("kept"), Count("exact_duplicate"), Count("normalised_duplicate"), Count("contradiction")));
        Assert.Equal((1, 4, 1, 1), (Count("both_ways"), Count("contradictory_pair"), Count("identical"), Count("empty_side")));
        Assert.Equal([$"{first}:1", $"{second}:1"], found["examples"]!["exact_duplicates"]![0]!.AsArray().Select(place => (string)place!));
        Assert.Equal(
            [
                """{"prompt":[{"role":"user","content":"p"}],"chosen":"yes","rejected":"no","kind":"human"}""",
                """{"prompt":[{"role":"user","content":"p"}],"chosen":"no","rejected":"yes"}""",
                """{"prompt":[{"role":"user","content":"q"}],"chosen":"x","rejected":"y"}""",
            ],
            File.ReadAllLines(output));

        Assert.Equal(2, Checkout.Prefer("data", "dedupe", first, "--output", output).ExitCode);
        Assert.Equal(0, Checkout.Prefer("data", "dedupe", first, second, "--output", output, "--overwrite", "--on-contradiction", "drop").ExitCode);
        Assert.Single(File.ReadAllLines(output));
    }

    [Fact]
    public void A_folder_gets_a_file_for_each_and_repeats_stay_in_the_first()
    {
        var eval = Write("eval.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""");
        var train = Write("train.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""", """{"prompt": "q", "chosen": "yes", "rejected": "no"}""");
        var clean = folder.File("clean/");

        var (exitCode, _, error) = Checkout.Prefer("data", "dedupe", eval, train, "--output", clean);

        Assert.Equal(0, exitCode);
        Assert.Contains("exact duplicates of an earlier one", error, StringComparison.Ordinal);
        Assert.Equal((1, 1), (File.ReadAllLines(folder.File("clean/eval.jsonl")).Length, File.ReadAllLines(folder.File("clean/train.jsonl")).Length));

        Directory.CreateDirectory(folder.File("other"));
        File.Copy(eval, folder.File("other/eval.jsonl"));
        var (refused, _, message) = Checkout.Prefer("data", "dedupe", eval, folder.File("other/eval.jsonl"), "--output", folder.File("more/"));
        Assert.Equal(2, refused);
        Assert.Contains("have one name and would be one file there", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_output_nothing_is_written()
    {
        var path = Write("rows.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""");

        Assert.Equal(0, Checkout.Prefer("data", "dedupe", path).ExitCode);
        Assert.Equal([path], Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private string Write(string name, params string[] lines)
    {
        File.WriteAllLines(folder.File(name), lines);
        return folder.File(name);
    }
}
