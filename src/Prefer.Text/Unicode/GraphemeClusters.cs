using System.Text;

namespace Prefer.Text.Unicode;

/// <summary>Extended grapheme clusters of Unicode 17 (UAX 29). .NET's own follow another version.</summary>
internal static class GraphemeClusters
{
    private const int ZeroWidthJoiner = 0x200D;

    private static readonly CodePointTable Data = CodePointTable.Segmentation;
    private static readonly CodePointSet Control = Data["control"], Extend = Data["extend"], SpacingMark = Data["spacingmark"];
    private static readonly CodePointSet Prepend = Data["prepend"], Pictographic = Data["extendedpictographic"];
    private static readonly CodePointSet Consonant = Data["incbconsonant"], ConjunctExtend = Data["incbextend"], Linker = Data["incblinker"];

    /// <summary>The end of the cluster that starts at a unit.</summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        var previous = CodeAt(text, start, out var at);
        var isPictograph = Pictographic.Contains(previous); // a pictograph and what extends it
        var conjunct = Consonant.Contains(previous) ? 1 : 0; // 1: a consonant and what extends it, 2: with a linker
        var regionals = IsRegional(previous) ? 1 : 0;
        while (at < text.Length)
        {
            if (text[at] is >= ' ' and < '\x7F' && previous < 0x300)
            {
                return at;
            }

            var code = CodeAt(text, at, out var next);
            var isJoined = previous == '\r' ? code == '\n'
                : !IsControl(previous) && !IsControl(code)
                    && (IsHangulPair(previous, code) || code == ZeroWidthJoiner || Extend.Contains(code) || SpacingMark.Contains(code)
                        || Prepend.Contains(previous) || (conjunct == 2 && Consonant.Contains(code))
                        || (isPictograph && previous == ZeroWidthJoiner && Pictographic.Contains(code))
                        || (regionals % 2 == 1 && IsRegional(code)));
            if (!isJoined)
            {
                return at;
            }

            isPictograph = Pictographic.Contains(code) || (isPictograph && (code == ZeroWidthJoiner || Extend.Contains(code)));
            conjunct = Consonant.Contains(code) ? 1
                : conjunct == 0 ? 0
                : Linker.Contains(code) ? 2
                : ConjunctExtend.Contains(code) ? conjunct
                : 0;
            regionals = IsRegional(code) ? regionals + 1 : 0;
            previous = code;
            at = next;
        }

        return at;
    }

    private static int CodeAt(ReadOnlySpan<char> text, int at, out int next)
    {
        Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
        next = at + length;
        return rune.Value;
    }

    private static bool IsControl(int code) => code is '\r' or '\n' || Control.Contains(code);

    private static bool IsRegional(int code) => code is >= 0x1F1E6 and <= 0x1F1FF;

    private static bool IsHangulPair(int first, int second)
    {
        var isSyllable = first is >= 0xAC00 and <= 0xD7A3;
        var hasTrail = isSyllable && (first - 0xAC00) % 28 != 0;
        return IsLead(first) ? IsLead(second) || IsVowel(second) || second is >= 0xAC00 and <= 0xD7A3
            : (IsVowel(first) || (isSyllable && !hasTrail)) ? IsVowel(second) || IsTrail(second)
            : (hasTrail || IsTrail(first)) && IsTrail(second);
    }

    private static bool IsLead(int code) => code is (>= 0x1100 and <= 0x115F) or (>= 0xA960 and <= 0xA97C);

    private static bool IsVowel(int code) => code is (>= 0x1160 and <= 0x11A7) or (>= 0xD7B0 and <= 0xD7C6) or 0x16D63 or (>= 0x16D67 and <= 0x16D6A);

    private static bool IsTrail(int code) => code is (>= 0x11A8 and <= 0x11FF) or (>= 0xD7CB and <= 0xD7FB);
}
