namespace Prefer.Statistics;

/// <summary>
/// A generator of uniform draws that are the same on every machine and runtime, which those of <see cref="Random"/> need not be. Not for secrets.
/// </summary>
/// <param name="state">The seed; nearby seeds give unrelated draws.</param>
/// <remarks>G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA (2014).</remarks>
public sealed class SplitMix64(ulong state)
{
    private ulong state = state;

    /// <summary>64 uniform bits.</summary>
    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A uniform draw from 0 to bound − 1, by multiplication and rejection (D. Lemire, ACM TOMACS 29, 2019).</summary>
    /// <param name="bound">Positive.</param>
    public ulong Below(ulong bound)
    {
        var threshold = (0 - bound) % bound;
        while (true)
        {
            var high = Math.BigMul(Next(), bound, out var low);
            if (low >= threshold)
            {
                return high;
            }
        }
    }

    /// <summary>Puts items in a uniformly random order (Fisher–Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (var index = items.Length - 1; index > 0; index--)
        {
            var other = (int)Below((ulong)index + 1);
            (items[index], items[other]) = (items[other], items[index]);
        }
    }
}
