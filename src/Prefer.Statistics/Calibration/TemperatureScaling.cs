namespace Prefer.Statistics;

/// <summary>Where the loss of σ(d / T) is least.</summary>
public enum TemperatureMinimum
{
    /// <summary>At one temperature.</summary>
    Finite,

    /// <summary>Nowhere: it falls to the end as T goes to 0, because every difference has the sign of a certain label.</summary>
    Zero,

    /// <summary>Nowhere: it falls to the end as T grows, because the differences are no better than chance.</summary>
    Infinity,

    /// <summary>Everywhere: all differences are 0.</summary>
    Everywhere,
}

/// <summary>What temperature scaling found.</summary>
/// <param name="Temperature">The T of least loss, positive; null where there is none.</param>
/// <param name="Minimum">Where the least loss is.</param>
public sealed record TemperatureFit(double? Temperature, TemperatureMinimum Minimum);

/// <summary>
/// Temperature scaling of reward differences: P(first preferred) = σ(d / T), with the one T that makes the labels most probable. It changes no verdict, and makes rewards whose scale is too
/// bold (T above 1) or too timid (below) into log-odds.
/// </summary>
/// <remarks>C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", ICML (2017), for two classes.</remarks>
public static class TemperatureScaling
{
    /// <summary>Twice the spacing of doubles: a smaller step goes nowhere.</summary>
    private const double RelativeStep = 4.5e-16;

    private const int MaxIterations = 200;

    /// <summary>Mean of −y log σ(d/T) − (1 − y) log σ(−d/T).</summary>
    /// <param name="differences">d, at least one; finite.</param>
    /// <param name="labels">y in [0, 1], one a difference.</param>
    /// <param name="temperature">T, positive.</param>
    public static double Loss(ReadOnlySpan<double> differences, ReadOnlySpan<double> labels, double temperature)
    {
        Check(differences, labels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var sum = new CompensatedSum();
        for (var index = 0; index < differences.Length; index++)
        {
            sum.Add(BradleyTerry.Loss(differences[index] / temperature, labels[index]));
        }

        return sum.Value / differences.Length;
    }

    /// <summary>Finds the temperature of least loss.</summary>
    /// <param name="differences">d, at least one; finite.</param>
    /// <param name="labels">y in [0, 1], one a difference.</param>
    /// <remarks>
    /// In b = 1/T the loss is convex, with the derivative Σ d (σ(b d) − y). Its signs at 0 and far out say whether there is a minimum; Newton's steps find it, replaced by halving of the bracket where they
    /// leave it. Differences are measured in the largest of them, so that their scale changes nothing but the scale of T.
    /// </remarks>
    public static TemperatureFit Fit(ReadOnlySpan<double> differences, ReadOnlySpan<double> labels)
    {
        Check(differences, labels);
        var largest = 0.0;
        foreach (var difference in differences)
        {
            largest = Math.Max(largest, Math.Abs(difference));
        }

        if (largest == 0)
        {
            return new TemperatureFit(null, TemperatureMinimum.Everywhere);
        }

        var scaled = new List<(double Difference, double Label)>(differences.Length);
        var isSeparated = true;
        for (var index = 0; index < differences.Length; index++)
        {
            if (differences[index] != 0)
            {
                scaled.Add((differences[index] / largest, labels[index]));
                isSeparated &= labels[index] == (differences[index] > 0 ? 1 : 0);
            }
        }

        if (isSeparated)
        {
            return new TemperatureFit(null, TemperatureMinimum.Zero);
        }

        return Derivatives(scaled, 0).Slope >= 0 ? new TemperatureFit(null, TemperatureMinimum.Infinity) : new TemperatureFit(largest / Root(scaled), TemperatureMinimum.Finite);
    }

    /// <summary>The b at which the slope is 0, given that it is negative at 0 and positive far out.</summary>
    private static double Root(List<(double Difference, double Label)> scaled)
    {
        var (low, high) = (0.0, 1.0);
        while (Derivatives(scaled, high).Slope < 0)
        {
            (low, high) = (high, 2 * high);
        }

        var place = low;
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            var (slope, curvature) = Derivatives(scaled, place);
            (low, high) = slope < 0 ? (place, high) : (low, place);
            var next = place - (slope / curvature);
            if (slope == 0 || Math.Abs(next - place) <= RelativeStep * place)
            {
                return place;
            }

            place = next > low && next < high ? next : low + ((high - low) / 2);
        }

        return place;
    }

    private static (double Slope, double Curvature) Derivatives(List<(double Difference, double Label)> scaled, double place)
    {
        CompensatedSum slope = new(), curvature = new();
        foreach (var (difference, label) in scaled)
        {
            // σ − y as (1 − y) σ(x) − y σ(−x), which loses nothing where σ is near y.
            var (up, down) = (Logistic.Sigmoid(place * difference), Logistic.Sigmoid(-place * difference));
            slope.Add(difference * (((1 - label) * up) - (label * down)));
            curvature.Add(difference * difference * up * down);
        }

        return (slope.Value, curvature.Value);
    }

    private static void Check(ReadOnlySpan<double> differences, ReadOnlySpan<double> labels)
    {
        if (differences.Length == 0 || differences.Length != labels.Length)
        {
            throw new ArgumentException($"Found {differences.Length} differences and {labels.Length} labels, expected as many of each, and one at least.");
        }

        for (var index = 0; index < differences.Length; index++)
        {
            if (!(double.IsFinite(differences[index]) && labels[index] >= 0 && labels[index] <= 1))
            {
                throw new ArgumentException($"Item {index} has the difference {differences[index]} and the label {labels[index]}, expected a finite one and a label from 0 to 1.");
            }
        }
    }
}
