using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>What figures of agreement are computed from: the votes on a comparison, none of them missing, and what it belongs to.</summary>
/// <param name="Votes">Who voted what: 1 for the chosen response, −1 for the rejected one, 0 for a tie. A vote without a name goes by its place in the row: <c>vote 1</c>.</param>
/// <param name="Systems">The systems that wrote the responses, or null.</param>
/// <param name="Prompt">The same number for comparisons of the same prompt.</param>
internal sealed record VotedItem(ImmutableArray<(string Annotator, bool IsNamed, double Value)> Votes, SystemPair? Systems, int Prompt)
{
    /// <summary>An item; a missing vote keeps its place in the count.</summary>
    public static VotedItem Of(ImmutableArray<Vote> votes, SystemPair? systems, int prompt) => new(
        [.. votes.Index().Where(vote => vote.Item.Value is not null).Select(vote => (vote.Item.Annotator ?? $"vote {vote.Index + 1}", vote.Item.Annotator is not null, vote.Item.Value!.Value))],
        systems,
        prompt);

    /// <summary>The values alone.</summary>
    public double?[] Values => [.. Votes.Select(vote => (double?)vote.Value)];

    /// <summary>The share of values that equal one, in [0, 1].</summary>
    public static double ShareOf(double value, ICollection<double> values) => (double)values.Count(other => other == value) / values.Count;

    /// <summary>The values of all votes but one.</summary>
    /// <param name="left">Which vote.</param>
    public double[] Without(int left) => [.. Votes.Where((_, index) => index != left).Select(vote => vote.Value)];

    /// <summary>Agreement of votes: which response is the first means nothing.</summary>
    public static Agreement AgreementOf(IReadOnlyCollection<VotedItem> items, Func<VotedItem, double?[]> values, int seed) =>
        Agreement.Of([.. items.Select(values)], [.. items.Select(item => item.Prompt)], new AgreementOptions { BothWays = true, Seed = seed });

    /// <summary>Every annotator with the items that it voted on and the place of its vote there: those with names first, each kind in ordinal order.</summary>
    public static IEnumerable<(string Annotator, List<(VotedItem Item, int Place)> Votes)> ByAnnotator(IEnumerable<VotedItem> items) =>
        items.SelectMany(item => item.Votes.Select((vote, place) => (vote.Annotator, vote.IsNamed, Vote: (Item: item, Place: place))))
            .GroupBy(vote => (vote.Annotator, vote.IsNamed))
            .OrderByDescending(votes => votes.Key.IsNamed)
            .ThenBy(votes => votes.Key.Annotator, StringComparer.Ordinal)
            .Select(votes => (votes.Key.Annotator, votes.Select(vote => vote.Vote).ToList()));
}
