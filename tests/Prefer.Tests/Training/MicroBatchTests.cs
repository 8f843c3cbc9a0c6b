using Prefer.Models;
using Prefer.Tests.Statistics;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>
/// The gradient of a step in float64, however it is split: against each comparison computed alone, its share of the loss summed by hand.
/// The gradient is read off Adam's first mean after one step, (1 − β₁)·g.
/// </summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class MicroBatchTests
{
    /// <summary>Sums in another order, relative to the largest element of all gradients.</summary>
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    [InlineData("gpt2")]
    [InlineData("bert")]
    public void A_step_is_the_same_for_every_token_budget(string name)
    {
        using var model = Open(name);
        var batch = Comparisons(model, 13);
        var expected = SlowGradient(model, batch, out var loss);
        foreach (var budget in new[] { 1, 30, 75, 200, 1_000_000 })
        {
            var (figures, norm, gradient) = Step(model, batch, Options with { TokenBudget = budget });

            Compare(expected, gradient);
            Relative.Equal(loss, figures.Loss, Tolerance);
            Relative.Equal(Math.Sqrt(expected.Values.Sum(values => values.Sum(value => value * value))), norm, Tolerance);
            Assert.Equal((batch.Length, batch.Count(item => item.Label != 0.5)), (figures.Count, figures.StrictCount));
        }
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void A_step_without_prefix_sharing_is_the_same(string name)
    {
        using var shared = Open(name);
        using var alone = RewardModel.Load(Path.Combine(Repository.Root, "tests", "fixtures", "models", name), new LoadOptions { DType = DType.Float64, Trainable = true, SharePrefixes = false });
        var batch = Comparisons(shared, 13);
        var (expected, expectedNorm, expectedGradient) = Step(shared, batch, Options);

        foreach (var budget in new[] { 75, 1_000_000 })
        {
            var (figures, norm, gradient) = Step(alone, batch, Options with { TokenBudget = budget });

            Compare(expectedGradient, gradient);
            Relative.Equal(expected.Loss, figures.Loss, Tolerance);
            Relative.Equal(expectedNorm, norm, Tolerance);
        }
    }

    [Fact]
    public void Dropout_draws_one_mask_for_a_shared_prefix_and_one_a_sequence_without_sharing()
    {
        foreach (var shares in new[] { true, false })
        {
            using var model = RewardModel.Load(Path.Combine(Repository.Root, "tests", "fixtures", "models", "gpt2"), new LoadOptions { SharePrefixes = shares });
            using var scope = new TensorScope();
            TorchRuntime.ManualSeed(3);
            var batch = model.NewBatch();
            for (var copy = 0; copy < 2; copy++)
            {
                batch.Add(new EncodedSequence([5, 6, 7, 8, 9], [], 0), 4);
            }
            var rewards = model.Forward(batch, dropout: 0.3).ToArray<float>();

            Assert.Equal(shares, rewards[0] == rewards[1]);
        }
    }

    [Fact]
    public void A_weight_counts_like_as_many_comparisons()
    {
        using var model = Open("llama");
        var batch = Comparisons(model, 5).Select(item => item with { Weight = 1 }).ToArray();

        var (_, _, weighted) = Step(model, [.. batch[..4], batch[4] with { Weight = 3 }], Options);
        var (_, _, repeated) = Step(model, [.. batch, batch[4], batch[4]], Options);

        Compare(repeated, weighted);
    }

    [Fact]
    public void Gradients_above_the_largest_norm_are_scaled_to_it_and_smaller_ones_are_not()
    {
        using var model = Open("llama");
        var batch = Comparisons(model, 6);
        var (_, norm, whole) = Step(model, batch, Options);

        var (_, reported, clipped) = Step(model, batch, Options with { MaxGradNorm = norm / 10 });

        Assert.Equal(norm, reported);
        Compare(whole.ToDictionary(pair => pair.Key, pair => pair.Value.Select(value => value * (norm / 10) / (norm + 1e-6)).ToArray()), clipped);
        Compare(whole, Step(model, batch, Options with { MaxGradNorm = norm * 2 }).Gradient, 0);
        Compare(whole, Step(model, batch, Options with { MaxGradNorm = 0 }).Gradient, 0);
    }

    private static TrainOptions Options { get; } = new() { Model = "", Data = [], Output = "", MaxGradNorm = 0, CenterRewardsCoefficient = 0.03, LabelSmoothing = 0.1 };

    private static RewardModel Open(string name) =>
        RewardModel.Load(Path.Combine(Repository.Root, "tests", "fixtures", "models", name), new LoadOptions { DType = DType.Float64, Trainable = true });

    /// <summary>Comparisons of few prompts, so that prefixes are shared inside and across micro-batches; ties, soft labels, weights, margins.</summary>
    private static EncodedComparison[] Comparisons(RewardModel model, int count)
    {
        var random = new Random(17);
        int[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3, model.Config.Count("vocab_size")))];
        var prompts = Enumerable.Range(0, 3).Select(_ => Draw(random.Next(2, 12))).ToArray();
        EncodedSequence Response(int[] prompt) => new([.. prompt, .. Draw(random.Next(1, 12))], [], 0);
        return
        [
            .. Enumerable.Range(0, count).Select(index =>
            {
                var prompt = prompts[random.Next(3)];
                return new EncodedComparison($"{index}", Response(prompt), Response(prompt), index % 4 == 1 ? 0.5 : index % 4 == 2 ? 0.8 : 1, index % 3 == 0 ? 0.4 : 0, 0.25 + random.NextDouble());
            }),
        ];
    }

    private static (StepFigures Figures, double Norm, Dictionary<string, double[]> Gradient) Step(RewardModel model, EncodedComparison[] batch, TrainOptions options)
    {
        using var optimizer = new AdamW(model.Parameters, options);
        var (figures, norm) = new TrainingStep(model, optimizer, options).Take(1, StepBatch.Of(batch, model, options.TokenBudget ?? int.MaxValue), learningRate: 0);
        using var scope = new TensorScope();
        return (figures, norm, optimizer.State().Where(pair => pair.Name.StartsWith("mean.", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Name["mean.".Length..], pair => (pair.Tensor / (1 - options.AdamBeta1)).ToArray<double>()));
    }

    private static Dictionary<string, double[]> SlowGradient(RewardModel model, EncodedComparison[] batch, out double loss)
    {
        var sum = model.Parameters.Names.ToDictionary(name => name, name => new double[model.Parameters[name].ElementCount]);
        var weightSum = batch.Sum(item => item.Weight);
        loss = 0;
        foreach (var item in batch)
        {
            using var scope = new TensorScope();
            var (chosen, rejected) = (Reward(model, item.Chosen), Reward(model, item.Rejected));
            var p = (0.9 * item.Label) + (0.1 * (1 - item.Label));
            var d = chosen - rejected - item.Margin;
            // log σ(x) written out, which is exact enough for differences of order one.
            Tensor Log(Tensor x) => -((-x).Exp() + 1).Log();
            var cost = ((Log(d) * -p) - (Log(-d) * (1 - p)) + ((chosen + rejected) * (chosen + rejected) * 0.03)) * (item.Weight / weightSum);
            cost.Sum().Backward();
            loss += cost.Sum().Item();
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
        return sum;
    }

    private static Tensor Reward(RewardModel model, EncodedSequence sequence)
    {
        var alone = model.NewBatch();
        alone.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
        return model.Forward(alone);
    }

    private static void Compare(Dictionary<string, double[]> expected, Dictionary<string, double[]> found, double tolerance = Tolerance)
    {
        var scale = expected.Values.Max(values => values.Max(Math.Abs));
        Assert.Equal(expected.Keys.Order(), found.Keys.Order());
        foreach (var name in expected.Keys)
        {
            Assert.True(expected[name].Zip(found[name]).All(pair => Math.Abs(pair.First - pair.Second) <= tolerance * scale), name);
        }
    }
}
