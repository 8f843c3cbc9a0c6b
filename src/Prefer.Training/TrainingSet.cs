using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Training;

/// <summary>A comparison as ids, ready to be trained or evaluated on.</summary>
/// <param name="Name">How messages call it: its id, or where it was read.</param>
/// <param name="Chosen">The preferred sequence.</param>
/// <param name="Rejected">The other one.</param>
/// <param name="Label">P(chosen is preferred); 0.5 is a tie.</param>
/// <param name="Margin">The margin in the loss.</param>
/// <param name="Weight">The weight in the loss.</param>
internal sealed record EncodedComparison(string Name, EncodedSequence Chosen, EncodedSequence Rejected, double Label, double Margin, double Weight)
{
    internal int TokenCount => Chosen.Ids.Length + Rejected.Ids.Length;
}

/// <summary>Counts of what became of the rows of a data set.</summary>
public sealed record TrainingSetReport
{
    /// <summary>Comparisons that are used.</summary>
    public required int Comparisons { get; init; }

    /// <summary>Ties among them.</summary>
    public required int Ties { get; init; }

    /// <summary>Left out: a response is empty.</summary>
    public required int EmptySides { get; init; }

    /// <summary>Left out: both responses are the same.</summary>
    public required int Identical { get; init; }

    /// <summary>Left out: truncation made both sides the same.</summary>
    public required int IdenticalByTruncation { get; init; }

    /// <summary>Left out: the weight is 0.</summary>
    public required int Weightless { get; init; }

    /// <summary>Sequences that were truncated.</summary>
    public required int TruncatedSequences { get; init; }

    /// <summary>Rows that could not be read and were skipped.</summary>
    public required int BadRows { get; init; }

    /// <summary>Tokens of all sequences.</summary>
    public required long Tokens { get; init; }

    /// <summary>SHA-256 of the ids, labels, margins and weights, in order.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>A data set as ids. What teaches nothing is left out and counted.</summary>
/// <param name="Items">In the order of the files.</param>
/// <param name="Report">What became of the rows.</param>
internal sealed record TrainingSet(ImmutableArray<EncodedComparison> Items, TrainingSetReport Report)
{
    /// <exception cref="DataException">A row cannot be encoded, or nothing is left.</exception>
    internal static TrainingSet Encode(IReadOnlyList<Comparison> comparisons, int badRowCount, RewardModel model, string files)
    {
        var usable = UsablePairs.Of(comparisons);
        var items = ImmutableArray.CreateBuilder<EncodedComparison>();
        var (identical, weightless, truncated) = (0, 0, 0);
        foreach (var comparison in usable.Pairs)
        {
            var item = new EncodedComparison(
                comparison.Id ?? comparison.Origin?.ToString() ?? $"comparison {items.Count + 1}",
                model.Encode(comparison.Prompt, comparison.Chosen, comparison.Origin), model.Encode(comparison.Prompt, comparison.Rejected, comparison.Origin),
                comparison.Label, comparison.Margin ?? 0, comparison.Weight);
            truncated += (item.Chosen.RemovedCount > 0 ? 1 : 0) + (item.Rejected.RemovedCount > 0 ? 1 : 0);
            if (item.Chosen.SameAs(item.Rejected))
            {
                identical++;
            }
            else if (item.Weight == 0)
            {
                weightless++;
            }
            else
            {
                items.Add(item);
            }
        }
        if (items.Count == 0)
        {
            throw new DataException(
                $"{files}: no comparison teaches anything: {usable.EmptySideCount} have an empty side, {usable.IdenticalCount} two identical ones, {identical} become identical by truncation, {weightless} have weight 0");
        }
        var all = items.DrainToImmutable();
        return new TrainingSet(all, new TrainingSetReport
        {
            Comparisons = all.Length,
            Ties = all.Count(item => item.Label == 0.5),
            EmptySides = usable.EmptySideCount,
            Identical = usable.IdenticalCount,
            IdenticalByTruncation = identical,
            Weightless = weightless,
            TruncatedSequences = truncated,
            BadRows = badRowCount,
            Tokens = all.Sum(item => (long)item.TokenCount),
            Fingerprint = FingerprintOf(all),
        });
    }

    private static string FingerprintOf(ImmutableArray<EncodedComparison> items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in items)
        {
            foreach (var ids in new[] { item.Chosen.Ids, item.Chosen.TokenTypes, item.Rejected.Ids, item.Rejected.TokenTypes })
            {
                var bytes = new byte[4 * (ids.Length + 1)];
                BinaryPrimitives.WriteInt32LittleEndian(bytes, ids.Length);
                for (var index = 0; index < ids.Length; index++)
                {
                    BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * (index + 1)), ids[index]);
                }
                hash.AppendData(bytes);
            }
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{item.Label:r} {item.Margin:r} {item.Weight:r}\n")));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
