namespace Prefer.Statistics;

/// <summary>A vote between two systems and who gave it.</summary>
/// <param name="Annotator">Which annotator, from 0.</param>
/// <param name="Vote">The vote.</param>
public readonly record struct AnnotatedVote(int Annotator, SystemVote Vote);

/// <summary>
/// Strengths of systems fitted together with the reliability of each annotator: P(annotator k votes for a) = η_k σ(θ_a − θ_b) + (1 − η_k) σ(θ_b − θ_a). η is the probability that
/// an annotator says what a voter of the Bradley–Terry model would: 1 for one of those, ½ for one who guesses, 0 for one who says the opposite. A tie is half a vote for each,
/// which draws η towards ½.
/// </summary>
/// <param name="Strengths">θ of each system, in nats, with mean 0.</param>
/// <param name="Reliabilities">η of each annotator, in [0, 1]; null for one without votes, or where all strengths are equal and any η fits.</param>
/// <param name="Objective">The logarithm of the likelihood less λ/2 · Σ θ², at the end.</param>
/// <param name="Iterations">Rounds taken.</param>
/// <remarks>
/// X. Chen, P. N. Bennett, K. Collins-Thompson, E. Horvitz, "Pairwise ranking aggregation in a crowdsourced setting", WSDM (2013), with a penalty λ/2 · Σ θ² in place of their
/// virtual item. A penalty is needed: with few systems an η below 1 and infinite strengths fit as well as finite ones. The objective has several maxima (all θ negated and all η
/// taken from 1 is one as high), and this is the one that is climbed from the strengths with every η = 1: it takes the majority of votes to be right.
/// </remarks>
public sealed record CrowdStrengths(IReadOnlyList<double> Strengths, IReadOnlyList<double?> Reliabilities, double Objective, int Iterations)
{
    private const int MaxIterations = 10_000, MaxSteps = 100;
    private const double Tolerance = 1e-11, LastStep = 1e-12;

    /// <summary>Votes of one annotator between two systems: how many for either.</summary>
    private readonly record struct Cell(int Annotator, int First, int Second, double ForFirst, double ForSecond);

    /// <summary>Climbs to a maximum: by turns η of each annotator exactly, and θ by a step of expectation and maximisation (whether a vote was meant as said being what is not seen).</summary>
    /// <param name="systemCount">S.</param>
    /// <param name="annotatorCount">K.</param>
    /// <param name="votes">Votes, at least one.</param>
    /// <param name="penalty">λ, positive.</param>
    /// <exception cref="ArgumentException">As <see cref="WinTable.Of"/> throws, or an annotator that there is not.</exception>
    public static CrowdStrengths Of(int systemCount, int annotatorCount, IReadOnlyCollection<AnnotatedVote> votes, double penalty)
    {
        ArgumentNullException.ThrowIfNull(votes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(penalty);
        var cells = Cells(systemCount, annotatorCount, votes).ToLookup(cell => cell.Annotator);
        var reliabilities = Enumerable.Repeat(1.0, annotatorCount).ToArray();
        var strengths = SystemStrengths.Fit(WinTable.Of(systemCount, votes.Select(vote => vote.Vote)), penalty);
        var iterations = 0;
        for (var change = double.PositiveInfinity; change > Tolerance && iterations < MaxIterations; iterations++)
        {
            double[] nextReliabilities = [.. reliabilities.Select((reliability, annotator) => Reliability(cells[annotator], strengths, reliability) ?? reliability)];
            var next = SystemStrengths.FitFrom(strengths, Meant(systemCount, cells.SelectMany(group => group), strengths, nextReliabilities), penalty);
            change = Math.Max(Largest(strengths, next), Largest(reliabilities, nextReliabilities));
            (strengths, reliabilities) = (next, nextReliabilities);
        }

        double?[] told = [.. Enumerable.Range(0, annotatorCount).Select(annotator => Reliability(cells[annotator], strengths, reliabilities[annotator]))];
        return new CrowdStrengths(strengths, told, Value(cells.SelectMany(group => group), strengths, reliabilities, penalty), iterations);
    }

    private static IEnumerable<Cell> Cells(int systemCount, int annotatorCount, IReadOnlyCollection<AnnotatedVote> votes)
    {
        var sums = new Dictionary<(int Annotator, int First, int Second), (double ForFirst, double ForSecond)>();
        foreach (var (annotator, vote) in votes)
        {
            WinTable.Check(vote, systemCount);
            if (annotator < 0 || annotator >= annotatorCount)
            {
                throw new ArgumentException($"Found a vote of annotator {annotator}, expected one from 0 to {annotatorCount - 1}.");
            }

            var (first, second, preference) = vote.First < vote.Second ? (vote.First, vote.Second, vote.Preference) : (vote.Second, vote.First, 1 - vote.Preference);
            var sum = sums.GetValueOrDefault((annotator, first, second));
            sums[(annotator, first, second)] = (sum.ForFirst + preference, sum.ForSecond + 1 - preference);
        }

        return sums.Select(sum => new Cell(sum.Key.Annotator, sum.Key.First, sum.Key.Second, sum.Value.ForFirst, sum.Value.ForSecond));
    }

    /// <summary>The η with the largest likelihood: its logarithm is concave in η, so that the root of the slope, or the end of [0, 1] that it leads to, is it.</summary>
    private static double? Reliability(IEnumerable<Cell> cells, double[] strengths, double start)
    {
        // Of each direction: how many votes, and P(voted so) if meant as said; the opposite has 1 − P, taken on its own for its digits.
        (double Count, double As, double Opposite)[] terms =
        [
            .. from cell in cells
               let difference = strengths[cell.First] - strengths[cell.Second]
               let first = Logistic.Sigmoid(difference)
               let second = Logistic.Sigmoid(-difference)
               from term in ((double Count, double As, double Opposite)[])[(cell.ForFirst, first, second), (cell.ForSecond, second, first)]
               where term.Count > 0
               select term,
        ];
        if (terms.All(term => term.As == term.Opposite))
        {
            return null;
        }

        // The first and the second derivative.
        (double Slope, double Curvature) At(double eta)
        {
            var (slope, curvature) = (0.0, 0.0);
            foreach (var (count, asSaid, opposite) in terms)
            {
                var ratio = (asSaid - opposite) / (eta * asSaid + (1 - eta) * opposite);
                slope += count * ratio;
                curvature -= count * ratio * ratio;
            }

            return (slope, curvature);
        }

        if (At(1).Slope >= 0 || At(0).Slope <= 0)
        {
            return At(1).Slope >= 0 ? 1 : 0;
        }

        // Newton's method, halving the interval that holds the root where a step leaves it.
        var (low, high, eta) = (0.0, 1.0, start is > 0 and < 1 ? start : 0.5);
        for (var step = 0; step < MaxSteps; step++)
        {
            var (slope, curvature) = At(eta);
            (low, high) = slope > 0 ? (eta, high) : (low, eta);
            var next = eta - slope / curvature;
            next = next > low && next < high ? next : (low + high) / 2;
            var change = Math.Abs(next - eta);
            eta = next;
            if (change <= LastStep)
            {
                break;
            }
        }

        return eta;
    }

    /// <summary>Wins as they were probably meant: each vote for what it says with the probability that it was meant so, and for the other with the rest.</summary>
    private static WinTable Meant(int systemCount, IEnumerable<Cell> cells, double[] strengths, double[] reliabilities)
    {
        var wins = new double[systemCount * systemCount];
        foreach (var cell in cells)
        {
            var eta = reliabilities[cell.Annotator];
            var (first, second) = (Logistic.Sigmoid(strengths[cell.First] - strengths[cell.Second]), Logistic.Sigmoid(strengths[cell.Second] - strengths[cell.First]));
            var firstMeant = eta * first / (eta * first + (1 - eta) * second);
            var secondMeant = eta * second / (eta * second + (1 - eta) * first);
            wins[cell.First * systemCount + cell.Second] += cell.ForFirst * firstMeant + cell.ForSecond * (1 - secondMeant);
            wins[cell.Second * systemCount + cell.First] += cell.ForSecond * secondMeant + cell.ForFirst * (1 - firstMeant);
        }

        return WinTable.OfSums(systemCount, wins);
    }

    private static double Value(IEnumerable<Cell> cells, double[] strengths, double[] reliabilities, double penalty)
    {
        var sum = new CompensatedSum();
        foreach (var cell in cells)
        {
            var eta = reliabilities[cell.Annotator];
            var (first, second) = (Logistic.Sigmoid(strengths[cell.First] - strengths[cell.Second]), Logistic.Sigmoid(strengths[cell.Second] - strengths[cell.First]));
            sum.Add(cell.ForFirst == 0 ? 0 : cell.ForFirst * Math.Log(eta * first + (1 - eta) * second));
            sum.Add(cell.ForSecond == 0 ? 0 : cell.ForSecond * Math.Log(eta * second + (1 - eta) * first));
        }

        return sum.Value - penalty / 2 * strengths.Sum(strength => strength * strength);
    }

    private static double Largest(double[] before, double[] after) => before.Zip(after, (first, second) => Math.Abs(first - second)).DefaultIfEmpty(0).Max();
}
