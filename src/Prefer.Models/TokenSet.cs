namespace Prefer.Models;

/// <summary>Some of a model's token ids, such as those that its training data had.</summary>
public sealed class TokenSet
{
    private readonly byte[] bits;

    private TokenSet(byte[] bits) => this.bits = bits;

    /// <summary>The ids of sequences.</summary>
    /// <param name="sequences">Ids below <paramref name="vocabularySize"/>.</param>
    /// <param name="vocabularySize">Ids that the model has.</param>
    public static TokenSet Of(IEnumerable<EncodedSequence> sequences, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var set = new TokenSet(new byte[(vocabularySize + 7) / 8]);
        foreach (var id in sequences.SelectMany(sequence => sequence.Ids))
        {
            set.bits[id / 8] |= (byte)(1 << (id % 8));
        }

        return set;
    }

    /// <summary>The inverse of <see cref="ToBytes"/>.</summary>
    public static TokenSet FromBytes(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new TokenSet([.. bytes]);
    }

    /// <summary>A bit an id, the lowest bit of the first byte for id 0.</summary>
    public byte[] ToBytes() => [.. bits];

    /// <summary>Whether it holds an id; false beyond the ids that it knows of.</summary>
    public bool Contains(int id) => id / 8 < bits.Length && (bits[id / 8] >> (id % 8) & 1) == 1;
}
