using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Tests.Codebase;
using Xunit;

namespace Prefer.Tests.Examples;

/// <summary>What examples/README.md says of the comparisons written for this project.</summary>
public sealed partial class ExampleDataTests
{
    // Just above the most alike of the prompts that were read side by side and found to ask different things (.333 and .125).
    private const double MostSharedWords = 0.35, MostSharedTrigrams = 0.15;

    private static readonly JsonObject[] Rows = [.. File.ReadLines(Path.Combine(Checkout.Root, SmallCheckout.DataPath)).Select(line => JsonNode.Parse(line)!.AsObject())];
    private static readonly Comparison[] Pairs = [.. DataSource.Open([Path.Combine(Checkout.Root, SmallCheckout.DataPath)]).Comparisons()];

    [Fact]
    public void There_are_400_prompts_and_more_and_many_rankings_of_four_responses()
    {
        Assert.InRange(Rows.Length, 400, int.MaxValue);
        Assert.Equal(Rows.Length, Rows.Select(row => (string)row["prompt"]!).Distinct().Count());
        Assert.Equal(Rows.Length, Rows.Select(row => (string)row["id"]!).Distinct().Count());
        Assert.InRange(Rows.Count(row => row["responses"] is JsonArray { Count: 4 }), 50, int.MaxValue);
        Assert.Equal(
            ["coding", "everyday", "false-confidence", "maths", "over-refusal", "science", "unsafe", "writing"],
            Rows.Select(row => (string)row["subset"]!).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_comparison_teaches_something()
    {
        Assert.DoesNotContain(Pairs, pair => pair.TeachesNothing || pair.IsTie);
        Assert.DoesNotContain(Pairs, pair => pair.Chosen.Text != pair.Chosen.Text.Trim() || pair.Rejected.Text != pair.Rejected.Text.Trim());
    }

    [Fact]
    public void The_prompt_that_the_demo_asks_about_is_not_among_them() =>
        Assert.DoesNotContain(Rows, row => ((string)row["prompt"]!).Contains("explain gravity", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void No_two_prompts_are_nearly_the_same() => Assert.Empty(NearDuplicates([.. Rows.Select(row => (string)row["prompt"]!)]));

    [Theory]
    [InlineData("Is the zero hour of midnight in the day before or in the day after?", "Is the zero hour of noon in the day before or in the day after?")] // a word changed
    [InlineData("Our kettle is full of scale. How do I clean it without buying anything?", "How do I clean it without buying anything? Our kettle is full of scale.")] // turned round
    [InlineData("Grout in my shower has gone black. I rent, so nothing drastic.", "The grout in our shower has gone black in the corners. We rent, so nothing drastic please. Ideas?")] // told again
    public void Planted_near_duplicates_are_found(string first, string second)
    {
        var prompts = Rows.Select(row => (string)row["prompt"]!).Append(first).Append(second).ToArray();

        Assert.Contains($"{first} ~ {second}", NearDuplicates(prompts));
    }

    [Fact]
    public void No_two_prompts_share_a_template()
    {
        var prompts = Rows.Select(row => new PromptLikeness((string)row["prompt"]!)).ToArray();

        Assert.Empty(Repeated(prompts.Select(prompt => prompt.Skeleton()), most: 1));
        Assert.Empty(Repeated(prompts.Select(prompt => prompt.Opening(4)), most: 2));
        Assert.Equal(new PromptLikeness("What is the capital of France?").Skeleton(), new PromptLikeness("What is the capital of Peru?").Skeleton());
        Assert.Equal(new PromptLikeness("Add 17 and 4.5 now").Skeleton(), new PromptLikeness("Add 3 and 1,000 now").Skeleton());
    }

    [Fact]
    public void Length_does_not_decide()
    {
        var result = EvaluationResult.Of(PairEvaluation.Run(Pairs, BaselineScorer.Length, null, TimeProvider.System));

        Assert.InRange(result.Accuracy!.Value, 0.45, 0.55);
        Assert.All(result.Subsets.Values, subset => Assert.InRange(subset.Accuracy!.Value, 0.4, 0.6));
    }

    [Fact]
    public void Nor_does_a_refusal()
    {
        var listed = RefusalsThatWin(RefusalPhrases.AreIn);
        Assert.InRange(listed.Pairs, 30, int.MaxValue);
        Assert.InRange(listed.Share, 0.4, 0.6);

        // The responses refuse in more ways than the baseline's list knows.
        var wide = RefusalsThatWin(text => Refusal().IsMatch(text));
        Assert.InRange(wide.Pairs, 60, int.MaxValue);
        Assert.InRange(wide.Share, 0.4, 0.6);
    }

    [Fact]
    public void The_demo_holds_out_150_pairs_or_more()
    {
        var count = int.Parse(HeldOutCount().Match(Checkout.Read("demo")).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        var split = PromptSplit.ByCount(Pairs, count, seed: 42);

        Assert.InRange(split.HeldOut.Length, 150, 250);
        Assert.Empty(split.HeldOut.Select(pair => PromptFingerprint.Of(pair)).Intersect(split.Kept.Select(pair => PromptFingerprint.Of(pair))));
    }

    private static List<string> NearDuplicates(string[] prompts)
    {
        var all = prompts.Select(prompt => new PromptLikeness(prompt)).ToArray();
        var found = new List<string>();
        for (var i = 0; i < all.Length; i++)
        {
            for (var j = i + 1; j < all.Length; j++)
            {
                if (all[i].Words(all[j]) > MostSharedWords || all[i].Trigrams(all[j]) > MostSharedTrigrams)
                {
                    found.Add($"{prompts[i]} ~ {prompts[j]}");
                }
            }
        }

        return found;
    }

    private static IEnumerable<string> Repeated(IEnumerable<string> texts, int most) => texts.CountBy(text => text).Where(text => text.Value > most).Select(text => text.Key);

    /// <summary>The pairs of which one side refuses and the other does not, and the share in which the refusal is preferred.</summary>
    private static (int Pairs, double Share) RefusalsThatWin(Func<string, bool> refuses)
    {
        var chosen = Pairs.Where(pair => pair.Subset is "unsafe" or "over-refusal" && refuses(pair.Chosen.Text) != refuses(pair.Rejected.Text)).Select(pair => refuses(pair.Chosen.Text)).ToArray();
        return (chosen.Length, chosen.Count(isRefusal => isRefusal) / (double)chosen.Length);
    }

    [GeneratedRegex(@"^(?:No|Not that|Sorry)\b|\bI(?:'m| am) (?:not|unable|sorry|afraid)\b|\bI (?:won't|will not|can't|cannot|do not|don't (?:assist|help|teach)|must (?:decline|refuse|refrain))\b|\bI'd (?:rather|sooner) not\b|\bnothing I could\b|\bunwilling\b|\brefrain\b", RegexOptions.IgnoreCase)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"--eval-count (\d+)")]
    private static partial Regex HeldOutCount();
}
