using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Report;
using Prefer.Tests.Training;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer report</c>, and the page and card that <c>prefer train</c> leaves, of the real process.</summary>
public sealed class ReportVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_writes_the_page_of_a_run_and_the_model_s_card()
    {
        SampleRun.WriteTo(folder.Path);

        var (exitCode, output, error) = Checkout.Prefer("report", folder.Path, "--card", folder.Path, "--license", "mit", "--json");

        Assert.True(exitCode == 0, error);
        Assert.Equal(folder.File("report.html"), (string)JsonNode.Parse(output)!["report"]!);
        Assert.Contains("Overfitting sets in at step 400.", File.ReadAllText(folder.File("report.html")), StringComparison.Ordinal);
        Assert.StartsWith("---\nlicense: \"mit\"\n", File.ReadAllText(folder.File("README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void It_says_what_is_missing()
    {
        Assert.Equal((2, "", $"prefer: {folder.Path}: found neither run.json of prefer train nor result.json of prefer eval --output; expected one of them; name their folder\n"), Checkout.Prefer("report", folder.Path));
        Assert.Equal(2, Checkout.Prefer("report").ExitCode);
        Assert.Equal(2, Checkout.Prefer("report", folder.Path, "--license", "mit").ExitCode);
    }

    [Fact]
    public void A_run_leaves_its_page_and_card_unless_it_is_told_not_to()
    {
        using var small = new SmallRun();

        var (exitCode, _, error) = Checkout.Prefer([.. small.Arguments("run"), "--no-cache"]);

        Assert.True(exitCode == 0, error);
        Assert.Contains("completed, 24 steps", File.ReadAllText(Path.Combine(small.File("run"), "report.html")), StringComparison.Ordinal);
        Assert.Contains("type: accuracy", File.ReadAllText(Path.Combine(small.File("run"), "README.md")), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(small.File("run"), "README.md"), "mine");
        (exitCode, _, error) = Checkout.Prefer([.. small.Arguments("run"), "--no-cache", "--overwrite"]);
        Assert.Equal((0, "mine"), (exitCode, File.ReadAllText(Path.Combine(small.File("run"), "README.md"))));
        Assert.Contains("README.md", error, StringComparison.Ordinal);

        (exitCode, _, error) = Checkout.Prefer([.. small.Arguments("quiet"), "--no-cache", "--no-report"]);
        Assert.True(exitCode == 0, error);
        Assert.False(File.Exists(Path.Combine(small.File("quiet"), "report.html")));
        Assert.False(File.Exists(Path.Combine(small.File("quiet"), "README.md")));
    }
}
