using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>An annotator beside the others.</summary>
public sealed record AnnotatorRow
{
    /// <summary>The name, or <c>vote 1</c>, <c>vote 2</c>, … for votes without one, by their place in the row.</summary>
    public required string Annotator { get; init; }

    /// <summary>Its votes.</summary>
    public required int Votes { get; init; }

    /// <summary>Mean over its comparisons with another vote of the share of the other votes that are the same; null without any.</summary>
    public required double? Agreement { get; init; }

    /// <summary>Probability that it votes as a voter of the Bradley–Terry model would, fitted together with the systems' strengths; null without names of annotators and systems.</summary>
    public double? Reliability { get; init; }
}

/// <summary>What the votes on comparisons say about each other, and about the systems. docs/metrics.md defines the numbers; those of which there is none are null.</summary>
public sealed record VoteMetrics
{
    /// <summary>λ of the fit with reliabilities, where no penalty was asked for.</summary>
    public const double CrowdPenalty = 0.1;

    /// <summary>Comparisons read.</summary>
    public required long Comparisons { get; init; }

    /// <summary>Those with a vote.</summary>
    public required long Voted { get; init; }

    /// <summary>Votes.</summary>
    public required long Votes { get; init; }

    /// <summary>Votes for a tie.</summary>
    public required long TieVotes { get; init; }

    /// <summary>Votes that rows list as missing.</summary>
    public required long MissingVotes { get; init; }

    /// <summary>Agreement of annotators, whoever they are.</summary>
    public required Agreement Agreement { get; init; }

    /// <summary>Of two annotators; null where there are more or fewer.</summary>
    public required CohenKappa? CohenKappa { get; init; }

    /// <summary>Each annotator beside the others.</summary>
    public required IReadOnlyList<AnnotatorRow> Annotators { get; init; }

    /// <summary>The systems; null where rows do not name two.</summary>
    public required SystemMetrics? Systems { get; init; }

    /// <summary>Counts the votes of comparisons.</summary>
    /// <param name="comparisons">Read once; of each the votes are kept.</param>
    /// <param name="penalty">λ of the penalty on strengths; with 0 systems must form one group for there to be any.</param>
    /// <param name="seed">Seed of the intervals.</param>
    /// <exception cref="DataException">No comparison has a vote.</exception>
    public static VoteMetrics Of(IEnumerable<Comparison> comparisons, double penalty = 0, int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(comparisons);
        var items = new List<VotedItem>();
        var prompts = new Dictionary<string, int>(StringComparer.Ordinal);
        long read = 0, missing = 0;
        foreach (var comparison in comparisons)
        {
            read++;
            missing += comparison.Votes.Count(vote => vote.Choice is null);
            if (comparison.Votes.Any(vote => vote.Choice is not null))
            {
                var fingerprint = PromptFingerprint.Of(comparison);
                prompts.TryAdd(fingerprint, prompts.Count);
                items.Add(VotedItem.Of(comparison.Votes, comparison.Systems, prompts[fingerprint]));
            }
        }

        if (items.Count == 0)
        {
            throw new DataException($"found no votes on {read} comparisons; expected some to measure agreement of; name their column with --columns votes=COLUMN");
        }

        var annotators = VotedItem.ByAnnotator(items).ToArray();
        var (systems, reliabilities) = OfSystems(items, penalty, seed);
        return new VoteMetrics
        {
            Comparisons = read,
            Voted = items.Count,
            Votes = items.Sum(item => (long)item.Votes.Length),
            TieVotes = items.Sum(item => (long)item.Votes.Count(vote => vote.Value == 0)),
            MissingVotes = missing,
            Agreement = VotedItem.AgreementOf(items, item => item.Values, seed),
            CohenKappa = annotators.Length == 2 ? OfTwo(items, annotators[0].Annotator, annotators[1].Annotator, seed) : null,
            Annotators = [.. annotators.Select(annotator => Row(annotator.Annotator, annotator.Votes, reliabilities))],
            Systems = systems,
        };
    }

    private static CohenKappa OfTwo(List<VotedItem> items, string first, string second, int seed)
    {
        double?[] Votes(string name) => [.. items.Select(item => item.Votes.Where(vote => vote.Annotator == name).Select(vote => (double?)vote.Value).FirstOrDefault())];
        return Statistics.CohenKappa.Of(Votes(first), Votes(second), [.. items.Select(item => item.Prompt)], new AgreementOptions { BothWays = true, Seed = seed });
    }

    private static AnnotatorRow Row(string annotator, List<(VotedItem Item, int Place)> votes, Dictionary<string, double?> reliabilities)
    {
        double[] shares = [.. votes.Where(vote => vote.Item.Votes.Length > 1).Select(vote => VotedItem.ShareOf(vote.Item.Votes[vote.Place].Value, vote.Item.Without(vote.Place)))];
        return new AnnotatorRow
        {
            Annotator = annotator,
            Votes = votes.Count,
            Agreement = shares.Length == 0 ? null : CompensatedSum.Mean(shares),
            Reliability = reliabilities.GetValueOrDefault(annotator),
        };
    }

    /// <summary>Strengths of the systems, and where all their votes have names the annotators' reliabilities too.</summary>
    private static (SystemMetrics? Systems, Dictionary<string, double?> Reliabilities) OfSystems(List<VotedItem> items, double penalty, int seed)
    {
        var votes = (from item in items where item.Systems is { } systems && systems.Chosen != systems.Rejected from vote in item.Votes select (item, vote)).ToArray();
        var strengths = SystemMetrics.Of(votes.Select(vote => (vote.item.Systems!, vote.vote.Value, vote.item.Prompt)), penalty, seed);
        if (strengths is null || votes.Any(vote => !vote.vote.IsNamed))
        {
            return (strengths, []);
        }

        var systemNames = SystemMetrics.Names(votes.Select(vote => vote.item.Systems!));
        string[] annotators = [.. votes.Select(vote => vote.vote.Annotator).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        AnnotatedVote[] annotated =
        [
            .. votes.Select(vote => new AnnotatedVote(
                Array.BinarySearch(annotators, vote.vote.Annotator, StringComparer.Ordinal),
                SystemMetrics.Numbered(systemNames, vote.item.Systems!, vote.vote.Value, vote.item.Prompt))),
        ];
        var crowd = CrowdStrengths.Of(systemNames.Count, annotators.Length, annotated, penalty > 0 ? penalty : CrowdPenalty);
        var table = strengths.Table.Select(row => row with { CrowdStrength = crowd.Strengths[systemNames[row.System]] });
        return (strengths with { Table = [.. table] }, annotators.Zip(crowd.Reliabilities).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
    }
}
