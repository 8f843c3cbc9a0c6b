using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Training;

/// <summary>Counts of what became of the rows of a data set.</summary>
public sealed record TrainingSetReport
{
    /// <summary>Comparisons that are used: pairs, whole rankings, or ratings.</summary>
    public required int Comparisons { get; init; }

    /// <summary>Ties among them; of rankings, those with a tie.</summary>
    public required int Ties { get; init; }

    /// <summary>Left out: a response is empty, or in a ranking all but one.</summary>
    public required int EmptySides { get; init; }

    /// <summary>Taken out of rankings that are used: empty responses.</summary>
    public required int EmptyRanked { get; init; }

    /// <summary>Left out: the responses are all the same.</summary>
    public required int Identical { get; init; }

    /// <summary>Left out: truncation made the responses all the same.</summary>
    public required int IdenticalByTruncation { get; init; }

    /// <summary>Left out: the weight is 0.</summary>
    public required int Weightless { get; init; }

    /// <summary>Sequences that were truncated.</summary>
    public required int TruncatedSequences { get; init; }

    /// <summary>Rows that could not be read and were skipped.</summary>
    public required int BadRows { get; init; }

    /// <summary>Tokens of all sequences.</summary>
    public required long Tokens { get; init; }

    /// <summary>The sources of a mixture, as --data names them; empty without weights.</summary>
    public required ImmutableArray<SourceShare> Sources { get; init; }

    /// <summary>SHA-256 of the ids, labels or scores, margins and weights, in order; and of where the sources of a mixture begin.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>A data set as ids. What teaches nothing is left out and counted.</summary>
/// <param name="Items">In the order of the files.</param>
/// <param name="Report">What became of the rows.</param>
internal sealed record TrainingSet(ImmutableArray<TrainingItem> Items, TrainingSetReport Report)
{
    /// <summary>The comparisons of a 0-based step.</summary>
    internal TrainingItem[] At(BatchOrder order, int step)
    {
        var indices = order.At(step);
        var batch = new TrainingItem[indices.Length];
        for (var index = 0; index < batch.Length; index++)
        {
            batch[index] = Items[indices[index]];
        }
        return batch;
    }

    /// <exception cref="DataException">A row cannot be encoded, or nothing is left.</exception>
    internal static TrainingSet Encode(IReadOnlyList<Judgement> rows, int badRowCount, RewardModel model, string files) =>
        Encode(new TrainingRows([rows], [], badRowCount), model, files);

    /// <param name="rows">The rows; nothing of their text is kept.</param>
    /// <param name="model">Its encoder makes the ids.</param>
    /// <param name="files">How messages call the data.</param>
    /// <param name="cache">Where ids are kept between runs; null to encode anew.</param>
    /// <exception cref="DataException">A row cannot be encoded, nothing is left, or a source of a mixture has no part in it.</exception>
    internal static TrainingSet Encode(TrainingRows rows, RewardModel model, string files, TokenizedCache? cache = null)
    {
        var (empty, emptyRanked, identical, cutIdentical, weightless, truncated) = (0, 0, 0, 0, 0, 0);
        var readable = new List<Judgement>();
        var emptyResponses = new List<int>();
        var partEnds = new List<int>();
        foreach (var part in rows.Parts)
        {
            foreach (var row in part)
            {
                var judgement = row is Ranking ranking ? WithoutEmpty(ranking) : row;
                if (judgement.AllResponses.Count() < (row is Rating ? 1 : 2) || judgement.AllResponses.Any(response => response.IsEmpty))
                {
                    empty++;
                }
                else if (judgement is not Rating && AllSame(judgement.AllResponses, (first, second) => first.SameAs(second)))
                {
                    identical++;
                }
                else
                {
                    readable.Add(judgement);
                    emptyResponses.Add(row.AllResponses.Count() - judgement.AllResponses.Count());
                }
            }
            partEnds.Add(readable.Count);
        }
        var encoded = TokenizedRows.Of(readable, model, cache);
        var items = ImmutableArray.CreateBuilder<TrainingItem>();
        var sizes = new List<int>();
        var index = 0;
        foreach (var end in partEnds)
        {
            var before = items.Count;
            for (; index < end; index++)
            {
                var judgement = readable[index];
                var item = Item(judgement, encoded[index], judgement.Id ?? judgement.Origin?.ToString() ?? $"comparison {items.Count + 1}");
                truncated += item.Sequences.Count(sequence => sequence.RemovedCount > 0);
                if (judgement is not Rating && AllSame(item.Sequences, (first, second) => first.SameAs(second)))
                {
                    cutIdentical++;
                }
                else if (item.Weight == 0)
                {
                    weightless++;
                }
                else
                {
                    emptyRanked += emptyResponses[index];
                    items.Add(item);
                }
            }
            sizes.Add(items.Count - before);
        }
        if (items.Count == 0)
        {
            throw new DataException(
                $"{files}: no comparison teaches anything: {empty} have an empty side, {identical} two identical ones, {cutIdentical} become identical by truncation, {weightless} have weight 0");
        }
        var all = items.DrainToImmutable();
        var sources = SourceShare.Of(rows.Sources, sizes);
        return new TrainingSet(all, new TrainingSetReport
        {
            Comparisons = all.Length,
            Ties = all.Count(item => item.HasTie),
            EmptySides = empty,
            EmptyRanked = emptyRanked,
            Identical = identical,
            IdenticalByTruncation = cutIdentical,
            Weightless = weightless,
            TruncatedSequences = truncated,
            BadRows = rows.BadRowCount,
            Tokens = all.Sum(item => (long)item.TokenCount),
            Sources = sources,
            Fingerprint = FingerprintOf(all, sources),
        });
    }

    private static TrainingItem Item(Judgement judgement, EncodedSequence[] sequences, string name) => judgement switch
    {
        Comparison pair => new EncodedComparison(name, sequences[0], sequences[1], pair.Label, pair.Margin ?? 0, pair.Weight),
        Ranking ranking => new EncodedRanking(name, [.. sequences], ranking.Scores, ranking.Weight),
        Rating rating => new EncodedRating(name, sequences[0], rating.Score, rating.Weight),
        _ => throw new ArgumentException($"{judgement.GetType().Name} is not trained on", nameof(judgement)),
    };

    private static Ranking WithoutEmpty(Ranking ranking)
    {
        int[] kept = [.. Enumerable.Range(0, ranking.Responses.Length).Where(index => !ranking.Responses[index].IsEmpty)];
        return ranking with { Responses = [.. kept.Select(index => ranking.Responses[index])], Scores = [.. kept.Select(index => ranking.Scores[index])] };
    }

    private static bool AllSame<T>(IEnumerable<T> values, Func<T, T, bool> isSame)
    {
        var first = values.First();
        return values.Skip(1).All(value => isSame(first, value));
    }

    private static string FingerprintOf(ImmutableArray<TrainingItem> items, ImmutableArray<SourceShare> sources)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in items)
        {
            foreach (var ids in item.Sequences.SelectMany(sequence => new[] { sequence.Ids, sequence.TokenTypes }))
            {
                var bytes = new byte[4 * (ids.Length + 1)];
                BinaryPrimitives.WriteInt32LittleEndian(bytes, ids.Length);
                for (var index = 0; index < ids.Length; index++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * (index + 1)), ids[index]);
                }
                hash.AppendData(bytes);
            }
            hash.AppendData(Encoding.UTF8.GetBytes(item.Target + "\n"));
        }
        hash.AppendData(Encoding.UTF8.GetBytes(string.Concat(sources.Select(source => string.Create(CultureInfo.InvariantCulture, $"{source.Comparisons} of {source.Weight:r}\n")))));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
