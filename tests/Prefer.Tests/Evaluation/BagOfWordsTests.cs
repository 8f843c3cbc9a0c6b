using Prefer.Data;
using Prefer.Evaluation;
using Xunit;

namespace Prefer.Tests.Evaluation;

public sealed class BagOfWordsTests
{
    private static readonly string[] Filler = ["the", "a", "river", "stone", "tree", "runs", "slowly", "under", "bright", "sky"];

    [Fact]
    public void It_finds_a_planted_preference()
    {
        // Responses of random words are preferred for "thanks" and against "sorry", with one label in ten turned round.
        var words = BagOfWords.Fit(Draw(seed: 3, count: 400, noise: 0.1), penalty: 1);

        var (thanks, sorry) = (words.Weight("thanks"), words.Weight("sorry"));
        Assert.True(thanks > 1 && sorry < -1, $"thanks {thanks}, sorry {sorry}");
        Assert.All(Filler, word => Assert.InRange(Math.Abs(words.Weight(word)), 0, Math.Min(thanks, -sorry) / 2));
        Assert.Equal(0, words.Weight("unseen"));
        var held = PairMetrics.Of(PairEvaluation.Run(Draw(seed: 4, count: 300, noise: 0), BaselineScorer.Of(words), null, TimeProvider.System));
        Assert.InRange(held.Accuracy!.Value, 0.95, 1);
    }

    [Fact]
    public void The_same_comparisons_give_the_same_weights_bit_for_bit()
    {
        var (first, second) = (BagOfWords.Fit(Draw(seed: 5, count: 60, noise: 0.2)), BagOfWords.Fit(Draw(seed: 5, count: 60, noise: 0.2)));

        Assert.All(Filler, word => Assert.Equal(BitConverter.DoubleToInt64Bits(first.Weight(word)), BitConverter.DoubleToInt64Bits(second.Weight(word))));
    }

    [Fact]
    public void A_reward_is_the_sum_of_weights_times_the_logarithm_of_counts()
    {
        var words = BagOfWords.Fit(Draw(seed: 6, count: 60, noise: 0));

        var expected = words.Weight("thanks") * Math.Log(3) + words.Weight("sky") * Math.Log(2);

        Assert.Equal(expected, words.Reward("Thanks, THANKS — sky! (unseen)"), 1e-15);
    }

    [Fact]
    public void Words_keep_their_apostrophes_in_either_form()
    {
        var words = BagOfWords.Fit(Enumerable.Range(0, 10).Select(_ => Pair("don’t stop", "do stop")), penalty: 1);

        Assert.True(words.Weight("don't") > 0 && words.Weight("do") < 0 && words.Weight("t") == 0);
        Assert.Equal(0, words.Weight("stop")); // in both responses alike
    }

    [Fact]
    public void Comparisons_without_words_of_their_own_or_of_ids_are_refused()
    {
        Assert.StartsWith("found no word", Assert.Throws<DataException>(() => BagOfWords.Fit([Pair("a", "b")])).Message, StringComparison.Ordinal);

        var ids = new Comparison { Chosen = new Response { InputIds = [1, 2] }, Rejected = new Response { InputIds = [1] }, Origin = new RowOrigin("f", 2) };
        Assert.StartsWith("f:2: found token ids", Assert.Throws<DataException>(() => BagOfWords.Fit([ids])).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Comparison> Draw(int seed, int count, double noise)
    {
        var random = new Random(seed);
        for (var index = 0; index < count; index++)
        {
            string Text() => string.Join(' ', Enumerable.Range(0, 6).Select(_ => Filler[random.Next(Filler.Length)]));
            var (better, worse) = random.Next(2) == 0 ? ($"thanks {Text()}", Text()) : (Text(), $"{Text()} sorry");
            yield return random.NextDouble() < noise ? Pair(worse, better) : Pair(better, worse);
        }
    }

    private static Comparison Pair(string chosen, string rejected) => new() { Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected) };
}
