using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>The model in an annotator's place: both held against the votes of the others, on comparisons with two votes or more.</summary>
public sealed record BesideAnnotators
{
    /// <summary>Comparisons.</summary>
    public required int Items { get; init; }

    /// <summary>Mean over comparisons of the share of votes that are the model's verdict.</summary>
    public required double? Model { get; init; }

    /// <summary>Mean over comparisons of the share of the others' votes that are an annotator's, its own left out.</summary>
    public required double? Annotators { get; init; }

    /// <summary>Model minus annotators.</summary>
    public required double? Difference { get; init; }

    /// <summary>Its interval, comparison by comparison, clustered by prompt; null with a single prompt.</summary>
    public required Interval? DifferenceCi95 { get; init; }

    internal static BesideAnnotators Of(IEnumerable<(double Verdict, double[] Votes, int Prompt)> items)
    {
        var several = items.Where(item => item.Votes.Length > 1).ToArray();
        double[] model = [.. several.Select(item => VotedItem.ShareOf(item.Verdict, item.Votes))];

        // The share of equal ordered pairs, which is the mean over annotators of their agreement with the others.
        double[] annotators = [.. several.Select(item => item.Votes.CountBy(vote => vote).Sum(vote => (double)vote.Value * (vote.Value - 1)) / item.Votes.Length / (item.Votes.Length - 1))];
        var difference = several.Length == 0 ? null : PairedDifference.Of(model, annotators, [.. several.Select(item => item.Prompt)]).Difference;
        return new BesideAnnotators
        {
            Items = several.Length,
            Model = several.Length == 0 ? null : CompensatedSum.Mean(model),
            Annotators = several.Length == 0 ? null : CompensatedSum.Mean(annotators),
            Difference = difference?.Mean,
            DifferenceCi95 = difference is { ClusterCount: > 1 } ? difference.Interval : null,
        };
    }
}

/// <summary>An annotator and the model.</summary>
public sealed record AnnotatorBesideModel
{
    /// <summary>The name, or <c>vote 1</c>, … for votes without one.</summary>
    public required string Annotator { get; init; }

    /// <summary>Its votes on scored comparisons.</summary>
    public required int Votes { get; init; }

    /// <summary>Share of them that are the model's verdict.</summary>
    public required double WithModel { get; init; }

    /// <summary>Cohen's kappa of the two; null where both always say the same one thing.</summary>
    public required double? CohenKappa { get; init; }

    /// <summary>Mean share of the others' votes that are this annotator's, where there are others; null where there are none.</summary>
    public required double? WithOthers { get; init; }

    /// <summary>The model's agreement with those same votes of the others.</summary>
    public required double? ModelWithOthers { get; init; }
}

/// <summary>The systems as annotators and as the model see them, from the same comparisons.</summary>
/// <param name="ByVotes">From the votes.</param>
/// <param name="ByVerdicts">From one verdict of the model for each comparison with votes.</param>
/// <param name="StrengthSpearman">Spearman's rank correlation of the strengths; null where either has none, or does not vary.</param>
/// <param name="WinRateSpearman">The same of the win rates, which always exist.</param>
public sealed record SystemsBesideModel(SystemMetrics ByVotes, SystemMetrics ByVerdicts, double? StrengthSpearman, double? WinRateSpearman);

/// <summary>
/// The model as one more annotator of the comparisons that have votes. Its verdict is the response with the higher reward, a tie where rewards are equal. docs/metrics.md defines
/// the numbers; those of which there is none are null.
/// </summary>
public sealed record AgreementMetrics
{
    /// <summary>Scored comparisons with a vote.</summary>
    public required int Items { get; init; }

    /// <summary>Their votes.</summary>
    public required int Votes { get; init; }

    /// <summary>Mean over them of the share of votes that are the model's verdict.</summary>
    public required double ModelAgreement { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? ModelAgreementCi95 { get; init; }

    /// <summary>The model beside the annotators, all votes.</summary>
    public required BesideAnnotators All { get; init; }

    /// <summary>The same without votes for a tie, which a model all but never gives.</summary>
    public required BesideAnnotators Decided { get; init; }

    /// <summary>Agreement of the annotators, where there are two votes or more.</summary>
    public required Agreement Annotators { get; init; }

    /// <summary>The same comparisons with the model's verdict as one more vote.</summary>
    public required Agreement WithModel { get; init; }

    /// <summary>Each annotator and the model.</summary>
    public required IReadOnlyList<AnnotatorBesideModel> ByAnnotator { get; init; }

    /// <summary>The systems; null where rows do not name two.</summary>
    public required SystemsBesideModel? Systems { get; init; }

    /// <summary>Sets the verdicts of a scorer beside the votes.</summary>
    /// <param name="pairs">Those without votes are passed over.</param>
    /// <param name="penalty">λ of the penalty on strengths of systems; 0 for none.</param>
    /// <param name="seed">Seed of the intervals.</param>
    /// <returns>Null when no pair has a vote.</returns>
    public static AgreementMetrics? Of(IReadOnlyList<ScoredPair> pairs, double penalty = 0, int seed = 42)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        var verdicts = new Dictionary<VotedItem, double>(ReferenceEqualityComparer.Instance);
        foreach (var pair in pairs.Where(pair => pair.Votes.Any(vote => vote.Choice is not null)))
        {
            verdicts.Add(VotedItem.Of(pair.Votes, pair.Systems, pair.Prompt), Math.Sign(pair.Difference));
        }

        if (verdicts.Count == 0)
        {
            return null;
        }

        VotedItem[] items = [.. verdicts.Keys], several = [.. items.Where(item => item.Votes.Length > 1)];
        var model = ClusteredMean.Of([.. items.Select(item => VotedItem.ShareOf(verdicts[item], item.Without(-1)))], [.. items.Select(item => item.Prompt)]);
        return new AgreementMetrics
        {
            Items = items.Length,
            Votes = items.Sum(item => item.Votes.Length),
            ModelAgreement = model.Mean,
            ModelAgreementCi95 = model.ClusterCount > 1 ? model.Interval : null,
            All = BesideAnnotators.Of(items.Select(item => (verdicts[item], item.Without(-1), item.Prompt))),
            Decided = BesideAnnotators.Of(items.Select(item => (verdicts[item], item.Without(-1).Where(vote => vote != 0).ToArray(), item.Prompt))),
            Annotators = VotedItem.AgreementOf(several, item => item.Values, seed),
            WithModel = VotedItem.AgreementOf(several, item => [.. item.Values, verdicts[item]], seed),
            ByAnnotator = [.. VotedItem.ByAnnotator(items).Select(annotator => Row(annotator.Annotator, annotator.Votes, verdicts))],
            Systems = OfSystems(items, verdicts, penalty, seed),
        };
    }

    private static AnnotatorBesideModel Row(string annotator, List<(VotedItem Item, int Place)> votes, Dictionary<VotedItem, double> verdicts)
    {
        double[] own = [.. votes.Select(vote => vote.Item.Votes[vote.Place].Value)], model = [.. votes.Select(vote => verdicts[vote.Item])];
        var kappa = CohenKappa.Of([.. own.Select(value => (double?)value)], [.. model.Select(value => (double?)value)], [.. votes.Select(vote => vote.Item.Prompt)],
            new AgreementOptions { BothWays = true, ReplicateCount = 0 });
        var others = votes.Where(vote => vote.Item.Votes.Length > 1)
            .Select(vote => (Own: vote.Item.Votes[vote.Place].Value, Model: verdicts[vote.Item], Others: vote.Item.Without(vote.Place))).ToArray();
        double? Mean(IEnumerable<double> shares) => others.Length == 0 ? null : CompensatedSum.Mean([.. shares]);
        return new AnnotatorBesideModel
        {
            Annotator = annotator,
            Votes = votes.Count,
            WithModel = kappa.Raw!.Value,
            CohenKappa = kappa.Kappa,
            WithOthers = Mean(others.Select(item => VotedItem.ShareOf(item.Own, item.Others))),
            ModelWithOthers = Mean(others.Select(item => VotedItem.ShareOf(item.Model, item.Others))),
        };
    }

    private static SystemsBesideModel? OfSystems(VotedItem[] items, Dictionary<VotedItem, double> verdicts, double penalty, int seed)
    {
        VotedItem[] named = [.. items.Where(item => item.Systems is not null)];
        var votes = SystemMetrics.Of(named.SelectMany(item => item.Votes.Select(vote => (item.Systems!, vote.Value, item.Prompt))), penalty, seed);
        var byModel = SystemMetrics.Of(named.Select(item => (item.Systems!, verdicts[item], item.Prompt)), penalty, seed);
        if (votes is null || byModel is null)
        {
            return null;
        }

        var theirs = byModel.Table.ToDictionary(row => row.System, StringComparer.Ordinal);
        double? Spearman(Func<SystemRow, double?> figure)
        {
            double?[] first = [.. votes.Table.Select(figure)], second = [.. votes.Table.Select(row => figure(theirs[row.System]))];
            return first.Contains(null) || second.Contains(null) ? null
                : RankCorrelation.Spearman([.. first.OfType<double>()], [.. second.OfType<double>()]);
        }

        return new SystemsBesideModel(votes, byModel, Spearman(row => row.Strength), Spearman(row => row.WinRate));
    }
}
