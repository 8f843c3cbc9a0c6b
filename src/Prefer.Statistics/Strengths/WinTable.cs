namespace Prefer.Statistics;

/// <summary>How often each of S systems won against each other one; a tie is half a win for both.</summary>
public sealed class WinTable
{
    private readonly double[] wins; // [S, S], winner first

    private WinTable(int systemCount, double[] wins) => (SystemCount, this.wins) = (systemCount, wins);

    /// <summary>S.</summary>
    public int SystemCount { get; }

    /// <summary>Wins of one system against another.</summary>
    public double this[int winner, int loser] => wins[winner * SystemCount + loser];

    /// <summary>Adds up votes.</summary>
    /// <exception cref="ArgumentException">A preference outside [0, 1], a system that there is not, or one against itself.</exception>
    public static WinTable Of(int systemCount, IEnumerable<SystemVote> votes)
    {
        ArgumentNullException.ThrowIfNull(votes);
        return new WinTable(systemCount, SumsOf(systemCount, votes).Total());
    }

    /// <summary>The same by cluster.</summary>
    internal static ClusterSums SumsOf(int systemCount, IEnumerable<SystemVote> votes)
    {
        var sums = new ClusterSums(systemCount * systemCount);
        foreach (var vote in votes)
        {
            Check(vote, systemCount);
            sums.Add(vote.Cluster, vote.First * systemCount + vote.Second, vote.Preference);
            sums.Add(vote.Cluster, vote.Second * systemCount + vote.First, 1 - vote.Preference);
        }

        return sums;
    }

    internal static WinTable OfSums(int systemCount, double[] wins) => new(systemCount, wins);

    internal static void Check(SystemVote vote, int systemCount)
    {
        if (!(vote.Preference >= 0 && vote.Preference <= 1))
        {
            throw new ArgumentException($"Found the preference {vote.Preference}, expected 0 to 1: 1 for the first system, 0 for the second, one half for a tie.");
        }

        if (vote.First < 0 || vote.First >= systemCount || vote.Second < 0 || vote.Second >= systemCount || vote.First == vote.Second)
        {
            throw new ArgumentException($"Found a vote between systems {vote.First} and {vote.Second}, expected two different ones from 0 to {systemCount - 1}.");
        }
    }

    /// <summary>
    /// The groups within which strengths can be told: from each system to each other of its group leads a chain of systems of which each won against the next. Between two groups
    /// all wins are on one side, or there are none, and no finite difference fits them best. One group is what <see cref="SystemStrengths.Fit"/> needs.
    /// </summary>
    /// <returns>Groups of systems, those that beat others first.</returns>
    /// <remarks>L. R. Ford, "Solution of a ranking problem from binary comparisons", The American Mathematical Monthly 64 (1957).</remarks>
    public IReadOnlyList<IReadOnlyList<int>> Groups()
    {
        var reached = Enumerable.Range(0, SystemCount).Select(Reached).ToArray();
        var groups = new List<IReadOnlyList<int>>();
        for (var system = 0; system < SystemCount; system++)
        {
            int[] group = [.. Enumerable.Range(0, SystemCount).Where(other => reached[system].Contains(other) && reached[other].Contains(system))];
            if (group[0] == system)
            {
                groups.Add(group);
            }
        }

        // What beats a group reaches more systems than the group does.
        return [.. groups.OrderByDescending(group => reached[group[0]].Count)];
    }

    /// <summary>True when there is one group.</summary>
    internal bool IsConnected() => SystemCount <= 1 || (Reached(0).Count == SystemCount && Transposed().Reached(0).Count == SystemCount);

    private WinTable Transposed()
    {
        var turned = new double[wins.Length];
        for (var system = 0; system < SystemCount; system++)
        {
            for (var other = 0; other < SystemCount; other++)
            {
                turned[other * SystemCount + system] = this[system, other];
            }
        }

        return new WinTable(SystemCount, turned);
    }

    /// <summary>A system and all that a chain of wins leads to.</summary>
    private HashSet<int> Reached(int from)
    {
        var reached = new HashSet<int> { from };
        var open = new Stack<int>(reached);
        while (open.TryPop(out var winner))
        {
            for (var loser = 0; loser < SystemCount; loser++)
            {
                if (this[winner, loser] > 0 && reached.Add(loser))
                {
                    open.Push(loser);
                }
            }
        }

        return reached;
    }
}
