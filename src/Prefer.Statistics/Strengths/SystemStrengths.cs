namespace Prefer.Statistics;

/// <summary>Bradley–Terry strengths of systems, from votes between them: P(a is preferred to b) = σ(θ_a − θ_b), a tie being half a vote for each.</summary>
/// <param name="Strengths">θ of each system, in nats, with mean 0 over the systems.</param>
/// <param name="Intervals">95 % percentile intervals over resampled clusters, one a system. Null with a single cluster, and where more than 1 in 40 draws hold no finite strengths.</param>
public sealed record SystemStrengths(IReadOnlyList<double> Strengths, IReadOnlyList<Interval?> Intervals)
{
    private const int MaxSteps = 200, MaxHalvings = 50;

    /// <summary>Newton's steps square the error, so that behind a step as small as this there is nothing to gain.</summary>
    private const double LastStep = 1e-8;

    /// <summary>A fall of the objective, relative to it, that may be rounding.</summary>
    private const double Rounding = 1e-14;

    /// <summary>A strength on the scale of chess ratings that FastChat's leaderboard has: 400 points are odds of ten to one, 1000 is the mean of the systems.</summary>
    public static double Rating(double strength) => 1000 + 400 / Math.Log(10) * strength;

    /// <summary>Fits strengths, and their intervals to resampled clusters.</summary>
    /// <param name="systemCount">S.</param>
    /// <param name="votes">Votes, at least one.</param>
    /// <param name="penalty">λ of <see cref="Fit"/>.</param>
    /// <param name="replicateCount">Draws; 0 for no intervals.</param>
    /// <exception cref="ArgumentException">As <see cref="Fit"/> and <see cref="WinTable.Of"/> throw.</exception>
    public static SystemStrengths Of(int systemCount, IEnumerable<SystemVote> votes, double penalty = 0, int replicateCount = 2000, int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(votes);
        var sums = WinTable.SumsOf(systemCount, votes);
        var whole = Fit(WinTable.OfSums(systemCount, sums.Total()), penalty);
        return new SystemStrengths(whole, sums.Intervals(Refit, replicateCount, seed));

        double?[] Refit(double[] drawn)
        {
            var wins = WinTable.OfSums(systemCount, drawn);
            return penalty == 0 && !wins.IsConnected() ? new double?[systemCount] : [.. FitFrom(whole, wins, penalty).Select(strength => (double?)strength)];
        }
    }

    /// <summary>The θ with the largest Σ wins(a, b) · log σ(θ_a − θ_b) − λ/2 · Σ θ².</summary>
    /// <param name="wins">All votes.</param>
    /// <param name="penalty">λ, 0 or more. With 0 the strengths are those of largest likelihood.</param>
    /// <returns>One a system, in nats, with mean 0.</returns>
    /// <remarks>
    /// R. A. Bradley, M. E. Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952); ties as halves and the scale as in FastChat's rating_systems.py. The
    /// objective is concave: Newton's method, a step halved until it is better.
    /// </remarks>
    /// <exception cref="ArgumentException">λ is 0 and the systems form several <see cref="WinTable.Groups"/>: the strengths would be infinite.</exception>
    public static double[] Fit(WinTable wins, double penalty = 0)
    {
        ArgumentNullException.ThrowIfNull(wins);
        ArgumentOutOfRangeException.ThrowIfNegative(penalty);
        if (penalty == 0 && !wins.IsConnected())
        {
            throw new ArgumentException("Found groups of systems that all wins between them are on one side of, or that never met "
                + $"({string.Join(" | ", wins.Groups().Select(group => string.Join(", ", group)))}); "
                + "expected wins both ways between any two groups; add votes, leave systems out, or give a penalty.");
        }

        return FitFrom(new double[wins.SystemCount], wins, penalty);
    }

    /// <summary>The same from other strengths than 0, unchecked.</summary>
    internal static double[] FitFrom(IReadOnlyList<double> start, WinTable wins, double penalty)
    {
        double[] strengths = [.. start];
        var objective = Objective(wins, penalty, strengths);
        for (var step = 0; step < MaxSteps; step++)
        {
            var (gradient, curvature) = Slopes(wins, penalty, strengths);
            var direction = SymmetricSystem.Solve(curvature, gradient);
            if (direction.Max(change => Math.Abs(change)) <= LastStep)
            {
                strengths = Moved(strengths, direction, 1);
                break;
            }

            var (length, isBetter) = (1.0, false);
            for (var halving = 0; halving < MaxHalvings && !isBetter; halving++, length /= 2)
            {
                var tried = Moved(strengths, direction, length);
                var value = Objective(wins, penalty, tried);
                isBetter = value >= objective - Rounding * Math.Abs(objective);
                (strengths, objective) = isBetter ? (tried, value) : (strengths, objective);
            }
        }

        var mean = CompensatedSum.Mean(strengths);
        return [.. strengths.Select(strength => strength - mean)];
    }

    private static double[] Moved(double[] strengths, double[] direction, double length) => [.. strengths.Zip(direction, (strength, change) => strength + length * change)];

    private static double Objective(WinTable wins, double penalty, double[] strengths)
    {
        var sum = new CompensatedSum();
        for (var system = 0; system < strengths.Length; system++)
        {
            sum.Add(-penalty / 2 * strengths[system] * strengths[system]);
            for (var other = 0; other < strengths.Length; other++)
            {
                if (wins[system, other] > 0)
                {
                    sum.Add(wins[system, other] * Logistic.LogSigmoid(strengths[system] - strengths[other]));
                }
            }
        }

        return sum.Value;
    }

    /// <summary>The gradient [S], and the negative Hessian [S, S] made invertible.</summary>
    private static (double[] Gradient, double[,] Curvature) Slopes(WinTable wins, double penalty, double[] strengths)
    {
        var size = strengths.Length;
        var (gradient, curvature) = (new double[size], new double[size, size]);
        var trace = 0.0;
        for (var system = 0; system < size; system++)
        {
            gradient[system] -= penalty * strengths[system];
            curvature[system, system] += penalty;
            for (var other = 0; other < system; other++)
            {
                var met = wins[system, other] + wins[other, system];
                var (won, lost) = (Logistic.Sigmoid(strengths[system] - strengths[other]), Logistic.Sigmoid(strengths[other] - strengths[system]));
                var (surplus, weight) = (wins[system, other] * lost - wins[other, system] * won, met * won * lost);
                gradient[system] += surplus;
                gradient[other] -= surplus;
                curvature[system, system] += weight;
                curvature[other, other] += weight;
                curvature[system, other] -= weight;
                curvature[other, system] -= weight;
                trace += 2 * weight;
            }
        }

        // A constant added to all strengths changes no probability. Along it the gradient is 0 without a penalty, so that curvature given to it moves nothing.
        for (var entry = 0; entry < size * size && penalty == 0; entry++)
        {
            curvature[entry / size, entry % size] += trace > 0 ? trace / (size * size) : 1;
        }

        return (gradient, curvature);
    }
}
