using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary>The verbs on files, each in a process of its own.</summary>
public sealed class DataVerbTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prefer-verbs-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Inspect_shows_format_layout_and_rows()
    {
        var path = Write("pairs.jsonl", """{"prompt": "2+2?", "a": "4", "b": "5", "y": 0.25}""");

        var (exitCode, output, error) = Checkout.Prefer("data", "inspect", path, "--json");

        Assert.Equal((0, ""), (exitCode, error));
        var found = JsonNode.Parse(output)!;
        Assert.Equal(("jsonl", "labelled-pair", "5"), ((string)found["format"]!, (string)found["layouts"]![0]!, (string)found["first"]![0]!["chosen"]!));

        var (_, text, table) = Checkout.Prefer("data", "inspect", path);
        Assert.Equal($"{path}:1\n[user]\n2+2?\n[chosen, P = 0.75, assistant]\n5\n[rejected, assistant]\n4\n\n", text);
        Assert.Contains("JSON Lines", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Stats_counts_and_tells_of_rows_left_out()
    {
        var path = Write("pairs.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""", "{", """{"prompt": "p", "chosen": "same", "rejected": "same"}""");

        var (exitCode, output, error) = Checkout.Prefer("data", "stats", path, "--on-bad-row", "skip", "--json");

        Assert.Equal(0, exitCode);
        Assert.StartsWith($"warning: left out {path}:2: ", error, StringComparison.Ordinal);
        var statistics = JsonNode.Parse(output)!["statistics"]!;
        Assert.Equal((2, 1, 1), ((int)statistics["pair_count"]!, (int)statistics["prompt_count"]!, (int)statistics["identical_count"]!));
    }

    [Fact]
    public void A_bad_row_is_bad_input_and_its_line_is_named()
    {
        var path = Write("pairs.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""", "{");

        var (exitCode, output, error) = Checkout.Prefer("data", "stats", path);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"prefer: {path}:2: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_writes_what_reads_back_and_does_not_write_over_files()
    {
        var path = Write("pairs.json", """[{"prompt": "p", "chosen": "yes", "rejected": "no"}, {"prompt": "p", "chosen": "", "rejected": "no"}]""");
        var output = Path.Combine(folder, "out.jsonl");

        Assert.Equal(0, Checkout.Prefer("data", "convert", path, "--output", output, "--usable-only").ExitCode);
        Assert.Equal("""{"prompt":[{"role":"user","content":"p"}],"chosen":"yes","rejected":"no"}""" + "\n", File.ReadAllText(output));
        Assert.Equal(File.ReadAllText(output), Checkout.Prefer("data", "convert", output, "--output", "-").Output);

        Assert.Equal((2, "", $"prefer: {output} exists; choose another name, or write over it with --overwrite.\n"), Checkout.Prefer("data", "convert", path, "--output", output));
        Assert.Equal(0, Checkout.Prefer("data", "convert", path, "--output", output, "--overwrite").ExitCode);
        Assert.Equal(2, File.ReadAllLines(output).Length);
    }

    [Fact]
    public void Agreement_tells_of_votes_annotators_and_systems()
    {
        var path = Write("votes.jsonl",
            """{"prompt": "p", "a": "x1", "b": "y1", "y": 1, "votes": [{"annotator": "k", "vote": "a"}, {"annotator": "l", "vote": "a"}], "left": "x", "right": "y"}""",
            """{"prompt": "q", "a": "y2", "b": "x2", "y": 0.25, "votes": [{"annotator": "k", "vote": "b"}, {"annotator": "l", "vote": "tie"}], "left": "y", "right": "x"}""",
            """{"prompt": "r", "chosen": "yes", "rejected": "no", "left": null, "right": null}""");
        string[] arguments = ["data", "agreement", path, "--columns", "model_a=left,model_b=right"];

        var (exitCode, output, error) = Checkout.Prefer([.. arguments, "--json"]);

        Assert.Equal((0, ""), (exitCode, error));
        var found = JsonNode.Parse(output)!["metrics"]!;
        Assert.Equal((3, 2, 4, 0.5), ((int)found["comparisons"]!, (int)found["voted"]!, (int)found["votes"]!, (double)found["agreement"]!["raw"]!));
        Assert.Equal(2, found["agreement"]!["raw_ci95"]!.AsArray().Count);
        Assert.Equal((0.5, "k"), ((double)found["cohen_kappa"]!["raw"]!, (string)found["annotators"]![0]!["annotator"]!));
        Assert.Equal((1.0, "x", 0.875), ((double)found["annotators"]![0]!["reliability"]!, (string)found["systems"]!["table"]![0]!["system"]!, (double)found["systems"]!["table"]![0]!["win_rate"]!));

        var (_, text, tables) = Checkout.Prefer(arguments);
        Assert.Equal("", text);
        Assert.All((string[])["Fleiss's kappa", "Cohen's kappa", "rating"], word => Assert.Contains(word, tables, StringComparison.Ordinal));
    }

    [Fact]
    public void Agreement_names_systems_without_strengths_and_refuses_data_without_votes()
    {
        var sided = Write("sided.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no", "votes": ["a", "a"], "model_a": "x", "model_b": "y"}""");
        var (exitCode, output, error) = Checkout.Prefer("data", "agreement", sided, "--json");
        Assert.Equal(0, exitCode);
        Assert.Null(JsonNode.Parse(output)!["metrics"]!["systems"]!["table"]![0]!["strength"]);
        Assert.StartsWith("warning: no strengths of systems: all votes between these groups are for one side, or there are none: x | y; ", error, StringComparison.Ordinal);
        Assert.Equal("", Checkout.Prefer("data", "agreement", sided, "--json", "--strength-penalty", "0.1").Error);

        var without = Write("none.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""");
        (exitCode, _, error) = Checkout.Prefer("data", "agreement", without);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("prefer: found no votes on 1 comparisons; ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_puts_every_row_on_one_side_and_no_prompt_on_both()
    {
        var path = Write("pairs.jsonl", [.. Enumerable.Range(0, 40).Select(index => $$"""{"prompt": "p{{index / 2}}", "chosen": "a{{index}}", "rejected": "b"}""")]);

        var (exitCode, output, _) = Checkout.Prefer("data", "split", path, "--output", Path.Combine(folder, "parts"), "--eval-fraction", "0.25", "--json");

        Assert.Equal(0, exitCode);
        Assert.Equal((30, 10), ((int)JsonNode.Parse(output)!["train_count"]!, (int)JsonNode.Parse(output)!["eval_count"]!));
        var (train, eval) = (File.ReadAllLines(Path.Combine(folder, "parts/train.jsonl")), File.ReadAllLines(Path.Combine(folder, "parts/eval.jsonl")));
        Assert.Equal(40, train.Concat(eval).Distinct().Count());
        Assert.Empty(train.Select(Prompt).Intersect(eval.Select(Prompt)));
    }

    [Fact]
    public void A_trained_tokenizer_gives_its_texts_back()
    {
        var texts = Write("texts.txt", [.. Enumerable.Repeat("the cat sat on the mat", 20)]);
        var tokenizer = Path.Combine(folder, "tokenizer.json");

        var (trained, output, _) = Checkout.Prefer("tokenizer", "train", texts, "--output", tokenizer, "--vocabulary-size", "270", "--json");
        Assert.Equal(0, trained);
        Assert.Equal(270, (int)JsonNode.Parse(output)!["vocabulary_size"]!);

        var rows = Write("rows.jsonl", """{"id": 3, "text": "the cat"}""", """{"text": ""}""");
        var (exitCode, lines, error) = Checkout.Prefer("tokenize", "--model", folder, "--data", rows, "--json");
        Assert.Equal((0, ""), (exitCode, error));
        var parsed = lines.TrimEnd().Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(2, parsed.Count);
        Assert.Equal(3, (int)parsed[0]["id"]!);
        Assert.Equal("the cat", Tokenizer.Load(tokenizer).Decode([.. parsed[0]["ids"]!.AsArray().Select(id => (int)id!)]));
        Assert.Empty(parsed[1]["ids"]!.AsArray());
    }

    [Fact]
    public void A_trained_wordpiece_tokenizer_reads_its_words()
    {
        var texts = Write("texts.txt", [.. Enumerable.Repeat("The cat sat on the mat", 20)]);
        var output = Path.Combine(folder, "pieces");
        Assert.Equal(0, Checkout.Prefer("tokenizer", "train", texts, "--kind", "wordpiece", "--output", output).ExitCode);
        var (exitCode, lines, _) = Checkout.Prefer("tokenize", "--model", output, "--data", Write("rows.jsonl", """{"text": "the CAT"}"""));
        Assert.Equal((0, "[CLS] the cat [SEP]"), (exitCode, string.Join(' ', lines.Trim().Split(' ').Select(piece => piece[(piece.IndexOf(':', StringComparison.Ordinal) + 1)..]))));

        var (refused, _, error) = Checkout.Prefer("tokenizer", "train", texts, "--kind", "wordpiece", "--for", "decoder", "--output", output, "--overwrite");
        Assert.Equal(2, refused);
        Assert.Contains("--kind wordpiece is for encoders", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_without_tokenizer_json_is_read_by_its_model_type()
    {
        Write("vocab.txt", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "##s");
        Write("config.json", """{"model_type": "bert"}""");
        var (exitCode, lines, _) = Checkout.Prefer("tokenize", "--model", folder, "--data", Write("rows.jsonl", """{"text": "Cats"}"""));
        Assert.Equal((0, "2:[CLS] 5:cat 6:##s 3:[SEP]"), (exitCode, lines.Trim()));
    }

    [Fact]
    public void A_tokenizer_that_is_none_is_bad_input()
    {
        var path = Write("tokenizer.json", "{}");

        var (exitCode, output, error) = Checkout.Prefer("tokenize", Write("text.jsonl", """{"text": "a"}"""), "--model", path);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("prefer: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static string Prompt(string line) => JsonNode.Parse(line)!["prompt"]!.ToJsonString();

    private string Write(string name, params string[] lines)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllLines(path, lines);
        return path;
    }
}
