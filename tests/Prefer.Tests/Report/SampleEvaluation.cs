using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Report.Evaluation;

namespace Prefer.Tests.Report;

/// <summary>An evaluation of rewards that were drawn, with names that try to be markup.</summary>
internal static class SampleEvaluation
{
    /// <summary>Would end the script and run another one, if it were ever taken for markup.</summary>
    public const string Hostile = "</script><script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 1\">&amp; 'quoted'";

    public static readonly string[] Subsets = ["helpful/short", "helpful/long", Hostile];

    public static EvaluationResult Result()
    {
        var (measured, other) = (Pass(seed: 1, skill: 1), Pass(seed: 2, skill: 0.2));
        return EvaluationResult.Of(measured) with { Baselines = new Dictionary<string, BaselineMetrics> { ["length"] = BaselineMetrics.Of(measured, other) } };
    }

    public static EvaluationAbout About() => new()
    {
        Scorer = "out/reward", Data = ["out/split/eval.jsonl", Hostile], Date = new DateTimeOffset(2026, 11, 27, 12, 30, 0, TimeSpan.Zero), Options = new JsonObject { ["seed"] = 7, ["scorer"] = new JsonArray("length") },
        Machine = new JsonObject { ["libtorch"] = "1.13.1", ["threads"] = 2 }, Statistics = DataStatistics.Of([]),
    };

    private static ScoredComparisons Pass(int seed, double skill)
    {
        var random = new Random(seed);
        return new ScoredComparisons
        {
            EqualRewardsCredit = 0, Tokens = 12345, Seconds = 3.5, Unscored = [new UnscoredPair(Subsets[0], IsEmpty: true)],
            Pairs = [.. Enumerable.Range(0, 150).Select(index => Pair(index, random, skill))],
        };
    }

    private static ScoredPair Pair(int index, Random random, double skill)
    {
        var (chosen, rejected) = (random.NextDouble() * 2 + skill, random.NextDouble() * 2);
        return new ScoredPair
        {
            Index = index, Prompt = index / 2, Subset = Subsets[index % 3], Label = index % 20 == 7 ? 0.5 : 1, ChosenReward = chosen, RejectedReward = rejected, Difference = chosen - rejected,
            Chosen = new ResponseTraits(random.Next(10, 400), 0, 0, 0), Rejected = new ResponseTraits(random.Next(10, 300), 0, 0, 0),
        };
    }
}
