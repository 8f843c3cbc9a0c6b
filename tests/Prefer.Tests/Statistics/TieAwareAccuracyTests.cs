using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Accuracy with ties against every threshold tried one by one.</summary>
public sealed class TieAwareAccuracyTests
{
    [Fact]
    public void The_best_threshold_is_that_of_trying_all()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 300; trial++)
        {
            var count = random.Next(1, 12);
            double[] differences = [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-4, 5))];
            bool[] ties = [.. differences.Select(_ => random.Next(3) == 0)];

            var found = TieAwareAccuracy.Of(differences, ties);

            double Right(double threshold) => differences.Zip(ties).Count(pair => pair.Second ? Math.Abs(pair.First) <= threshold : pair.First > threshold) / (double)count;
            double[] thresholds = [0, .. differences.Select(Math.Abs)];
            Assert.Equal(thresholds.Max(Right), found.Accuracy);
            Assert.Equal(found.Accuracy, Right(found.Threshold));
            Assert.Equal(thresholds.Where(threshold => Right(threshold) == found.Accuracy).Min(), found.Threshold);
        }
    }

    [Fact]
    public void At_the_ends()
    {
        Assert.Equal(new TieAwareAccuracy(1, 3), TieAwareAccuracy.Of([3, -2, 1], [true, true, true]));
        Assert.Equal(new TieAwareAccuracy(1, 0), TieAwareAccuracy.Of([3, 2, 1], [false, false, false]));
        Assert.Equal(new TieAwareAccuracy(0, 0), TieAwareAccuracy.Of([0, 0], [false, false]));
        Assert.Equal(new TieAwareAccuracy(1, 0), TieAwareAccuracy.Of([0, 5], [true, false]));
        Assert.Equal(new TieAwareAccuracy(1, 0.5), TieAwareAccuracy.Of([-0.5, double.PositiveInfinity], [true, false]));
        Assert.Throws<ArgumentException>(() => TieAwareAccuracy.Of([], []));
        Assert.Throws<ArgumentException>(() => TieAwareAccuracy.Of([1], [true, false]));
        Assert.Throws<ArgumentException>(() => TieAwareAccuracy.Of([double.NaN], [true]));
    }
}
