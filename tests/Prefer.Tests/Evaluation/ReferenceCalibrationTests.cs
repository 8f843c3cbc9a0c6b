using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Models;
using Prefer.Statistics;
using Prefer.Tests.Models;
using Prefer.Tests.Statistics;
using Prefer.Tests.Torch;
using Xunit;

namespace Prefer.Tests.Evaluation;

[Collection(ProcessWide.Name)]
public sealed class ReferenceCalibrationTests : IDisposable
{
    private static readonly string[] Answers = ["Hello!", "No idea.", "Water boils at a hundred degrees.", "The quick brown fox", "def add", "Look it up yourself, please."];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void Every_distinct_response_counts_once(string family)
    {
        using var model = SmallTextModel.Create(family, folder.Path);
        // The first answer to p comes three times, once to q; identical and empty sides are not scored; of the ranking's pairs one is a tie.
        Judgement[] rows =
        [
            Pair("p", 0, 1), Pair("p", 0, 2), Pair("q", 0, 3), Pair("q", 4, 5, 0.5), Pair("r", 2, 1, 0.75), Pair("s", 5, 5),
            new Comparison { Prompt = [new Message("user", "p")], Chosen = Response.FromText("never scored"), Rejected = Response.FromText(" ") },
            new Ranking { Prompt = [new Message("user", "p")], Responses = [.. new[] { 3, 0, 4 }.Select(index => Response.FromText(Answers[index]))], Scores = [2, 1, 1] },
        ];

        var found = ReferenceCalibration.Run(rows, new ModelScorer(model), skipped: null);

        double Reward(string prompt, int answer) => model.Score(prompt, Answers[answer]);
        double[] rewards = [Reward("p", 0), Reward("p", 1), Reward("p", 2), Reward("q", 0), Reward("q", 3), Reward("q", 4), Reward("q", 5), Reward("r", 2), Reward("r", 1), Reward("p", 3), Reward("p", 4)];
        var mean = rewards.Average();
        Assert.Equal((11, 8), (found.Responses, found.Pairs));
        // Rewards of one by one and in a batch are equal to rounding in fp32, which their mean and deviation inherit.
        var scale = rewards.Max(Math.Abs);
        Assert.Equal(mean, found.Mean, 2e-5 * scale);
        Assert.Equal(Math.Sqrt(rewards.Sum(reward => (reward - mean) * (reward - mean)) / 10), found.Deviation, 2e-5 * scale);
        Assert.Equal((rewards.Min(), rewards.Max()), (found.Quantiles[0].Value, found.Quantiles[^1].Value), Near(2e-5 * scale));
        var fit = TemperatureScaling.Fit(
            [.. new (string Prompt, int First, int Second)[] { ("p", 0, 1), ("p", 0, 2), ("q", 0, 3), ("q", 4, 5), ("r", 2, 1), ("p", 3, 0), ("p", 3, 4), ("p", 0, 4) }
                .Select(pair => Reward(pair.Prompt, pair.First) - Reward(pair.Prompt, pair.Second))],
            [1, 1, 1, 0.5, 0.75, 1, 1, 0.5]);
        Assert.Equal(fit.Minimum, found.TemperatureMinimum);
        Assert.Equal(fit.Temperature ?? 0, found.Temperature ?? 0, 1e-3 * (fit.Temperature ?? 1));
        Assert.Equal((found.Mean, found.Deviation, found.Temperature), (found.Calibration.Rewards!.Mean, found.Calibration.Rewards.Deviation, found.Calibration.Temperature?.Value));

        // The same rows have the same fingerprint, another label or response another one.
        string Fingerprint(params Judgement[] some) => ReferenceCalibration.Run(some, new ModelScorer(model), skipped: null).Fingerprint;
        Assert.Equal(found.Fingerprint, Fingerprint(rows));
        Assert.Equal(4, new[] { found.Fingerprint, Fingerprint(rows[..7]), Fingerprint([Pair("p", 0, 1, 0.9), .. rows[1..]]), Fingerprint([Pair("p", 1, 0), .. rows[1..]]) }.Distinct().Count());
    }

    [Fact]
    public void Rewards_that_do_not_differ_are_refused()
    {
        using var model = SmallTextModel.Create("llama", folder.Path, change: config => config["initializer_range"] = 0.0);

        var error = Assert.Throws<DataException>(() => ReferenceCalibration.Run([Pair("p", 0, 1), Pair("p", 2, 1)], new ModelScorer(model), skipped: null));

        Assert.StartsWith("found 3 distinct responses, all with the reward 0; expected rewards that differ", error.Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => ReferenceCalibration.Run([Pair("p", 0, 0)], new ModelScorer(model), skipped: null));
    }

    [Fact]
    public void Scales_are_their_definitions_and_refused_without_what_they_need()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        using var model = RewardModel.Load(saved);
        Assert.Equal(0.7, RewardScale.Of(RewardForm.Raw, model).Apply(0.7));
        Assert.Contains("Run prefer calibrate", Assert.Throws<ModelException>(() => RewardScale.Of(RewardForm.Normalized, model)).Message, StringComparison.Ordinal);

        model.SaveCalibration(new Calibration { Rewards = new ReferenceRewards { Mean = 3, Deviation = 4, Responses = 5 } });
        Assert.Equal((-0.5, 0.0), (RewardScale.Of(RewardForm.Normalized, model).Apply(1), RewardScale.Of(RewardForm.Normalized, model).Apply(3)));
        Assert.Contains("has no temperature", Assert.Throws<ModelException>(() => RewardScale.Of(RewardForm.Probability, model)).Message, StringComparison.Ordinal);

        model.SaveCalibration(model.Calibration! with { Temperature = new FittedTemperature { Value = 0.5, Pairs = 5 } });
        var scale = RewardScale.Of(RewardForm.Probability, model);
        Relative.Equal(1 / (1 + Math.Exp(-2)), scale.Apply(4), 1e-15);
        Assert.Equal((0.5, 1.0, 0.0), (scale.Apply(3), scale.Apply(1e6), scale.Apply(-1e6)));
        Assert.Equal(1, RewardScale.Of(RewardForm.Raw, model).Apply(1));

        using var other = RewardModel.Load(saved, new LoadOptions { EncodingMode = EncodingMode.Concat });
        Assert.Contains("is of other rewards", Assert.Throws<ModelException>(() => RewardScale.Of(RewardForm.Normalized, other)).Message, StringComparison.Ordinal);
        Assert.Equal(1, RewardScale.Of(RewardForm.Raw, other).Apply(1));
    }

    private static Comparison Pair(string prompt, int chosen, int rejected, double label = 1) => new()
    {
        Prompt = [new Message("user", prompt)], Chosen = Response.FromText(Answers[chosen]), Rejected = Response.FromText(Answers[rejected]), Label = label,
    };

    private static Func<(double, double), (double, double), bool> Near(double tolerance) => (one, other) => Math.Abs(one.Item1 - other.Item1) <= tolerance && Math.Abs(one.Item2 - other.Item2) <= tolerance;
}
