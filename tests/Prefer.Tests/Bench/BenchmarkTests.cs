using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Examples;
using Xunit;

namespace Prefer.Tests.Bench;

/// <summary>The program behind bench/run, built with the tests, on models so small that their speed says nothing.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private const string Results = "results";

    // One of each kind; of training each network and each way of computing it.
    private static readonly string[] Cases =
    [
        "peak/fp32", "train/causal/data/fp32/padded", "train/causal/data/fp32/packed", "train/causal/data/fp32/shared", "train/encoder/data/fp32/padded", "train/encoder/data/fp32/packed",
        "train/causal/256+256/fp32/padded", "train/causal/256+256/fp32/shared", "score/encoder/fp32/padded", "score/encoder/fp32/packed", "best-of/causal/fp32/padded", "best-of/causal/fp32/shared",
        "tokenize/encoder", "load/causal", "train/encoder/data/bf16/sorted",
    ];

    private readonly SmallCheckout checkout = new(rowCount: 40);

    public void Dispose() => checkout.Dispose();

    [Fact]
    public void Cases_of_every_kind_run_and_their_figures_fit_each_other()
    {
        Program("prepare", "prepared", "tiny", SmallCheckout.DataPath);
        Assert.Empty(Cases.Except(Program("cases", "tiny").Split('\n')));
        File.WriteAllText(Path.Combine(checkout.Root, "lines.jsonl"), string.Concat(Cases.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(name => Program("case", name, "prepared", "0"))));
        Program("report", "lines.jsonl", Results, """{"date":"2001-02-03","amount":"tiny","rounds":1,"data":"d","tokenizer":"t"}""", "a-machine");

        var figures = JsonNode.Parse(File.ReadAllText(Path.Combine(checkout.Root, Results, "a-machine.json")))!["cases"]!;
        double Of(string name, string figure) => (double)figures[name]![figure]!["median"]!;
        foreach (var name in Cases.Where(name => name.StartsWith("train/", StringComparison.Ordinal) && name.Contains("/fp32/", StringComparison.Ordinal)))
        {
            Assert.True(Of(name, "mfu") > 0, name);
            Assert.Equal(3, figures[name]!["losses"]!.AsArray().Count);
            Assert.True(Of(name, "padded_tokens") >= Of(name, "real_tokens"), name);
            var expected = name.EndsWith("/shared", StringComparison.Ordinal) ? -1 : name.EndsWith("/packed", StringComparison.Ordinal) ? 0 : 1;
            Assert.Equal(Of(name, "padded_tokens") == Of(name, "real_tokens") && expected == 1 ? 0 : expected, Math.Sign(Of(name, "computed_tokens") - Of(name, "real_tokens")));
        }
        // 8 tokens of prompt and 8 of each response: 24 instead of 32.
        Assert.Equal(24.0 / 32, Of("train/causal/256+256/fp32/shared", "computed_tokens") / Of("train/causal/256+256/fp32/padded", "computed_tokens"));
        Assert.All(
            ["train/causal/data/fp32/packed", "train/causal/data/fp32/shared", "train/encoder/data/fp32/packed", "train/causal/256+256/fp32/shared", "best-of/causal/fp32/shared"],
            name => Assert.True((bool?)figures[name]!["agrees"], $"{name}: {figures[name]}"));
        var table = File.ReadAllText(Path.Combine(checkout.Root, Results, "a-machine.md"));
        Assert.Contains("| causal, data, fp32 | shared | ", table, StringComparison.Ordinal);
        Assert.Contains("5 cases were compared", table, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_name_is_refused_with_what_to_do()
    {
        var (exitCode, output, error) = checkout.Run("dotnet", Assembly, "case", "train/everything", ".", "0");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("Prefer.Benchmarks: case train/everything: no such case; the command cases lists them\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tables_of_the_readme_and_of_its_results_are_what_the_results_say()
    {
        var readme = Checkout.Read("README.md");
        var named = readme.Split("<!-- speed ")[1].Split(" -->")[0];
        var (copy, results) = (Path.Combine(checkout.Root, "README.md"), Path.Combine(checkout.Root, named));
        Directory.CreateDirectory(Path.GetDirectoryName(results)!);
        File.WriteAllText(copy, readme);
        File.Copy(Path.Combine(Checkout.Root, named), results);

        Program("readme", "README.md", named);

        Assert.Equal(readme, File.ReadAllText(copy));
        Assert.Equal(Checkout.Read(Path.ChangeExtension(named, ".md")), File.ReadAllText(Path.ChangeExtension(results, ".md")));
    }

    private static string Assembly => Path.Combine(Checkout.Root, "bench", "Prefer.Benchmarks", "bin", "Release", "net10.0", "Prefer.Benchmarks.dll");

    private string Program(params string[] arguments)
    {
        var (exitCode, output, error) = checkout.Run("dotnet", [Assembly, .. arguments]);
        Assert.True(exitCode == 0, $"{string.Join(' ', arguments)} ended with {exitCode}\n{error}");
        return output;
    }
}
