using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Sources mixed in seeded proportions: how many of each an epoch has, which ones, and that a run can be repeated and resumed.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class MixtureTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Theory]
    [InlineData(new[] { 1.0, 1.0 }, new[] { 30, 10 }, new[] { 20, 20 })]
    [InlineData(new[] { 3.0, 1.0 }, new[] { 30, 10 }, new[] { 30, 10 })]
    [InlineData(new[] { 0.9, 0.1 }, new[] { 5, 5 }, new[] { 9, 1 })]
    [InlineData(new[] { 1.0, 1.0, 1.0 }, new[] { 5, 3, 2 }, new[] { 4, 3, 3 })] // 3⅓ each: the first has the one that is left
    [InlineData(new[] { 2.0, 1.0, 4.0 }, new[] { 7, 7, 7 }, new[] { 6, 3, 12 })]
    [InlineData(new[] { 0.30, 0.29, 0.41 }, new[] { 4, 4, 2 }, new[] { 3, 3, 4 })] // 3, 2.9, 4.1
    [InlineData(new[] { 1e300, 1e300 }, new[] { 3, 1 }, new[] { 2, 2 })]
    public void Shares_are_the_weights_by_largest_remainders(double[] weights, int[] sizes, int[] expected) =>
        Assert.Equal(expected, Shares(weights, sizes).Select(share => share.PerEpoch));

    [Fact]
    public void A_source_with_no_part_is_refused()
    {
        Assert.Equal("1: its weight 0.001 gives it none of the 20 comparisons of an epoch. Give it more weight, or leave the source out.", Assert.Throws<DataException>(() => Shares([1, 0.001], [10, 10])).Message);
        Assert.Equal("1: no comparison in it teaches anything; every source of a mixture needs one. Leave the source out.", Assert.Throws<DataException>(() => Shares([1, 1], [10, 0])).Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_comparison_of_a_source_is_used_as_often_as_any_other(bool shuffle)
    {
        var order = new MixtureOrder(Shares([1, 4], [37, 13]), shuffle, seed: 3); // 10 and 40 of 50
        var uses = new int[50];
        for (var epoch = 0; epoch < 9; epoch++)
        {
            var drawn = order.Epoch(epoch);
            Assert.Equal((10, 40), (drawn.Count(index => index < 37), drawn.Count(index => index >= 37)));
            foreach (var index in drawn)
            {
                uses[index]++;
            }
            Assert.InRange(uses[..37].Max() - uses[..37].Min(), 0, 1);
            Assert.InRange(uses[37..].Max() - uses[37..].Min(), 0, 1);
        }
        Assert.Equal((90, 360), (uses[..37].Sum(), uses[37..].Sum()));
    }

    [Fact]
    public void Without_shuffling_sources_go_in_the_order_of_their_files_spread_evenly() =>
        Assert.Equal([3, 0, 4, 5, 1, 3, 4, 5, 2, 3], new MixtureOrder([new("a", 3, 3, 3), new("b", 7, 3, 7)], shuffle: false, seed: 1).Epoch(0));

    [Fact]
    public void A_seed_decides_the_draw()
    {
        int[] Of(int seed, int epoch) => new MixtureOrder(Shares([1, 1], [100, 20]), shuffle: true, seed).Epoch(epoch);

        Assert.Equal(Of(5, 2), Of(5, 2));
        Assert.NotEqual(Of(5, 2).Order(), Of(6, 2).Order());
        Assert.NotEqual(Of(5, 2).Order(), Of(5, 1).Order());
    }

    [Fact]
    public void A_batch_order_follows_the_mixture_from_any_step()
    {
        BatchOrder Order() => new(50, 8, shuffle: true, seed: 3, new MixtureOrder(Shares([1, 4], [37, 13]), shuffle: true, seed: 3));
        var all = Order();
        Assert.Equal(7, all.StepsPerEpoch);
        Assert.Equal(new MixtureOrder(Shares([1, 4], [37, 13]), shuffle: true, seed: 3).Epoch(1).Order(), Enumerable.Range(7, 7).SelectMany(step => all.At(step).ToArray()).Order());
        foreach (var step in new[] { 20, 0, 13, 7 })
        {
            Assert.Equal(Order().At(step), all.At(step));
        }
    }

    [Fact]
    public void A_mixed_run_repeats_and_resumes_bit_for_bit_and_reports_its_sources()
    {
        File.WriteAllLines(small.File("other.jsonl"), SmallRun.Rows("other", 15, seed: 3));
        var options = small.Options("") with { Data = [small.File("train.jsonl"), $"{small.File("other.jsonl")}:3"] };

        var first = End("first", options);
        Assert.Equal(first, End("second", options));
        Assert.NotEqual(first.Hashes, End("third", options with { Data = [small.File("train.jsonl"), small.File("other.jsonl")] }).Hashes);

        for (var step = 5; step < SmallRun.TotalSteps; step += 7)
        {
            using var stop = new CancellationTokenSource();
            Prefer.Torch.TorchRuntime.ManualSeed(99);
            RewardTrainer.Train(options with { Output = small.File("parts"), Resume = true }, new StopAt(step, stop), stop.Token);
        }
        Assert.Equal(first, End("parts", options with { Resume = true }));

        var sources = JsonNode.Parse(File.ReadAllText(small.File("first/run.json")))!["data"]!["train"]!["sources"]!.AsArray();
        Assert.Equal([(60, 19), (15, 56)], sources.Select(source => ((int)source!["comparisons"]!, (int)source["per_epoch"]!)));
    }

    private RunEnd End(string name, TrainOptions options)
    {
        RewardTrainer.Train(options with { Output = small.File(name) }, stop: TestContext.Current.CancellationToken);
        return RunEnd.Of(small.File(name));
    }

    private static ImmutableArray<SourceShare> Shares(double[] weights, int[] sizes) => SourceShare.Of([.. weights.Select((weight, index) => new WeightedFiles($"{index}", weight))], sizes);
}
