using Prefer.Models;
using Prefer.Models.Forest;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>The forest's layout against counting and looking up by brute force.</summary>
public sealed class TokenForestTests
{
    [Fact]
    public void Shared_forest_has_one_token_for_each_distinct_prefix() => RandomSequences.ForAll(500, batch =>
    {
        var builder = new TokenForestBuilder(sharePrefixes: true);
        for (var index = 0; index < batch.Length; index++)
        {
            var (before, announced) = (builder.TokenCount, builder.CountNew(batch[index]));
            Assert.Equal(index, builder.Add(batch[index]));
            Assert.Equal(announced, builder.TokenCount - before);
            Assert.Equal(DistinctPrefixes(batch[..(index + 1)]), builder.TokenCount);
        }
        Assert.Equal(batch.Length, builder.SequenceCount);
        Assert.Equal(builder.TokenCount, builder.Build().Tokens.Length);
    });

    [Theory]
    [InlineData(true, int.MaxValue)]
    [InlineData(true, 4)]
    [InlineData(false, int.MaxValue)]
    public void Several_sequences_bring_what_is_announced(bool sharePrefixes, int longestOfFirstGroup) => RandomSequences.ForAll(300, sequences =>
    {
        var batch = new RewardBatch(sharePrefixes, length => length > longestOfFirstGroup ? 1 : 0);
        foreach (var group in sequences.Select(sequence => new EncodedSequence([.. sequence], [], 0)).Chunk(3))
        {
            var (before, announced) = (batch.TokenCount, batch.CountNew(group));
            foreach (var sequence in group)
            {
                batch.Add(sequence, 0);
            }
            Assert.Equal(announced, batch.TokenCount - before);
        }
    });

    [Fact]
    public void Unshared_forest_has_a_span_for_each_sequence() => RandomSequences.ForAll(100, batch =>
    {
        var builder = new TokenForestBuilder(sharePrefixes: false);
        foreach (var sequence in batch)
        {
            Assert.Equal(sequence.Length, builder.CountNew(sequence));
            builder.Add(sequence);
        }
        var forest = builder.Build();
        Assert.Equal(batch.SelectMany(sequence => sequence), forest.Tokens);
        Assert.Equal(batch.Select(sequence => sequence.Length), forest.Spans.Select(span => span.Length));
        Assert.All(forest.Spans, span => Assert.Null(span.Parent));
        CheckLookups(forest, batch);
    });

    [Fact]
    public void Every_token_of_every_sequence_is_found() => RandomSequences.ForAll(500, batch => CheckLookups(Pack(batch), batch));

    [Fact]
    public void Spans_cover_the_packed_tokens_and_parents_come_first() => RandomSequences.ForAll(500, batch =>
    {
        var forest = Pack(batch);
        var next = 0;
        for (var index = 0; index < forest.Spans.Count; index++)
        {
            var span = forest.Spans[index];
            Assert.Equal(next, span.Start);
            Assert.True(span.Length > 0);
            next += span.Length;

            var path = forest.Path(index).ToArray();
            Assert.Equal(index, path[^1]);
            Assert.Equal(span.Parent, path.Length == 1 ? null : path[^2]);
            Assert.True(span.Parent is null || span.Parent < index, "a child stands before its parent");
            Assert.Null(forest.Spans[path[0]].Parent);
            Assert.Equal(span.Depth, path[..^1].Sum(ancestor => forest.Spans[ancestor].Length));
        }
        Assert.Equal(forest.Tokens.Length, next);
        // Two spans with one parent that began alike would have been merged.
        var firsts = forest.Spans.Select(span => (span.Parent, forest.Tokens[span.Start])).ToList();
        Assert.Equal(firsts.Count, firsts.Distinct().Count());
    });

    [Fact]
    public void Sequences_of_different_groups_share_nothing() => RandomSequences.ForAll(300, batch =>
    {
        static int GroupOf(int[] sequence) => sequence.Length % 3;
        var builder = new TokenForestBuilder(sharePrefixes: true);
        foreach (var sequence in batch)
        {
            var (before, announced) = (builder.TokenCount, builder.CountNew(sequence, GroupOf(sequence)));
            builder.Add(sequence, group: GroupOf(sequence));
            Assert.Equal(announced, builder.TokenCount - before);
        }
        var forest = builder.Build();
        CheckLookups(forest, batch);
        Assert.Equal(batch.GroupBy(GroupOf).Sum(DistinctPrefixes), forest.Tokens.Length);
        for (var index = 0; index < batch.Length; index++)
        {
            var last = forest.PackedIndex(index, batch[index].Length - 1);
            Assert.Equal(GroupOf(batch[index]), forest.Spans.Single(span => span.Start <= last && last < span.Start + span.Length).Group);
        }
    });

    [Fact]
    public void Segments_stay_with_their_tokens()
    {
        var builder = new TokenForestBuilder(sharePrefixes: true);
        builder.Add([7, 8, 9], [0, 1, 1]);
        builder.Add([7, 8, 5, 6], [0, 1, 0, 1]);
        builder.Add([4, 4]);
        var forest = builder.Build();
        Assert.Equal([7, 8, 9, 5, 6, 4, 4], forest.Tokens);
        Assert.Equal([0, 1, 1, 0, 1, 0, 0], forest.TokenTypes);
        Assert.Equal([0, 1, 2, 2, 3, 0, 1], forest.Positions);
    }

    [Fact]
    public void A_chain_of_prefixes_may_be_as_deep_as_it_is_long()
    {
        const int length = 2000;
        var longest = Enumerable.Range(0, length).ToArray();
        var builder = new TokenForestBuilder(sharePrefixes: true);
        // Branches off behind every token, the last one first, so that each token ends up in a span of its own.
        for (var cut = length; cut > 0; cut--)
        {
            builder.Add([.. longest[..cut], -1]);
        }
        var forest = builder.Build();
        Assert.Equal(2 * length, forest.Tokens.Length);
        Assert.Equal(length - 1, forest.Spans.Max(span => span.Depth));
        Assert.Equal(-1, forest.Tokens[forest.PackedIndex(0, length)]);
    }

    [Fact]
    public void An_empty_sequence_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => new TokenForestBuilder(sharePrefixes: true).Add([]));
        Assert.Contains("at least one token", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_position_outside_the_sequence_is_refused(int position)
    {
        // The second sequence makes the first a proper prefix of a longer path.
        var forest = Pack([[1, 2], [1, 2, 3]]);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => forest.PackedIndex(0, position));
        Assert.Contains("the sequence has 2 tokens", error.Message, StringComparison.Ordinal);
    }

    internal static int DistinctPrefixes(IEnumerable<int[]> batch) =>
        batch.SelectMany(sequence => Enumerable.Range(1, sequence.Length).Select(length => string.Join(' ', sequence[..length]))).Distinct().Count();

    private static TokenForest Pack(int[][] batch)
    {
        var builder = new TokenForestBuilder(sharePrefixes: true);
        foreach (var sequence in batch)
        {
            builder.Add(sequence);
        }
        return builder.Build();
    }

    private static void CheckLookups(TokenForest forest, int[][] batch)
    {
        Assert.Equal(batch.Select(sequence => sequence.Length), forest.SequenceLengths);
        for (var sequence = 0; sequence < batch.Length; sequence++)
        {
            for (var position = 0; position < batch[sequence].Length; position++)
            {
                var packed = forest.PackedIndex(sequence, position);
                Assert.Equal(batch[sequence][position], forest.Tokens[packed]);
                Assert.Equal(position, forest.Positions[packed]);
            }
        }
    }
}
