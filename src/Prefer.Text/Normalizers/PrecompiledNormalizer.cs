using System.Buffers;
using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>
/// The table of replacements of a SentencePiece model. A grapheme cluster of fewer than six bytes is looked up as a whole first, so a letter and
/// its accent may be replaced together; otherwise each code point is.
/// </summary>
internal sealed class PrecompiledNormalizer : INormalizer
{
    private const int LongestWhole = 5;

    private readonly CharacterMap _map;
    private readonly string?[] _ascii = new string?[0x80];
    private readonly SearchValues<char> _plain;

    private PrecompiledNormalizer(CharacterMap map)
    {
        _map = map;
        for (var code = 0; code < _ascii.Length; code++)
        {
            _ascii[code] = map.Replacement([(byte)code]);
        }

        // ASCII that the table leaves as it is. CR LF is one cluster, but is looked up by its first byte first.
        _plain = SearchValues.Create([.. Enumerable.Range(0, _ascii.Length).Select(code => (char)code).Where(unit => unit != '\r' && _ascii[unit] is null)]);
    }

    public static INormalizer Read(JsonPlace place)
    {
        var table = place.Required("precompiled_charsmap");
        try
        {
            return new PrecompiledNormalizer(CharacterMap.Read(Convert.FromBase64String(table.Text())));
        }
        catch (Exception error) when (error is FormatException or DecoderFallbackException)
        {
            throw new TokenizerException(table.Refusal($"is no table of character replacements in base 64: {error.Message}").Message, error);
        }
    }

    public AlignedText Normalize(AlignedText text)
    {
        if (!text.Units.ContainsAnyExcept(_plain))
        {
            return text;
        }

        return text.IsAligned ? NormalizeAligned(text) : NormalizeUnits(text);
    }

    private AlignedText NormalizeUnits(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text.Length, aligned: false);
        for (var start = 0; start < text.Length;)
        {
            // A character before ASCII is not the first of a larger cluster.
            var plainLength = text.Units[start..].IndexOfAnyExcept(_plain);
            var plainEnd = plainLength < 0 ? text.Length : start + plainLength;
            if (plainEnd < text.Length && plainEnd > start && text.Units[plainEnd] >= _ascii.Length)
            {
                plainEnd--;
            }

            builder.Append(text.Slice(start, plainEnd - start));
            start = plainEnd;
            if (start == text.Length)
            {
                break;
            }

            // What is written first counts as coming from the first character, whatever was left out before it.
            var range = text.Ranges[builder.Length == 0 ? 0 : start];
            var end = ClusterEnd(text.Units, start);
            var cluster = text.Units[start..end];
            start = end;
            if (Whole(cluster) is { } whole)
            {
                builder.Append(whole, range);
                continue;
            }

            foreach (var rune in cluster.EnumerateRunes())
            {
                if (ReplacementOf(rune) is { } replacement)
                {
                    builder.Append(replacement, range);
                }
                else
                {
                    builder.Append(rune, range);
                }
            }
        }

        return builder.Build();
    }

    private AlignedText NormalizeAligned(AlignedText text)
    {
        var changes = new List<TextChange>(text.Length);
        var isChanged = false;
        for (var start = 0; start < text.Length;)
        {
            var end = ClusterEnd(text.Units, start);
            var cluster = text.Units[start..end];
            start = end;
            if (Whole(cluster) is { } whole)
            {
                Replace(changes, CountRunes(cluster), whole);
                isChanged = true;
                continue;
            }

            foreach (var rune in cluster.EnumerateRunes())
            {
                if (ReplacementOf(rune) is { } replacement)
                {
                    Replace(changes, 1, replacement);
                    isChanged = true;
                }
                else
                {
                    changes.Add(new TextChange(rune, 0));
                }
            }
        }

        return isChanged ? text.Rewrite(changes) : text;
    }

    /// <summary>ASCII before ASCII is a cluster of its own, but for CR LF.</summary>
    private int ClusterEnd(ReadOnlySpan<char> text, int start) =>
        text[start] < _ascii.Length && text[start] != '\r' && (start + 1 == text.Length || text[start + 1] < _ascii.Length)
            ? start + 1
            : GraphemeClusters.End(text, start);

    private string? Whole(ReadOnlySpan<char> cluster)
    {
        if (cluster is [var unit] && unit < _ascii.Length)
        {
            return _ascii[unit];
        }

        Span<byte> utf8 = stackalloc byte[4 * LongestWhole];
        return cluster.Length <= LongestWhole && System.Text.Encoding.UTF8.GetBytes(cluster, utf8) is <= LongestWhole and var length ? _map.Replacement(utf8[..length]) : null;
    }

    private string? ReplacementOf(Rune rune)
    {
        Span<byte> utf8 = stackalloc byte[4];
        return _map.Replacement(utf8[..rune.EncodeToUtf8(utf8)]);
    }

    /// <summary>Notes a replacement as the reference does: too many characters are inserted last; of too few, the last removes what remains.</summary>
    private static void Replace(List<TextChange> changes, int replacedCount, string replacement)
    {
        var surplus = CountRunes(replacement) - replacedCount;
        foreach (var rune in replacement.EnumerateRunes())
        {
            changes.Add(new TextChange(rune, 0));
        }

        for (var i = changes.Count - Math.Max(surplus, 0); i < changes.Count; i++)
        {
            changes[i] = changes[i] with { Delta = 1 };
        }

        // Where nothing takes the place of the first character, nothing can say so, and the places of all others shift.
        if (surplus < 0 && changes.Count > 0)
        {
            changes[^1] = changes[^1] with { Delta = changes[^1].Delta + surplus };
        }
    }

    private static int CountRunes(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
