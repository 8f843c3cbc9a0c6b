using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>BERT's cleaning: control characters out, white space to spaces, spaces around Chinese characters, accents off, lower case.</summary>
internal sealed class BertNormalizer : INormalizer
{
    private readonly bool _cleanText, _handleChineseCharacters, _stripAccents, _lowercase;

    private BertNormalizer(JsonPlace place)
    {
        _cleanText = place.Flag("clean_text", true);
        _handleChineseCharacters = place.Flag("handle_chinese_chars", true);
        _lowercase = place.Flag("lowercase", true);
        _stripAccents = place.Flag("strip_accents", _lowercase);
    }

    public static INormalizer Read(JsonPlace place) =>
        new BertNormalizer(place);

    public AlignedText Normalize(AlignedText text)
    {
        if (TryNormalizeSimple(text) is { } done)
        {
            return done;
        }

        if (_cleanText || _handleChineseCharacters)
        {
            text = Clean(text);
        }

        if (_stripAccents)
        {
            text = StripMarks(UnicodeNormalization.Decompose(text, compatibility: false));
        }

        return _lowercase ? LowercaseNormalizer.Apply(text) : text;
    }

    /// <summary>All steps at once, character by character, or null where a character's canonical form depends on others.</summary>
    private AlignedText? TryNormalizeSimple(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text.Length, text.IsAligned);
        for (var i = 0; i < text.Length;)
        {
            var unit = text.Units[i];
            if (unit < 0x80)
            {
                if (!_cleanText)
                {
                    builder.Append(_lowercase ? char.ToLowerInvariant(unit) : unit, text.Ranges[i]);
                }
                else if (unit is >= ' ' and < '\x7F')
                {
                    builder.Append(_lowercase && char.IsAsciiLetterUpper(unit) ? (char)(unit | 0x20) : unit, text.Ranges[i]);
                }
                else if (unit is >= '\t' and <= '\r' && char.IsWhiteSpace(unit) && !BertCharacters.IsControl(new Rune(unit)))
                {
                    builder.Append(' ', text.Ranges[i]);
                }

                i++;
                continue;
            }

            var rune = text.RuneAt(i);
            if (_stripAccents && !UnicodeNormalization.IsInert(rune))
            {
                return null;
            }

            var range = text.Ranges[i];
            i += rune.Utf16SequenceLength;
            if (_cleanText && (rune.Value == 0xFFFD || BertCharacters.IsControl(rune)))
            {
                continue;
            }

            if (_cleanText && Rune.IsWhiteSpace(rune))
            {
                builder.Append(' ', range);
                continue;
            }

            if (_stripAccents && BertCharacters.IsNonspacingMark(rune))
            {
                continue;
            }

            var isChinese = _handleChineseCharacters && IsChinese(rune.Value);
            if (isChinese)
            {
                builder.Append(' ', range);
            }

            if (_lowercase)
            {
                Lowercase.Append(builder, rune, range);
            }
            else
            {
                builder.Append(rune, range);
            }

            if (isChinese)
            {
                builder.Append(' ', range);
            }
        }

        return builder.Build();
    }

    private AlignedText Clean(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text.Length, text.IsAligned);
        for (var i = 0; i < text.Length;)
        {
            var rune = text.RuneAt(i);
            var range = text.Ranges[i];
            i += rune.Utf16SequenceLength;
            if (_cleanText && (rune.Value is 0 or 0xFFFD || BertCharacters.IsControl(rune)))
            {
                continue;
            }

            if (_cleanText && Rune.IsWhiteSpace(rune))
            {
                builder.Append(' ', range);
            }
            else if (_handleChineseCharacters && IsChinese(rune.Value))
            {
                builder.Append(' ', range);
                builder.Append(rune, range);
                builder.Append(' ', range);
            }
            else
            {
                builder.Append(rune, range);
            }
        }

        return builder.Build();
    }

    private static AlignedText StripMarks(AlignedText text)
    {
        if (!text.Units.ContainsAnyExceptInRange('\0', '\u02FF'))
        {
            return text;
        }

        var builder = new AlignedTextBuilder(text.Length, text.IsAligned);
        for (var i = 0; i < text.Length;)
        {
            var rune = text.RuneAt(i);
            if (!BertCharacters.IsNonspacingMark(rune))
            {
                builder.Append(rune, text.Ranges[i]);
            }

            i += rune.Utf16SequenceLength;
        }

        return builder.Build();
    }

    /// <summary>The ideograph blocks of the original BERT; the one that starts at U+2B820 begins 256 later in the reference, and here.</summary>
    private static bool IsChinese(int code) => code is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
