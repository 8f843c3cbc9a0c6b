using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Prefer.Evaluation.Diagnosis;
using Prefer.Evaluation.Robustness;

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

    /// <summary>Whether σ of a difference is the probability that it claims to be; null for a scorer whose rewards are no log-odds.</summary>
    [JsonPropertyOrder(1)]
    public CalibrationMetrics? Calibration { get; init; }

    /// <summary>How the differences of rewards are spread; null where all pairs are ties.</summary>
    [JsonPropertyOrder(1)]
    public MarginDistribution? Margins { get; init; }

    /// <summary>Rewards and the responses' length.</summary>
    [JsonPropertyOrder(1)]
    public TraitMetrics? Length { get; init; }

    /// <summary>The difference of rewards by the difference of lengths, from the most negative one up.</summary>
    [JsonPropertyOrder(1)]
    public ImmutableArray<RewardByLengthBin> RewardByLength { get; init; } = [];

    /// <summary>Rewards and the marks of Markdown.</summary>
    [JsonPropertyOrder(1)]
    public StyleMetrics? Style { get; init; }

    /// <summary>Whole rankings; null where the data has none.</summary>
    [JsonPropertyOrder(1)]
    public RankingMetrics? Rankings { get; init; }

    /// <summary>What choosing the best of n gives, from n = 1; empty where the data has no rankings.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<BestOfNPoint> BestOfN { get; init; } = [];

    /// <summary>The scorer as one more annotator; null where the data has no votes.</summary>
    [JsonPropertyOrder(1)]
    public AgreementMetrics? Agreement { get; init; }

    /// <summary>Each further model of the command beside the first, by the name it was given: exact test, intervals of the differences.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, ModelComparison> Models { get; init; } = new Dictionary<string, ModelComparison>();

    /// <summary>Changes that must not matter and changes that must; null where nobody asked.</summary>
    [JsonPropertyOrder(1)]
    public RobustnessMetrics? Robustness { get; init; }

    /// <summary>What is odd about data, encoding and rewards.</summary>
    [JsonPropertyOrder(1)]
    public DiagnosisMetrics? Diagnosis { get; init; }

    /// <summary>Texts that stand in other files too; null where nobody asked.</summary>
    [JsonPropertyOrder(1)]
    public ContaminationMetrics? Contamination { get; init; }

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
    /// <param name="seed">Seed of what is drawn.</param>
    public static EvaluationResult Of(ScoredComparisons scored, long badRows = 0, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(scored);
        var subsets = scored.Subsets();
        var sections = subsets.Where(name => name.Contains('/', StringComparison.Ordinal)).Select(SectionOf).Distinct(StringComparer.Ordinal);
        return new EvaluationResult(PairMetrics.Of(scored, seed))
        {
            Subsets = Parts(subsets, seed, name => scored.Of(subset => subset == name)),
            Sections = Parts(sections, seed, name => scored.Of(subset => subset is not null && SectionOf(subset) == name)),
            Ensemble = EnsembleMetrics.Of(scored),
            Calibration = scored.IsLogOdds ? CalibrationMetrics.Of(scored.Pairs, seed) : null,
            Margins = MarginDistribution.Of(scored.Pairs),
            Length = TraitMetrics.OfLength(scored.Pairs, scored.EqualRewardsCredit),
            RewardByLength = Evaluation.RewardByLength.Of(scored.Pairs),
            Style = StyleMetrics.Of(scored.Pairs, scored.EqualRewardsCredit),
            Rankings = scored.Rankings.Count == 0 ? null : RankingMetrics.Of(scored.Rankings),
            BestOfN = BestOfNPoint.CurveOf(scored.Rankings),
            Agreement = AgreementMetrics.Of(scored.Pairs, seed: seed),
            BadRows = badRows,
            Tokens = scored.Tokens,
            Seconds = scored.Seconds,
            PairsPerSecond = scored.Pairs.Count / scored.Seconds,
            TokensPerSecond = scored.Tokens / scored.Seconds,
        };
    }

    private static Dictionary<string, PairMetrics> Parts(IEnumerable<string> names, int seed, Func<string, ScoredComparisons> part) =>
        names.ToDictionary(name => name, name => PairMetrics.Of(part(name), seed), StringComparer.Ordinal);

    private static string SectionOf(string subset) => subset.Split('/', 2)[0];
}
