using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Pearson's correlation put together from parts, against its definition in two passes.</summary>
public sealed class CorrelationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1e9)] // raw sums of squares would keep no digit of a spread of one
    public void Parts_give_the_two_pass_value(double shift)
    {
        var random = new Random(8);
        var pairs = Enumerable.Range(0, 101).Select(_ => random.NextDouble()).Select(x => (X: shift + x, Y: (0.7 * x) + random.NextDouble())).ToArray();
        var (mx, my) = (shift + pairs.Average(pair => pair.X - shift), pairs.Average(pair => pair.Y));
        var expected = pairs.Sum(pair => (pair.X - mx) * (pair.Y - my)) / Math.Sqrt(pairs.Sum(pair => Math.Pow(pair.X - mx, 2)) * pairs.Sum(pair => Math.Pow(pair.Y - my, 2)));

        var found = pairs.Chunk(13).Select(Of).Aggregate(new Correlation(), (sum, part) => sum.Plus(part));

        Relative.Equal(expected, found.Pearson()!.Value, shift == 0 ? 1e-13 : 1e-6);
        Assert.Equal(101, found.Count);
    }

    [Fact]
    public void Perfect_and_missing_correlations()
    {
        Assert.Equal(1, Of([(1, 10), (2, 20), (4, 40)]).Pearson()!.Value, 1e-15);
        Assert.Equal(-1, Of([(1, 10), (2, 8), (4, 4)]).Pearson()!.Value, 1e-15);
        Assert.Null(Of([(1, 10), (1, 20)]).Pearson());
        Assert.Null(Of([(1, 10)]).Pearson());
        Assert.Null(new Correlation().Pearson());
    }

    private static Correlation Of((double X, double Y)[] pairs) => pairs.Aggregate(new Correlation(), (sum, pair) => sum.Plus(Correlation.Of(pair.X, pair.Y)));
}
