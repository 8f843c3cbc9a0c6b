using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Prefer.Evaluation;

/// <summary>The metrics of all comparisons, those of each subset and section, every further analysis, and what it took.</summary>
public sealed record EvaluationResult : PairMetrics
{
    /// <summary>An empty record, to be filled.</summary>
    public EvaluationResult()
    {
    }

    [SetsRequiredMembers]
    internal EvaluationResult(PairMetrics all)
        : base(all)
    {
    }

    /// <summary>By name, in ordinal order. Comparisons without a subset are in none.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, PairMetrics> Subsets { get; init; } = new Dictionary<string, PairMetrics>();

    /// <summary>Of subsets named <c>section/subset</c>, all of a section together, by name. Empty where no subset is named so.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, PairMetrics> Sections { get; init; } = new Dictionary<string, PairMetrics>();

    /// <summary>Other scorers on the same comparisons, by name, where any were asked for.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, BaselineMetrics> Baselines { get; init; } = new Dictionary<string, BaselineMetrics>();

    /// <summary>How far the members of an ensemble agree; null for a scorer that is none.</summary>
    [JsonPropertyOrder(1)]
    public EnsembleMetrics? Ensemble { get; init; }

    /// <summary>Rows left out because they could not be read.</summary>
    [JsonPropertyOrder(2)]
    public long BadRows { get; init; }

    /// <summary>Tokens of the scored sequences, special ones included; no padding, and a shared prompt counts for every response. Null for scorers without tokens.</summary>
    [JsonPropertyOrder(2)]
    public long? Tokens { get; init; }

    /// <summary>Time of reading, encoding and scoring; the model was loaded before.</summary>
    [JsonPropertyOrder(2)]
    public double Seconds { get; init; }

    /// <summary>Scored pairs per second.</summary>
    [JsonPropertyOrder(2)]
    public double PairsPerSecond { get; init; }

    /// <summary><see cref="Tokens"/> per second.</summary>
    [JsonPropertyOrder(2)]
    public double? TokensPerSecond { get; init; }

    /// <summary>Every figure of a pass.</summary>
    /// <param name="scored">What the pass left.</param>
    /// <param name="badRows">Rows that were left out.</param>
    public static EvaluationResult Of(ScoredComparisons scored, long badRows = 0)
    {
        ArgumentNullException.ThrowIfNull(scored);
        var subsets = scored.Subsets();
        var sections = subsets.Where(name => name.Contains('/', StringComparison.Ordinal)).Select(SectionOf).Distinct(StringComparer.Ordinal);
        return new EvaluationResult(PairMetrics.Of(scored))
        {
            Subsets = Parts(subsets, name => scored.Of(subset => subset == name)),
            Sections = Parts(sections, name => scored.Of(subset => subset is not null && SectionOf(subset) == name)),
            Ensemble = EnsembleMetrics.Of(scored),
            BadRows = badRows,
            Tokens = scored.Tokens,
            Seconds = scored.Seconds,
            PairsPerSecond = scored.Pairs.Count / scored.Seconds,
            TokensPerSecond = scored.Tokens / scored.Seconds,
        };
    }

    private static Dictionary<string, PairMetrics> Parts(IEnumerable<string> names, Func<string, ScoredComparisons> part) =>
        names.ToDictionary(name => name, name => PairMetrics.Of(part(name)), StringComparer.Ordinal);

    private static string SectionOf(string subset) => subset.Split('/', 2)[0];
}
