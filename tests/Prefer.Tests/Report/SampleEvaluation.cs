using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Benchmarks;
using Prefer.Evaluation.Diagnosis;
using Prefer.Evaluation.Robustness;
using Prefer.Models;
using Prefer.Report.Evaluation;
using Prefer.Statistics;

namespace Prefer.Tests.Report;

/// <summary>An evaluation of rewards that were drawn, with names and texts that try to be markup.</summary>
internal static class SampleEvaluation
{
    /// <summary>Would end the script and run another one, if it were ever taken for markup.</summary>
    public const string Hostile = "</script><script>window.hacked = 1</script><img src=x onerror=\"window.hacked = 1\">&amp; 'quoted'";

    public static readonly string[] Subsets = ["helpful/short", "helpful/long", Hostile];

    public static EvaluationResult Result()
    {
        var (measured, other) = (Pass(seed: 1, skill: 1), Pass(seed: 2, skill: 0.2));
        return EvaluationResult.Of(measured) with
        {
            Baselines = new Dictionary<string, BaselineMetrics> { ["length"] = BaselineMetrics.Of(measured, other) },
            Calibration = CalibrationMetrics.Of(measured.Pairs, seed: 1),
            Margins = MarginDistribution.Of(measured.Pairs),
            Length = TraitMetrics.OfLength(measured.Pairs, equal: 0),
            RewardByLength = RewardByLength.Of(measured.Pairs),
            Style = StyleMetrics.Of(measured.Pairs, equal: 0),
            Rankings = RankingMetrics.Of(measured.Rankings),
            BestOfN = BestOfNPoint.CurveOf(measured.Rankings),
            Models = new Dictionary<string, ModelComparison> { ["out/other"] = ModelComparison.Of(measured.Pairs, other.Pairs, seed: 1) },
            Agreement = AgreementMetrics.Of(measured.Pairs, seed: 1)! with { Systems = new SystemsBesideModel(Systems(0.4), Systems(-0.1), StrengthSpearman: 1, WinRateSpearman: 1) },
            Robustness = Robustness(),
            Diagnosis = Diagnosis(),
        };
    }

    public static EvaluationAbout About() => new()
    {
        Scorer = "out/reward", Data = ["out/split/eval.jsonl", Hostile], Date = new DateTimeOffset(2026, 11, 27, 12, 30, 0, TimeSpan.Zero),
        Options = new JsonObject { ["seed"] = 7, ["scorer"] = new JsonArray("length") }, Machine = new JsonObject { ["libtorch"] = "1.13.1", ["threads"] = 2 }, Statistics = DataStatistics.Of([]),
    };

    public static BenchmarkResult Benchmark() => new()
    {
        Benchmark = BenchmarkKind.Rewardbench, Score = 0.81, ScoreCi95 = new Interval(0.78, 0.84), ScoreOf = ["Chat", "Safety"], Missing = ["Reasoning"], Items = 812, Seconds = 40, Tokens = 99999,
        Sections = new Dictionary<string, BenchmarkPart> { ["Chat"] = new(0.9, new Interval(0.87, 0.93), 400), ["Safety"] = new(0.72, null, 412) },
        Subsets = new Dictionary<string, BenchmarkPart> { [Hostile] = new(0.9, new Interval(0.87, 0.93), 400, 400), ["xstest"] = new(null, null, 0, 154) },
        Baselines = new Dictionary<string, BenchmarkResult>
        {
            ["length"] = new() { Benchmark = BenchmarkKind.Rewardbench, Score = 0.5, ScoreCi95 = null, ScoreOf = ["Chat"], Missing = [], Sections = new Dictionary<string, BenchmarkPart>(), Subsets = new Dictionary<string, BenchmarkPart>() },
        },
    };

    public static RatingResult Ratings()
    {
        var random = new Random(4);
        ScoredRating[] ratings =
        [
            .. Enumerable.Range(0, 60).Select(index => new ScoredRating
            {
                Prompt = index / 3, Subset = index % 2 == 0 ? Hostile : "plain", Score = index % 5, Reward = index % 5 + random.NextDouble() * 4, RaterScores = [index % 5, (index + random.Next(2)) % 5],
                Traits = new ResponseTraits(random.Next(5, 90), 0, 0, 0),
            }),
        ];
        return new RatingResult { Dimensions = new Dictionary<string, DimensionMetrics> { ["helpfulness"] = new DimensionMetrics(ratings) }, Empty = 0, BadRows = 0, Seconds = 1 };
    }

    private static SystemMetrics Systems(double strength) => new()
    {
        Votes = 40, Penalty = 0, Groups = [["alpha", Hostile]],
        Table =
        [
            new SystemRow { System = "alpha", Votes = 40, WinRate = 0.6, Strength = strength, StrengthCi95 = new Interval(strength - 0.3, strength + 0.3) },
            new SystemRow { System = Hostile, Votes = 40, WinRate = 0.4, Strength = -strength },
        ],
    };

    private static ScoredComparisons Pass(int seed, double skill)
    {
        var random = new Random(seed);
        return new ScoredComparisons
        {
            EqualRewardsCredit = 0, Tokens = 12345, Seconds = 3.5, Unscored = [new UnscoredPair(Subsets[0], IsEmpty: true)],
            Pairs = [.. Enumerable.Range(0, 150).Select(index => Pair(index, random, skill))],
            Rankings = [.. Enumerable.Range(0, 20).Select(index => Ranking(index, random))],
        };
    }

    private static ScoredPair Pair(int index, Random random, double skill)
    {
        var (chosen, rejected) = (random.NextDouble() * 2 + skill, random.NextDouble() * 2);
        return new ScoredPair
        {
            Index = index, Prompt = index / 2, Subset = Subsets[index % 3], Label = index % 20 == 7 ? 0.5 : 1, ChosenReward = chosen, RejectedReward = rejected, Difference = chosen - rejected,
            Votes = [new Vote("ann", random.Next(4) > 0 ? Choice.Chosen : Choice.Rejected), new Vote("bo", random.Next(4) > 0 ? Choice.Chosen : Choice.Tie)],
            Chosen = new ResponseTraits(random.Next(10, 400), random.Next(3), random.Next(5), random.Next(4)), Rejected = new ResponseTraits(random.Next(10, 300), random.Next(2), random.Next(5), random.Next(4)),
        };
    }

    private static ScoredRanking Ranking(int prompt, Random random)
    {
        double[] scores = [.. Enumerable.Range(0, 8).Select(_ => (double)random.Next(1, 6))];
        return new ScoredRanking { Prompt = prompt, Scores = [.. scores], Rewards = [.. scores.Select(score => score + random.NextDouble() * 5)] };
    }

    private static RobustnessMetrics Robustness()
    {
        var change = new RewardChange(-0.12, 0.2, -0.6, -0.1, 0.3);
        HarmlessMetrics Harmless(int flips) => new()
        {
            Pairs = 60, Responses = 120, Flips = flips, FlipRate = flips / 120.0, FlipRateCi95 = Proportion.Wilson(flips, 120), FlipRateCi95ByPrompt = null, Change = change,
        };
        HarmfulMetrics Harmful(int falls) => new()
        {
            Pairs = 60, Falls = falls, FallRate = falls / 60.0, FallRateCi95 = Proportion.Wilson(falls, 60), FallRateCi95ByPrompt = null, Change = change,
        };
        return new RobustnessMetrics
        {
            Pairs = 60, Scored = 900, Seed = 7, RewardDeviation = 1.3,
            MustNotMatter = new Dictionary<string, HarmlessMetrics> { ["trailing_space"] = Harmless(2), ["typographic_quotes"] = Harmless(9) },
            MustMatter = new Dictionary<string, HarmfulMetrics> { ["shuffled_sentences"] = Harmful(41), ["refusal"] = Harmful(55) },
        };
    }

    private static DiagnosisMetrics Diagnosis() => new()
    {
        Pairs = 151, ScoredPairs = 150, Identical = 0, Empty = 1, ControlTokenPairs = 3, ControlTokens = new Dictionary<string, long> { ["<|im_start|>"] = 3 }, TranscriptPairs = 0, SeveralTurnsPairs = 12,
        SaturatedPairs = 0, SaturatedShare = 0, EqualRewards = 0, RewardMean = 1.2, RewardDeviation = 0.8, TrainingOverlap = null,
        Tokens = new TokenDiagnosis { Responses = 300, Tokens = 12345, Truncated = 4, TruncatedShare = 4 / 300.0, BecameIdenticalByTruncation = 0, DoubledStart = 0, MissingStart = null, Unknown = 17, UnknownShare = 0.001 },
        Findings = [new Finding(Severity.Warning, "control_tokens", 3, $"3 comparisons hold {Hostile}.", "Give them as messages."), new Finding(Severity.Note, "truncated", 4, "4 responses were cut.", "Raise --max-length.")],
        Wrong = [Wrong(0, "Say hello.", "Hello there, how are you?", Hostile), Wrong(1, Hostile, "No.", "Certainly! Here is a long answer that says nothing at all, twice.")],
    };

    private static WrongComparison Wrong(int index, string prompt, string chosen, string rejected) => new()
    {
        Index = index, Origin = $"eval.jsonl:{index + 1}", Id = $"row-{index}", Subset = Subsets[2], Prompt = [new Message("user", prompt)], Chosen = chosen, Rejected = rejected,
        ChosenReward = -0.4, RejectedReward = 1.9 - index, Difference = -2.3 + index, Probability = Logistic.Sigmoid(-2.3 + index),
        ChosenTokens = index == 0 ? Tokens(chosen[5..^4], -0.4) : null, RejectedTokens = index == 0 ? Tokens(rejected, 1.9) : null,
    };

    private static TokenReward[] Tokens(string text, double last)
    {
        var random = new Random(text.Length);
        TokenReward[] tokens = [.. text.Chunk(4).Select(part => new TokenReward(new string(part), random.NextDouble() * 2 - 1))];
        tokens[^1] = tokens[^1] with { Reward = last };
        return tokens;
    }
}
