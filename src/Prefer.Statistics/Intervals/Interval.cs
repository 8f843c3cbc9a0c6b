namespace Prefer.Statistics;

/// <summary>A confidence interval, ends included.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High)
{
    /// <summary>True between the ends and on them.</summary>
    public bool Contains(double value) => Low <= value && value <= High;
}
