using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Deviations from recorded numbers.</summary>
internal static class Deviation
{
    /// <summary>The largest difference, as a share of the largest recorded value.</summary>
    internal static double OfLargest(double[] recorded, double[] found) => recorded.Zip(found, (left, right) => Math.Abs(left - right)).Max() / recorded.Max(Math.Abs);
}

/// <summary>Gradients against recorded sizes.</summary>
internal static class RecordedGradients
{
    /// <summary>
    /// The largest difference of a parameter's gradient (its norm and its largest element) from the recorded one, as a share of the recorded
    /// norm, or of a hundredth of the whole gradient's norm where that is larger: a gradient that is zero in exact arithmetic (a key bias) is recorded as rounding.
    /// </summary>
    internal static double Deviation(IReadOnlyDictionary<string, GoldenGradient> recorded, double totalNorm, IReadOnlyDictionary<string, double[]> found)
    {
        Assert.Equal(recorded.Keys.Order(StringComparer.Ordinal), found.Keys.Order(StringComparer.Ordinal));
        return found.Max(pair =>
        {
            var (norm, _, largest) = recorded[pair.Key];
            var off = Math.Max(Math.Abs(Math.Sqrt(pair.Value.Sum(value => value * value)) - norm), Math.Abs(pair.Value.Max(Math.Abs) - largest));
            return off / Math.Max(norm, 0.01 * totalNorm);
        });
    }
}
