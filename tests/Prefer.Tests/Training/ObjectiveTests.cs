using Prefer.Models;
using Prefer.Tests.Statistics;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>
/// A step over rankings, pairs or ratings in float64, however it is split, against each item computed alone with its loss written out.
/// The gradient is read off Adam's first mean after one step, (1 − β₁)·g.
/// </summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class ObjectiveTests
{
    /// <summary>Sums in another order, relative to the largest element of all gradients.</summary>
    private const double Tolerance = 1e-12;

    private static TrainOptions Options { get; } = new() { Model = "", Data = [], Output = "", MaxGradNorm = 0 };

    [Theory]
    [InlineData("llama", LossType.PlackettLuce, 0)]
    [InlineData("llama", LossType.PlackettLuce, 0.03)]
    [InlineData("distilbert", LossType.PlackettLuce, 0.03)]
    [InlineData("llama", LossType.Hinge, 0.03)]
    [InlineData("distilbert", LossType.Hinge, 0)]
    [InlineData("llama", LossType.Regression, 0)]
    [InlineData("bert", LossType.Regression, 0)]
    public void A_step_is_its_definition_for_every_token_budget(string name, LossType loss, double centering)
    {
        using var model = RewardModel.Load(Path.Combine(Repository.Root, "tests", "fixtures", "models", name), new LoadOptions { DType = DType.Float64, Trainable = true });
        var batch = Items(model, loss);
        var options = Options with { Loss = loss, CenterRewardsCoefficient = centering };
        var (expected, expectedLoss) = Slow(model, batch, options);
        foreach (var budget in new[] { 1, 60, 150, 1_000_000 })
        {
            var (figures, gradient) = Step(model, batch, options with { TokenBudget = budget });

            Relative.Equal(expectedLoss, figures.Loss, Tolerance);
            var scale = expected.Values.Max(values => values.Max(Math.Abs));
            Assert.True(scale > 0);
            foreach (var parameter in expected.Keys)
            {
                Assert.True(expected[parameter].Zip(gradient[parameter]).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * scale), $"{parameter} at {budget}");
            }
        }
    }

    [Fact]
    public void A_ranking_is_one_tree_whose_prompt_is_computed_once()
    {
        using var model = RewardModel.Load(Path.Combine(Repository.Root, "tests", "fixtures", "models", "llama"), new LoadOptions { DType = DType.Float64, Trainable = true });
        int[] prompt = [5, 9, 12, 7, 30, 41];
        EncodedSequence[] responses = [.. Enumerable.Range(0, 4).Select(index => new EncodedSequence([.. prompt, 50 + index, 8, 3], [], 0))];
        var batch = model.NewBatch();

        Assert.Equal(6 + (4 * 3), batch.CountNew(responses));
        foreach (var response in responses)
        {
            batch.Add(response, response.Ids.Length - 1);
        }
        Assert.Equal(6 + (4 * 3), batch.TokenCount);
        Assert.Single(batch.Build().Forest.Spans, span => span.Parent is null);
    }

    [Fact]
    public void Figures_of_a_ranking_are_those_of_its_pairs()
    {
        double[] rewards = [0.5, 2, -1, 2];
        double[] scores = [3, 2, 2, 1];
        var ranking = new EncodedRanking("", [null!, null!, null!, null!], [.. scores], 2);

        var figures = StepFigures.Of(ranking, rewards, 1.5);

        // Strict pairs: 0>1 wrong, 0>2 right, 0>3 wrong, 1>3 equal and so wrong, 2>3 wrong; the tie 1-2 has a margin of 3.
        Assert.Equal((1, 5, 6, 4), (figures.CorrectCount, figures.StrictCount, figures.Count, figures.RewardCount));
        Assert.Equal((-1.5 + 1.5 - 1.5 + 3 + 0 - 3, 3.5, -1, 2), (figures.MarginSum, figures.RewardSum, figures.MinReward, figures.MaxReward));
        Assert.Equal((3, 2), (figures.LossSum, figures.WeightSum));
    }

    private static TrainingItem[] Items(RewardModel model, LossType loss)
    {
        var random = new Random(23);
        int[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3, model.Config.Count("vocab_size")))];
        var prompts = Enumerable.Range(0, 3).Select(_ => Draw(random.Next(2, 12))).ToArray();
        EncodedSequence Response(int prompt) => new([.. prompts[prompt], .. Draw(random.Next(1, 10))], [], 0);
        return
        [
            .. Enumerable.Range(0, 9).Select(TrainingItem (index) => (loss, index % 3) switch
            {
                (LossType.Regression, var prompt) => new EncodedRating($"{index}", Response(prompt), random.Next(1, 6), 0.25 + random.NextDouble()),
                (LossType.PlackettLuce, 0 or 1) => new EncodedRanking($"{index}", [.. Enumerable.Range(0, 2 + (index % 4)).Select(_ => Response(index % 3))], [.. Enumerable.Range(0, 2 + (index % 4)).Select(_ => (double)random.Next(3))], 0.25 + random.NextDouble()),
                (_, var prompt) => new EncodedComparison($"{index}", Response(prompt), Response(prompt), index % 4 == 1 ? 0.5 : index % 4 == 2 ? 0.8 : 1, index % 2 == 0 ? 0.4 : 0, 0.25 + random.NextDouble()),
            }),
        ];
    }

    private static (StepFigures Figures, Dictionary<string, double[]> Gradient) Step(RewardModel model, TrainingItem[] batch, TrainOptions options)
    {
        using var optimizer = new AdamW(model.Parameters, options);
        var (figures, _) = new TrainingStep(model, optimizer, options).Take(1, StepBatch.Of(batch, model, options.TokenBudget ?? int.MaxValue), learningRate: 0);
        using var scope = new TensorScope();
        return (figures, optimizer.State().Where(pair => pair.Name.StartsWith("mean.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Name["mean.".Length..], pair => (pair.Tensor / (1 - options.AdamBeta1)).ToArray<double>()));
    }

    private static (Dictionary<string, double[]> Gradient, double Loss) Slow(RewardModel model, TrainingItem[] batch, TrainOptions options)
    {
        var sum = model.Parameters.Names.ToDictionary(name => name, name => new double[model.Parameters[name].ElementCount]);
        var (weightSum, loss) = (batch.Sum(item => item.Weight), 0.0);
        foreach (var item in batch)
        {
            using var scope = new TensorScope();
            var rewards = item.Sequences.Select(sequence =>
            {
                var alone = model.NewBatch();
                alone.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
                return model.Forward(alone).Sum();
            }).ToArray();
            var cost = Cost(item, rewards, options) * (item.Weight / weightSum);
            cost.Backward();
            loss += cost.Item();
            foreach (var name in model.Parameters.Names)
            {
                if (model.Parameters[name].Gradient() is { } gradient)
                {
                    var values = gradient.ToArray<double>();
                    for (var index = 0; index < values.Length; index++)
                    {
                        sum[name][index] += values[index];
                    }
                    model.Parameters[name].ClearGradient();
                }
            }
        }
        return (sum, loss);
    }

    /// <summary>Each loss as it is defined, for rewards of order one, where nothing overflows or cancels.</summary>
    private static Tensor Cost(TrainingItem item, Tensor[] rewards, TrainOptions options)
    {
        var total = rewards.Aggregate((sum, reward) => sum + reward);
        switch (item)
        {
            case EncodedRating rating:
                return (rewards[0] - rating.Score).Pow(2);
            case EncodedRanking ranking:
                Tensor cost = (total * (2.0 / rewards.Length)).Pow(2) * options.CenterRewardsCoefficient;
                for (var own = 0; own < rewards.Length; own++)
                {
                    var set = Enumerable.Range(0, rewards.Length).Where(other => ranking.Scores[other] <= ranking.Scores[own]).Select(other => rewards[other].Exp()).Aggregate((sum, term) => sum + term);
                    cost -= (rewards[own].Exp() / set).Log();
                }
                return cost;
            case EncodedComparison pair:
                var d = rewards[0] - rewards[1] - pair.Margin;
                Tensor Side(Tensor lead) => options.Loss == LossType.Hinge
                    ? lead.Item() < 1 ? -lead + 1 : lead * 0
                    : ((-lead).Exp() + 1).Log();
                return (Side(d) * pair.Label) + (Side(-d) * (1 - pair.Label)) + (total.Pow(2) * options.CenterRewardsCoefficient);
            default:
                throw new ArgumentException(item.GetType().Name);
        }
    }
}
