using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Prefer.Data;

namespace Prefer.Evaluation;

/// <summary>A scorer that looks at the response alone and needs no model: what a reward model has to beat.</summary>
public sealed class BaselineScorer : IScorer
{
    private readonly Func<Response, double> reward;
    private readonly bool readsIds;

    private BaselineScorer(Func<Response, double> reward, bool readsIds) => (this.reward, this.readsIds) = (reward, readsIds);

    /// <summary>The longer response is better; see <see cref="Response.Length"/>.</summary>
    public static BaselineScorer Length { get; } = new(response => response.Length, readsIds: true);

    /// <summary>A response that refuses is better (1) than one that answers (0); see <see cref="RefusalPhrases"/>.</summary>
    public static BaselineScorer Refusal { get; } = new(response => RefusalPhrases.AreIn(response.Text) ? 1 : 0, readsIds: false);

    /// <summary>
    /// A number from 0 to 1 drawn for each text: what no skill looks like. Equal texts have equal rewards, whatever the order of rows.
    /// </summary>
    /// <param name="seed">Another seed draws other numbers.</param>
    public static BaselineScorer Random(ulong seed) => new(response => Drawn(seed, response), readsIds: true);

    /// <summary>A bag of words that was fitted on comparisons.</summary>
    public static BaselineScorer Of(BagOfWords words) => new(response => words.Reward(response.Text), readsIds: false) { IsLogOdds = true };

    /// <inheritdoc/>
    public double EqualRewardsCredit => 0.5;

    /// <inheritdoc/>
    public bool IsLogOdds { get; private init; }

    /// <inheritdoc/>
    public IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped)
    {
        foreach (var row in rows)
        {
            var candidates = responses(row);
            if (!readsIds && candidates.FirstOrDefault(candidate => candidate.Response.IsTokenized) is { } tokenized)
            {
                const string reason = "found token ids; expected text, which this scorer reads words from; give the rows as text";
                if (skipped is null || tokenized.Origin is not { } origin)
                {
                    throw new DataException($"{(tokenized.Origin is null ? "" : $"{tokenized.Origin}: ")}{reason}");
                }
                skipped.Add(new BadRow(origin, reason));
                continue;
            }
            yield return new ScoredRow<T>(row, [.. candidates.Select(candidate => new ScoredResponse(reward(candidate.Response), null))]);
        }
    }

    private static double Drawn(ulong seed, Response response)
    {
        var text = response.IsTokenized ? string.Join(' ', response.InputIds) : response.Text;
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{seed}\0{text}")));
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash) >> 11) * Math.Pow(2, -53);
    }
}
