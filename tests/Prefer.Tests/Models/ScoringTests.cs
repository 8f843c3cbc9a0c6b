using System.Collections.Concurrent;
using Prefer.Data;
using Prefer.Models;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Scoring many sequences: the order of the rewards, what is computed once, and how far it reads ahead.</summary>
[Collection(ProcessWide.Name)]
public sealed class ScoringTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Running => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("distilbert")]
    public void Rewards_come_in_order_and_are_those_of_each_sequence_alone(string family)
    {
        using var model = RewardModel.Load(RecordedRewards.Folder(family));
        var distinct = Sequences(600, seed: 3);
        var alone = distinct.Select(sequence => model.Score([sequence]).Single()).ToArray();
        // Three windows or more, in an order that sorting has to take apart.
        var random = new Random(4);
        int[] drawn = [.. Enumerable.Range(0, 2500).Select(_ => random.Next(distinct.Length))];

        var rewards = model.Score(drawn.Select(which => distinct[which])).ToArray();

        Assert.True(drawn.Sum(which => distinct[which].Ids.Length) > 40_000);
        Assert.All(drawn.Zip(rewards), pair => Assert.Equal(alone[pair.First], pair.Second, RecordedRewards.Tolerance));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void Scoring_that_begins_behind_a_window_gives_the_same_rewards_to_the_last_bit(string family)
    {
        using var model = RewardModel.Load(RecordedRewards.Folder(family));
        var random = new Random(5);
        // Some items without sequences, of which none is lost and none shifts a window.
        var distinct = Sequences(400, seed: 6);
        EncodedSequence[][] items = [.. Enumerable.Range(0, 1200).Select(_ => Enumerable.Range(0, random.Next(4)).Select(_ => distinct[random.Next(distinct.Length)]).ToArray())];

        var all = model.Score(items, item => item).ToArray();

        Assert.Equal(items, all.Select(rewarded => rewarded.Item));
        Assert.Equal(items.Select(item => item.Length), all.Select(rewarded => rewarded.Rewards.Length));
        int[] ends = [.. all.Index().Where(pair => pair.Item.EndsWindow).Select(pair => pair.Index + 1)];
        Assert.True(ends.Length > 2 && ends[^1] == items.Length);
        foreach (var end in ends[..^1])
        {
            Assert.Equal(all[end..].SelectMany(rewarded => rewarded.Rewards), model.Score(items[end..], item => item).SelectMany(rewarded => rewarded.Rewards));
        }
    }

    [Fact]
    public void A_prompt_that_rows_far_apart_share_is_computed_once()
    {
        using var model = RewardModel.Load(RecordedRewards.Folder("llama"));
        // 20 prompts of 60 tokens with 12 answers each, dealt out in turn: one pass has room for few of them.
        var random = new Random(7);
        int[][] prompts = [.. Enumerable.Range(0, 20).Select(_ => Ids(random, 60))];
        EncodedSequence[] sequences = [.. Enumerable.Range(0, 240).Select(row => Sequence([.. prompts[row % 20], .. Ids(random, 8)]))];

        var passes = model.Passes(sequences).ToArray();

        Assert.Equal(Enumerable.Range(0, 240), passes.SelectMany(pass => pass.Indices).Order());
        Assert.Equal(TokenForestTests.DistinctPrefixes(sequences.Select(sequence => sequence.Ids.ToArray())), passes.Sum(pass => pass.Batch.TokenCount));
    }

    [Fact]
    public void A_long_prompt_keeps_its_answers_in_one_pass_up_to_twice_the_budget()
    {
        using var model = RewardModel.Load(RecordedRewards.Folder("llama"));
        var random = new Random(8);
        var prompt = Ids(random, 4090);
        EncodedSequence[] sequences = [.. Enumerable.Range(0, 100).Select(row => Sequence([.. prompt, row % 50, row / 50, .. Ids(random, 62)]))];

        var tokens = model.Passes(sequences).Select(pass => pass.Batch.TokenCount).ToArray();

        Assert.Equal(2, tokens.Length);
        Assert.InRange(tokens[0], 8192 - 64, 8192);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void Best_of_n_computes_the_prompt_once_and_rewards_as_one_by_one(string family)
    {
        using var model = SmallTextModel.Create(family, folder.Path);
        const string prompt = "Say hello in three languages.";
        string[] responses = ["Hello!", "No idea. Look it up yourself.", "Hello, and welcome to the languages.", "Hello!", "Water boils."];

        var best = model.BestOf(prompt, responses);

        var alone = responses.Select(response => model.Score(prompt, response)).ToArray();
        // The weights are drawn at random, of order 0.3: rewards of order one.
        Assert.All(alone.Zip(best.Rewards), pair => Assert.Equal(pair.First, pair.Second, RecordedRewards.Tolerance));
        Assert.Equal(Array.IndexOf(alone, alone.Max()), best.Index);
        Assert.Equal(best.Rewards.Max() - best.Rewards.RemoveAt(best.Index).Max(), best.Margin);

        EncodedSequence[] sequences = [.. responses.Select(response => model.Encode([new Message("user", prompt)], Response.FromText(response)))];
        var computed = Assert.Single(model.Passes(sequences)).Batch.TokenCount;
        Assert.Equal(family == "llama" ? TokenForestTests.DistinctPrefixes(sequences.Select(sequence => sequence.Ids.ToArray())) : sequences.DistinctBy(sequence => string.Join(' ', sequence.Ids)).Sum(sequence => sequence.Ids.Length), computed);
        Assert.Equal(best.Rewards[0], best.Rewards[3]);
    }

    [Theory]
    [InlineData(new[] { 1.0 }, 0, null)]
    [InlineData(new[] { 1.0, 3.0, 2.5 }, 1, 0.5)]
    [InlineData(new[] { 2.0, 3.0, 3.0 }, 1, 0.0)]
    public void The_best_is_the_first_of_the_largest(double[] rewards, int index, double? margin)
    {
        var best = BestResponse.Of([.. rewards]);

        Assert.Equal((index, margin), (best.Index, best.Margin));
        Assert.Equal(rewards, best.Rewards);
    }

    [Fact]
    public void No_response_is_no_best_one() => Assert.Throws<ArgumentException>(() => BestResponse.Of([]));

    [Fact]
    public void With_patience_a_row_is_scored_while_the_source_waits_for_another()
    {
        using var model = RewardModel.Load(RecordedRewards.Folder("llama"));
        using var pipe = new BlockingCollection<EncodedSequence>();
        using var rewards = model.Score(pipe.GetConsumingEnumerable(Running), sequence => [sequence], new ScoringOptions { Patience = TimeSpan.FromMilliseconds(20) }).GetEnumerator();
        foreach (var sequence in Sequences(3, seed: 9))
        {
            pipe.Add(sequence, Running);
            Assert.True(rewards.MoveNext());
            Assert.Same(sequence, rewards.Current.Item);
        }
        pipe.CompleteAdding();
        Assert.False(rewards.MoveNext());
    }

    [Fact]
    public void It_stops_before_the_next_pass()
    {
        using var model = RewardModel.Load(RecordedRewards.Folder("llama"));
        using var stop = new CancellationTokenSource();
        using var rewards = model.Score(Enumerable.Repeat(Sequences(1, seed: 10)[0], int.MaxValue), sequence => [sequence], new ScoringOptions { Stop = stop.Token }).GetEnumerator();
        Assert.True(rewards.MoveNext());
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(() =>
        {
            while (rewards.MoveNext())
            {
            }
        });
    }

    // Up to 40 tokens, of which half begin like another.
    private static EncodedSequence[] Sequences(int count, int seed)
    {
        var random = new Random(seed);
        var drawn = new List<int[]>();
        while (drawn.Count < count)
        {
            var fresh = Ids(random, random.Next(1, 40));
            var other = drawn.Count > 0 && random.Next(2) == 0 ? drawn[random.Next(drawn.Count)] : [];
            drawn.Add([.. other[..random.Next(other.Length + 1)], .. fresh[..Math.Clamp(40 - other.Length + 1, 1, fresh.Length)]]);
        }
        return [.. drawn.Select(ids => Sequence(ids))];
    }

    private static int[] Ids(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => 3 + random.Next(50))];

    private static EncodedSequence Sequence(int[] ids) => new([.. ids], [], 0);
}
