namespace Prefer.Text.Models;

/// <summary>
/// Characters that stand in tokens only at the front, or behind themselves, as SentencePiece's ▁ does. No merge reaches across the place between another known
/// character and such a one, so a text may be cut there before anything is merged. Characters beyond U+FFFF are left out, which only cuts less.
/// </summary>
internal sealed class WordStarts
{
    private readonly ulong[] _known = new ulong[0x10000 / 64], _starts = new ulong[0x10000 / 64];

    /// <param name="vocabulary">Of a model whose tokens are nothing but the characters that they stand for.</param>
    public WordStarts(Vocabulary vocabulary)
    {
        foreach (var (token, _) in vocabulary.Entries)
        {
            if (token.Length == 1 && !char.IsSurrogate(token[0]))
            {
                _known[token[0] >> 6] |= 1UL << (token[0] & 63);
            }
        }

        _known.CopyTo(_starts, 0);
        foreach (var (token, _) in vocabulary.Entries)
        {
            for (var i = 1; i < token.Length; i++)
            {
                if (token[i] != token[i - 1])
                {
                    _starts[token[i] >> 6] &= ~(1UL << (token[i] & 63));
                }
            }
        }
    }

    /// <summary>The first place behind <paramref name="start"/> where a text may be cut, or its end.</summary>
    public int WordEnd(ReadOnlySpan<char> text, int start)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (Contains(_starts, text[i]) && text[i] != text[i - 1] && Contains(_known, text[i - 1]))
            {
                return i;
            }
        }

        return text.Length;
    }

    private static bool Contains(ulong[] set, char unit) => (set[unit >> 6] >> (unit & 63) & 1) != 0;
}
