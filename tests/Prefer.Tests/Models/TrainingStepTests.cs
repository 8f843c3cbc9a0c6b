using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;
using Xunit.Sdk;

namespace Prefer.Tests.Models;

/// <summary>Whole training steps over the recorded models: what they leave behind, and that a seed decides them.</summary>
[Collection(ProcessWide.Name)]
public sealed class TrainingStepTests(ITestOutputHelper output)
{
    private static readonly (int, int)[] Pairs = [(0, 1), (2, 3), (4, 5), (6, 7)];

    private static readonly Dictionary<string, int[][]> Batches =
        new[] { "bert", "distilbert", "roberta", "electra", "deberta-v2", "modernbert", "gpt2", "llama" }.ToDictionary(name => name, name => new Golden(name).Case("padded_batch").Batch.Sequences());

    public static TheoryData<string> Folders() => [.. Batches.Keys];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Live_tensors_are_flat_over_100_steps(string folder)
    {
        using var model = ModelFixture.Open(folder, DType.Float32);
        CheckFlat(() => Step(model, dropout: 0.1));
    }

    [Fact]
    public void A_planted_leak_is_noticed()
    {
        using var model = ModelFixture.Open("gpt2", DType.Float32);
        var leaked = new List<Tensor>();
        Assert.ThrowsAny<XunitException>(() => CheckFlat(() =>
        {
            Step(model, dropout: 0.1);
            leaked.Add(Tensor.Zeros([1]));
        }));
        leaked.ForEach(tensor => tensor.Dispose());
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void One_seed_gives_one_run_bit_for_bit(string folder)
    {
        var first = Run(folder, seed: 11);
        Assert.Equal(first, Run(folder, seed: 11));
        // Dropout is the seed's only part in this run.
        Assert.NotEqual(first, Run(folder, seed: 12));
        output.WriteLine($"loss bits after one and ten steps: {first[0]:x16}, {first[9]:x16}");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Steps_lower_the_loss_of_their_pairs(string folder)
    {
        using var model = ModelFixture.Open(folder, DType.Float32);
        var first = Step(model, dropout: 0);
        var last = Enumerable.Range(0, 30).Select(_ => Step(model, dropout: 0)).Last();
        output.WriteLine($"{first:g4} to {last:g4}");
        // Four pairs and some 60,000 parameters: they are being learned by heart.
        Assert.True(last < 0.5 * first, $"the loss went from {first} to {last}");
    }

    // Losses and, at the end, every parameter, as bits.
    private static long[] Run(string folder, ulong seed)
    {
        using var model = ModelFixture.Open(folder, DType.Float32);
        TorchRuntime.ManualSeed(seed);
        var bits = Enumerable.Range(0, 10).Select(_ => BitConverter.DoubleToInt64Bits(Step(model, dropout: 0.1))).ToList();
        foreach (var name in model.Parameters.Names)
        {
            bits.AddRange(model.Parameters[name].ToArray<float>().Select(value => (long)BitConverter.SingleToInt32Bits(value)));
        }
        return [.. bits];
    }

    // Forward over the forest, loss, backward, update in place.
    private static double Step(ModelFixture model, double dropout)
    {
        using var scope = new TensorScope();
        var loss = BradleyTerry.Loss(model.ForestRewards(Batches[model.Config.ModelType], dropout: dropout), Pairs);
        loss.Backward();
        using var mode = TorchRuntime.NoGrad();
        foreach (var parameter in model.Parameters.Names.Select(name => model.Parameters[name]))
        {
            parameter.AddInPlace(parameter.Gradient()!, -0.01);
            parameter.ClearGradient();
        }
        return loss.Item();
    }

    private static void CheckFlat(Action step)
    {
        var before = TorchRuntime.LiveTensorCount;
        for (var index = 0; index < 100; index++)
        {
            step();
            Assert.Equal(before, TorchRuntime.LiveTensorCount);
        }
    }
}
