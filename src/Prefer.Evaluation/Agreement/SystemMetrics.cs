using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>A system as votes see it.</summary>
public sealed record SystemRow
{
    /// <summary>Its name.</summary>
    public required string System { get; init; }

    /// <summary>Votes between it and other systems.</summary>
    public required long Votes { get; init; }

    /// <summary>Share of them that are for it, a tie counting one half.</summary>
    public required double WinRate { get; init; }

    /// <summary>Bradley–Terry strength, in nats, 0 the mean of the systems; null where the systems form several groups and there is no penalty.</summary>
    public double? Strength { get; init; }

    /// <summary>Its interval, by resampled prompts.</summary>
    public Interval? StrengthCi95 { get; init; }

    /// <summary>The strength on the scale of chess ratings, 1000 the mean.</summary>
    public double? Rating { get; init; }

    /// <summary>Its interval.</summary>
    public Interval? RatingCi95 { get; init; }

    /// <summary>The strength where annotators count by their reliability; null where they have no names.</summary>
    public double? CrowdStrength { get; init; }
}

/// <summary>Systems that wrote the responses, by votes between them. docs/metrics.md defines the numbers.</summary>
public sealed record SystemMetrics
{
    /// <summary>Votes between two different systems.</summary>
    public required long Votes { get; init; }

    /// <summary>λ of the penalty on strengths; 0 for none.</summary>
    public required double Penalty { get; init; }

    /// <summary>Groups between which no strengths can be told, those that beat others first; one group where all can be.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Groups { get; init; }

    /// <summary>The systems, the strongest first; by their win rate where there are no strengths.</summary>
    public required IReadOnlyList<SystemRow> Table { get; init; }

    /// <summary>Fits strengths.</summary>
    /// <param name="votes">Who wrote the responses, the vote (1, 0 or −1, for the chosen, a tie, the rejected), and the prompt. Those on two responses of one system are left out.</param>
    /// <returns>Null when no vote is between two systems.</returns>
    internal static SystemMetrics? Of(IEnumerable<(SystemPair Systems, double Value, int Prompt)> votes, double penalty, int seed)
    {
        var between = votes.Where(vote => vote.Systems.Chosen != vote.Systems.Rejected).ToArray();
        if (between.Length == 0)
        {
            return null;
        }

        var names = Names(between.Select(vote => vote.Systems));
        SystemVote[] numbered = [.. between.Select(vote => Numbered(names, vote.Systems, vote.Value, vote.Prompt))];
        var wins = WinTable.Of(names.Count, numbered);
        var groups = wins.Groups();
        var strengths = groups.Count == 1 || penalty > 0 ? SystemStrengths.Of(names.Count, numbered, penalty, seed: seed) : null;
        return new SystemMetrics
        {
            Votes = numbered.Length,
            Penalty = penalty,
            Groups = [.. groups.Select(group => group.Select(system => names.GetAt(system).Key).ToArray())],
            Table = [.. names.Select(name => Row(name.Key, name.Value)).OrderByDescending(row => row.Strength ?? row.WinRate)],
        };

        SystemRow Row(string name, int system)
        {
            var (won, lost) = (0.0, 0.0);
            for (var other = 0; other < names.Count; other++)
            {
                won += wins[system, other];
                lost += wins[other, system];
            }

            return new SystemRow
            {
                System = name,
                Votes = (long)Math.Round(won + lost),
                WinRate = won / (won + lost),
                Strength = strengths?.Strengths[system],
                StrengthCi95 = strengths?.Intervals[system],
                Rating = strengths is null ? null : SystemStrengths.Rating(strengths.Strengths[system]),
                RatingCi95 = strengths?.Intervals[system] is { } ends ? new Interval(SystemStrengths.Rating(ends.Low), SystemStrengths.Rating(ends.High)) : null,
            };
        }
    }

    /// <summary>Numbers for systems, in ordinal order of their names.</summary>
    internal static OrderedDictionary<string, int> Names(IEnumerable<SystemPair> systems)
    {
        var names = new OrderedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in systems.SelectMany(pair => new[] { pair.Chosen, pair.Rejected }).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            names.Add(name, names.Count);
        }

        return names;
    }

    /// <summary>A vote as the statistics take it.</summary>
    internal static SystemVote Numbered(OrderedDictionary<string, int> names, SystemPair systems, double value, int prompt) =>
        new(names[systems.Chosen], names[systems.Rejected], (value + 1) / 2, prompt);
}
