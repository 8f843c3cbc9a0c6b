using Xunit;

namespace Prefer.Tests.Statistics;

internal static class Relative
{
    /// <summary>Passes when the error is at most <paramref name="tolerance"/> times the expected value; an expected 0 must be met exactly.</summary>
    public static void Equal(double expected, double actual, double tolerance) =>
        Assert.True(expected == actual || Math.Abs(actual - expected) <= tolerance * Math.Abs(expected),
            $"expected {expected:R}, found {actual:R}, relative error {Math.Abs((actual - expected) / expected):g2} above {tolerance:g2}");
}
