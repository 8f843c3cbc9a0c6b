using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Prefer.Data;

/// <summary>
/// Two parts with no prompt in common. Prompts are put into an order by the hash of seed and fingerprint and cut where the held-out part
/// comes nearest to what was asked, so the same prompts are held out whatever the order of the rows and the machine.
/// </summary>
/// <param name="Kept">The first part, in the order of the rows.</param>
/// <param name="HeldOut">The second part, in the order of the rows.</param>
public sealed record PromptSplit(ImmutableArray<Comparison> Kept, ImmutableArray<Comparison> HeldOut)
{
    /// <summary>Holds out a fraction of the comparisons, between 0 and 1 and neither.</summary>
    /// <exception cref="DataException">There are fewer than two prompts.</exception>
    public static PromptSplit ByFraction(IEnumerable<Comparison> comparisons, double fraction, int seed, SplitKey key = SplitKey.Prompt)
    {
        if (!(fraction > 0 && fraction < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction lies between 0 and 1.");
        }

        ImmutableArray<Comparison> all = [.. comparisons];
        return Cut(all, fraction * all.Length, seed, key);
    }

    /// <summary>Holds out about <paramref name="count"/> comparisons: as near as whole prompts allow.</summary>
    /// <exception cref="DataException">There are fewer than two prompts, or not more comparisons than <paramref name="count"/>.</exception>
    public static PromptSplit ByCount(IEnumerable<Comparison> comparisons, int count, int seed, SplitKey key = SplitKey.Prompt)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ImmutableArray<Comparison> all = [.. comparisons];
        return count < all.Length
            ? Cut(all, count, seed, key)
            : throw new DataException($"found {all.Length} comparisons to hold {count} out of; expected more than are held out; ask for fewer");
    }

    private static PromptSplit Cut(ImmutableArray<Comparison> all, double target, int seed, SplitKey key)
    {
        string[] fingerprints = [.. all.Select(comparison => PromptFingerprint.Of(comparison, key))];
        (string Fingerprint, int Count)[] prompts =
        [
            .. fingerprints.CountBy(fingerprint => fingerprint)
                .Select(prompt => (prompt.Key, prompt.Value))
                .OrderBy(prompt => Shuffled(seed, prompt.Key), StringComparer.Ordinal),
        ];
        if (prompts.Length < 2)
        {
            throw new DataException($"found {prompts.Length} distinct prompt(s) in {all.Length} comparisons; expected two or more, since a split puts no prompt on both sides; add data, or split it another way");
        }

        // Each side keeps one prompt at least.
        var heldOut = new HashSet<string>(StringComparer.Ordinal) { prompts[0].Fingerprint };
        double held = prompts[0].Count;
        foreach ((string fingerprint, int count) in prompts[1..^1])
        {
            if (Math.Abs(held + count - target) > Math.Abs(held - target))
            {
                break;
            }

            heldOut.Add(fingerprint);
            held += count;
        }

        var parts = all.Zip(fingerprints).ToLookup(row => heldOut.Contains(row.Second), row => row.First);
        return new PromptSplit([.. parts[false]], [.. parts[true]]);
    }

    private static string Shuffled(int seed, string fingerprint) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}:{fingerprint}"))));
}
