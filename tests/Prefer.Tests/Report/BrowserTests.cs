using System.Text;
using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Prefer.Report;
using Prefer.Report.Evaluation;
using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Report;

/// <summary>The pages in a real Chromium, opened as files and without a network.</summary>
public sealed partial class BrowserTests : IClassFixture<Chromium>, IDisposable
{
    private readonly Chromium chromium;
    private readonly TemporaryFolder folder = new();

    public BrowserTests(Chromium chromium) => this.chromium = chromium;

    public static TheoryData<string> Reports => ["training", "evaluation", "benchmark", "ratings"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("training", ColorScheme.Light)]
    [InlineData("training", ColorScheme.Dark)]
    [InlineData("evaluation", ColorScheme.Light)]
    [InlineData("evaluation", ColorScheme.Dark)]
    [InlineData("benchmark", ColorScheme.Light)]
    [InlineData("ratings", ColorScheme.Dark)]
    public async Task Axe_finds_nothing_wrong(string report, ColorScheme scheme)
    {
        var page = await Open(report, await chromium.NewPage(scheme));
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => { details.open = true; })");

        var found = await page.RunAxe();

        Assert.Empty(found.Violations.Select(violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Select(node => node.Html))}"));
        Assert.True(found.Passes.Length > 15, "axe looked at nothing");
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task It_asks_for_nothing_but_itself_and_logs_no_error(string report)
    {
        var page = await chromium.NewPage();
        var (asked, said) = (new List<string>(), new List<string>());
        page.Request += (_, request) => asked.Add(request.Url);
        page.Console += (_, message) => said.Add(message.Text);
        page.PageError += (_, error) => said.Add(error);

        await Open(report, page);

        Assert.Equal([page.Url], asked);
        Assert.Empty(said);
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task Every_figure_is_drawn_as_wide_as_its_place(string report)
    {
        var page = await Open(report, await chromium.NewPage());

        Assert.True(await page.Locator("figure").CountAsync() >= 1);
        Assert.Equal(await page.Locator("figure").CountAsync(), await page.Locator("figure .plot > svg").CountAsync());
        Assert.True(await page.EvaluateAsync<bool>("() => [...document.querySelectorAll('.plot')].every(plot => plot.firstChild.getBoundingClientRect().width <= plot.clientWidth && plot.clientWidth > 200)"));

        await page.SetViewportSizeAsync(500, 900);
        await page.WaitForFunctionAsync("() => [...document.querySelectorAll('.plot > svg')].every(svg => Number(svg.getAttribute('width')) < 500)");
    }

    [Fact]
    public async Task A_training_report_has_a_mark_for_each_evaluation_and_each_logged_line()
    {
        var page = await Open("training", await chromium.NewPage());

        Assert.Equal(SampleRun.EvaluationCount, await page.Locator("#loss .points circle").CountAsync());
        Assert.Equal(2, await page.Locator("#loss .plot g[aria-label=line] path").CountAsync());
        // A line of n points is one move and n − 1 lines.
        var path = await page.Locator("#loss .plot g[aria-label=line] path").First.GetAttributeAsync("d");
        Assert.Equal(SampleRun.LineCount - 1, path!.Count(character => character == 'L'));
        Assert.Contains("best, overfitting sets in", await page.Locator("#loss .plot").TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(SampleRun.LineCount, await page.Locator("#loss tbody tr").CountAsync());
    }

    [Fact]
    public async Task An_evaluation_report_has_a_dot_and_an_interval_for_each_subset()
    {
        var page = await Open("evaluation", await chromium.NewPage());

        // All, the sections, and the subsets.
        var rows = 1 + SampleEvaluation.Result().Sections.Count + SampleEvaluation.Subsets.Length;
        Assert.Equal(rows, await page.Locator("#accuracy-by-subset .points circle").CountAsync());
        Assert.Equal(rows, await page.Locator("#accuracy-by-subset tbody tr").CountAsync());
    }

    [Fact]
    public async Task An_interval_of_few_prompts_is_drawn_up_to_what_an_accuracy_can_be()
    {
        var wide = SampleEvaluation.Result() with { AccuracyCi95ByPrompt = new Interval(-0.4, 1.6) };
        var page = await chromium.NewPage();

        await page.GotoAsync($"file://{EvaluationFolder.Write(folder.Path, wide, SampleEvaluation.About())}");

        var ticks = await page.Locator("#accuracy-by-subset .plot").TextContentAsync();
        Assert.Contains("1.0", ticks, StringComparison.Ordinal);
        Assert.DoesNotContain("1.2", ticks, StringComparison.Ordinal);
        Assert.Contains("−0.400 to 1.600", await page.Locator("#accuracy-by-subset table").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_part_of_the_result_is_drawn_with_a_mark_for_each_of_its_numbers()
    {
        var result = SampleEvaluation.Result();
        var page = await Open("evaluation", await chromium.NewPage());

        Assert.Equal(result.Calibration!.Curve.Length, await page.Locator("#reliability .points circle").CountAsync());
        Assert.Equal(result.Margins!.Histogram.Length, await page.Locator("#margins .bars rect").CountAsync());
        Assert.Equal(3, await page.Locator("#length-sides tbody tr").CountAsync());
        Assert.Equal(result.RewardByLength.Length, await page.Locator("#reward-by-length .points circle").CountAsync());
        Assert.Equal(2 * result.BestOfN.Count, await page.Locator("#best-of-n .points circle").CountAsync());
        Assert.Equal(2, await page.Locator("#must-not-matter .points circle").CountAsync());
        Assert.Equal(2, await page.Locator("#must-matter .points circle").CountAsync());
        Assert.Equal(1, await page.Locator("#over-models .points circle").CountAsync());
        Assert.Equal(2, await page.Locator("#agreement").GetByRole(AriaRole.Group, new LocatorGetByRoleOptions { Name = "Annotator by annotator" }).Locator("tbody tr").CountAsync());
        Assert.Equal(2, await page.Locator(".findings li").CountAsync());
    }

    [Fact]
    public async Task Mistakes_show_both_texts_whole_and_shade_their_tokens()
    {
        var page = await Open("evaluation", await chromium.NewPage());
        var first = page.Locator(".mistake").First;

        Assert.Equal("Hello there, how are you?", await first.GetByRole(AriaRole.Group, new LocatorGetByRoleOptions { Name = "Chosen response of mistake 1" }).TextContentAsync());
        Assert.Equal(SampleEvaluation.Hostile, await first.GetByRole(AriaRole.Group, new LocatorGetByRoleOptions { Name = "Rejected response of mistake 1" }).TextContentAsync());
        Assert.True(await first.Locator(".plus").CountAsync() > 0 && await first.Locator(".minus").CountAsync() > 0);
        Assert.Contains("falls most at", await first.Locator(".side-title").First.TextContentAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator(".mistake").Nth(1).Locator(".plus, .minus").CountAsync());
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task The_keyboard_reaches_everything_that_can_be_used(string report)
    {
        var page = await Open(report, await chromium.NewPage());
        var count = await page.EvaluateAsync<int>("() => { window.reached = new Set(); window.usable = [...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')].filter(element => element.checkVisibility()); return window.usable.length; }");
        Assert.True(count > 5);

        for (var press = 0; press < count + 2; press++)
        {
            await page.Keyboard.PressAsync("Tab");
            await page.EvaluateAsync("() => { window.reached.add(document.activeElement); }");
        }

        Assert.Equal(0, await page.EvaluateAsync<int>("() => window.usable.filter(element => !window.reached.has(element)).length"));
        await page.Locator("summary").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.True(await page.Locator("details").First.Locator("table").IsVisibleAsync());
    }

    [Theory]
    [InlineData("training", 360)]
    [InlineData("evaluation", 360)]
    [InlineData("training", 1100)]
    [InlineData("evaluation", 1100)]
    public async Task Nothing_runs_out_of_the_window(string report, int width)
    {
        var page = await Open(report, await chromium.NewPage(width: width));
        await page.EvaluateAsync("() => document.querySelectorAll('details').forEach(details => { details.open = true; })");

        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
    }

    [Theory]
    [MemberData(nameof(Reports))]
    public async Task It_prints(string report)
    {
        var page = await Open(report, await chromium.NewPage());

        var pdf = Encoding.Latin1.GetString(await page.PdfAsync());

        Assert.StartsWith("%PDF", pdf, StringComparison.Ordinal);
        Assert.InRange(PdfPage().Count(pdf), 1, 20);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print, ColorScheme = ColorScheme.Dark });
        Assert.Equal("rgb(255, 255, 255)", await page.EvaluateAsync<string>("() => getComputedStyle(document.body).backgroundColor"));
        Assert.False(await page.Locator("nav").IsVisibleAsync());
    }

    [Theory]
    [InlineData("training", "0.800", "loss")]
    [InlineData("evaluation", "out/split/eval.jsonl", "accuracy-by-subset")]
    public async Task Without_scripts_every_number_is_there(string report, string text, string figure)
    {
        var page = await Open(report, await chromium.NewPage(hasScript: false));

        Assert.True(await page.GetByText("This chart is drawn by a script, which does not run here.").First.IsVisibleAsync());
        Assert.Contains(text, await page.ContentAsync(), StringComparison.Ordinal);
        await page.Locator($"#{figure} summary").ClickAsync();
        Assert.True(await page.Locator($"#{figure} table").IsVisibleAsync());
    }

    [Fact]
    public async Task Names_that_try_to_be_markup_are_shown_as_they_are()
    {
        var page = await Open("evaluation", await chromium.NewPage());

        Assert.Equal("undefined", await page.EvaluateAsync<string>("() => typeof window.hacked"));
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Contains(SampleEvaluation.Hostile, await page.Locator("#accuracy-by-subset tbody").TextContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_policy_lets_no_other_script_run_and_nothing_in()
    {
        var page = await chromium.NewPage();
        var path = Write("evaluation");
        File.WriteAllText(path, File.ReadAllText(path).Replace("</main>", "<script>window.hacked = 1</script><img id=\"foreign\" src=\"report.png\"></main>", StringComparison.Ordinal));
        var refused = new List<string?>();
        page.RequestFailed += (_, request) => refused.Add(request.Failure);

        await page.GotoAsync($"file://{path}");

        Assert.Equal("undefined", await page.EvaluateAsync<string>("() => typeof window.hacked"));
        Assert.Equal(["csp"], refused);
    }

    private async Task<IPage> Open(string report, IPage page)
    {
        await page.GotoAsync($"file://{Write(report)}");
        return page;
    }

    private string Write(string report)
    {
        switch (report)
        {
            case "evaluation":
                return EvaluationFolder.Write(folder.Path, SampleEvaluation.Result(), SampleEvaluation.About());
            case "benchmark":
                return EvaluationFolder.Write(folder.Path, SampleEvaluation.Benchmark(), SampleEvaluation.About());
            case "ratings":
                return EvaluationFolder.Write(folder.Path, SampleEvaluation.Ratings(), SampleEvaluation.About());
            default:
                SampleRun.WriteTo(folder.Path);
                return ReportFile.Write(folder.Path);
        }
    }

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PdfPage();
}
