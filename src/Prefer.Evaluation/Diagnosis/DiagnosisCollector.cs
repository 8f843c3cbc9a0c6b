using Prefer.Data;
using Prefer.Models;

namespace Prefer.Evaluation.Diagnosis;

/// <summary>Looks at each comparison of an evaluation as it is scored; keeps counts, and the texts of those that the scorer is most wrong about.</summary>
/// <param name="facts">How the model reads text; null for scorers that read no tokens.</param>
/// <param name="training">What the model was trained on; null where nobody knows.</param>
/// <param name="wrongCount">Most comparisons that are kept.</param>
/// <param name="isLogOdds">Whether rewards claim to be log-odds, so that large differences mean something: see <see cref="IScorer.IsLogOdds"/>.</param>
public sealed class DiagnosisCollector(EncodingFacts? facts = null, DataFingerprints? training = null, int wrongCount = 20, bool isLogOdds = true)
{
    /// <summary>A larger difference leaves the loss less than 5·10⁻⁵ of its gradient, σ(−10).</summary>
    public const double SaturationDifference = 10;

    /// <summary>Unseen tokens that are named.</summary>
    private const int UnseenCount = 20;

    // The least wrong of those that are kept comes out first.
    private readonly PriorityQueue<WrongComparison, WrongComparison> wrong = new(Comparer<WrongComparison>.Create((one, other) => Compare(other, one)));
    private readonly TrainingOverlapTally? overlap = training is null ? null : new TrainingOverlapTally(training);
    private readonly SortedDictionary<string, long> controlTokens = new(StringComparer.Ordinal);
    private readonly Dictionary<int, long> unseen = [];
    private long pairs, scored, identical, empty, controlTokenPairs, transcripts, severalTurns, saturated, equal;
    private long responses, tokens, truncated, becameIdentical, doubled, missing, unknown;
    private double mean, squares;

    /// <summary>Counts a comparison that is not scored.</summary>
    public void AddUnscored(Comparison comparison)
    {
        pairs++;
        empty += comparison.HasEmptySide ? 1 : 0;
        identical += comparison.IsIdentical && !comparison.HasEmptySide ? 1 : 0;
        overlap?.Add(comparison);
    }

    /// <summary>Looks at a comparison and its rewards.</summary>
    /// <param name="comparison">It.</param>
    /// <param name="chosen">What its chosen response got.</param>
    /// <param name="rejected">What its rejected response got.</param>
    /// <param name="index">Which of the comparisons read, from 0.</param>
    public void Add(Comparison comparison, ScoredResponse chosen, ScoredResponse rejected, long index)
    {
        pairs++;
        scored++;
        overlap?.Add(comparison);
        AddTexts(comparison);
        var isSameSequence = AddSequences(chosen.Tokens, rejected.Tokens);
        AddReward(chosen.Reward, 2 * scored - 1);
        AddReward(rejected.Reward, 2 * scored);

        // The same tokens have one reward, whatever the rounding of two places in a pass.
        var difference = isSameSequence ? 0 : chosen.Reward - rejected.Reward;
        saturated += Math.Abs(difference) > SaturationDifference ? 1 : 0;
        equal += difference == 0 ? 1 : 0;
        if (difference < 0 && !comparison.IsTie)
        {
            Keep(WrongComparison.Of(comparison, chosen, rejected, index));
        }
    }

    /// <summary>What was found.</summary>
    public DiagnosisMetrics Metrics()
    {
        var metrics = new DiagnosisMetrics
        {
            Pairs = pairs,
            ScoredPairs = scored,
            Identical = identical,
            Empty = empty,
            Tokens = responses == 0 ? null : TokenMetrics(),
            ControlTokenPairs = controlTokenPairs,
            ControlTokens = controlTokens,
            TranscriptPairs = transcripts,
            SeveralTurnsPairs = severalTurns,
            SaturatedPairs = saturated,
            SaturatedShare = scored == 0 ? null : (double)saturated / scored,
            EqualRewards = equal,
            RewardMean = scored == 0 ? null : mean,
            RewardDeviation = scored == 0 ? null : Math.Sqrt(squares / (2 * scored - 1)),
            TrainingOverlap = overlap?.Result(),
            Wrong = [.. wrong.UnorderedItems.Select(item => item.Element).Order(Comparer<WrongComparison>.Create(Compare))],
            Findings = [],
        };
        return metrics with { Findings = DiagnosisFindings.Of(metrics, facts, isLogOdds) };
    }

    private TokenDiagnosis TokenMetrics() => new()
    {
        Responses = responses,
        Tokens = tokens,
        Truncated = truncated,
        TruncatedShare = (double)truncated / responses,
        BecameIdenticalByTruncation = becameIdentical,
        DoubledStart = facts?.StartId is null ? null : doubled,
        MissingStart = facts?.StartId is null ? null : missing,
        Unknown = facts?.UnknownId is null ? null : unknown,
        UnknownShare = facts?.UnknownId is null ? null : (double)unknown / tokens,
        Unseen = facts?.SeenTokens is null ? null : unseen.Values.Sum(),
        UnseenShare = facts?.SeenTokens is null ? null : (double)unseen.Values.Sum() / tokens,
        UnseenTokens = [.. unseen.OrderByDescending(token => token.Value).ThenBy(token => token.Key).Take(UnseenCount).Select(token => new UnseenToken(token.Key, facts?.TokenOf(token.Key), token.Value))],
    };

    private void AddTexts(Comparison comparison)
    {
        var marks = 0;
        foreach (var mark in ForeignMarks.ControlTokensOf(comparison))
        {
            controlTokens[mark] = controlTokens.GetValueOrDefault(mark) + 1;
            marks++;
        }

        controlTokenPairs += marks > 0 ? 1 : 0;
        transcripts += ForeignMarks.HasTranscript(comparison) ? 1 : 0;
        severalTurns += comparison.Prompt.Count(turn => turn.Role != "system") > 1 || comparison.AllResponses.Any(response => response.Turns.Length > 1) ? 1 : 0;
    }

    /// <returns>True when both are the same.</returns>
    private bool AddSequences(EncodedSequence? chosen, EncodedSequence? rejected)
    {
        if (chosen is null || rejected is null)
        {
            return false;
        }

        AddSequence(chosen);
        AddSequence(rejected);
        var isSame = chosen.SameAs(rejected);
        becameIdentical += isSame && (chosen.RemovedCount > 0 || rejected.RemovedCount > 0) ? 1 : 0;
        return isSame;
    }

    private void AddSequence(EncodedSequence sequence)
    {
        responses++;
        tokens += sequence.Ids.Length;
        truncated += sequence.RemovedCount > 0 ? 1 : 0;
        if (facts?.StartId is { } start)
        {
            doubled += sequence.Ids is [var first, var second, ..] && first == start && second == start ? 1 : 0;
            missing += sequence.Ids.Contains(start) ? 0 : 1;
        }

        if (facts?.UnknownId is { } unknownId)
        {
            unknown += sequence.Ids.AsSpan().Count(unknownId);
        }

        foreach (var id in sequence.Ids)
        {
            if (facts?.SeenTokens?.Contains(id) == false)
            {
                unseen[id] = unseen.GetValueOrDefault(id) + 1;
            }
        }
    }

    // B. P. Welford, Technometrics 4 (1962): squares of large rewards of little spread would cancel.
    private void AddReward(double reward, long count)
    {
        var before = reward - mean;
        mean += before / count;
        squares += before * (reward - mean);
    }

    private void Keep(WrongComparison found)
    {
        wrong.Enqueue(found, found);
        if (wrong.Count > wrongCount)
        {
            wrong.Dequeue();
        }
    }

    private static int Compare(WrongComparison one, WrongComparison other) =>
        one.Difference.CompareTo(other.Difference) is var order and not 0 ? order : one.Index.CompareTo(other.Index);
}
