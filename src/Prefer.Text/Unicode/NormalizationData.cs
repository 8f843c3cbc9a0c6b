using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Prefer.Text.Unicode;

/// <summary>
/// Decompositions, compositions and combining classes of Unicode 9.0, the version of the reference implementation, from the
/// embedded <c>normalization.txt</c>. <see cref="string.Normalize()"/> is not used: it follows the version of the machine's ICU, throws on
/// noncharacters and does not say which input character an output character came from.
/// </summary>
internal sealed class NormalizationData
{
    private const int HangulFirst = 0xAC00, HangulCount = 11172, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailBefore = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28;

    private readonly FrozenDictionary<int, byte> _classes;
    private readonly FrozenDictionary<int, Rune[]> _canonical;
    private readonly FrozenDictionary<int, Rune[]> _compatibility;
    private readonly FrozenDictionary<(int First, int Second), int> _compositions;

    private NormalizationData(IEnumerable<string> lines)
    {
        var classes = new Dictionary<int, byte>();
        var canonical = new Dictionary<int, Rune[]>();
        var compatibility = new Dictionary<int, Rune[]>();
        var primaries = new List<int>();
        foreach (var line in lines)
        {
            var fields = line.Split(' ', '-');
            var code = Hexadecimal(fields[1]);
            switch (fields[0])
            {
                case "C":
                    for (var member = code; member <= Hexadecimal(fields[2]); member++)
                    {
                        classes.Add(member, byte.Parse(fields[3], CultureInfo.InvariantCulture));
                    }

                    break;
                case "K":
                    compatibility.Add(code, Decomposition(fields));
                    break;
                default:
                    canonical.Add(code, Decomposition(fields));
                    if (fields[0] == "P")
                    {
                        primaries.Add(code);
                    }

                    break;
            }
        }

        _classes = classes.ToFrozenDictionary();
        _canonical = canonical.ToFrozenDictionary();
        _compatibility = compatibility.ToFrozenDictionary();
        _compositions = Compositions(canonical, primaries).ToFrozenDictionary();
    }

    /// <summary>Read once, on first use.</summary>
    public static NormalizationData Unicode9 { get; } = new(EmbeddedLines.Read("normalization.txt"));

    /// <summary>Canonical combining class; 0 for a starter.</summary>
    public byte CombiningClass(Rune rune) => rune.Value < 0x300 ? (byte)0 : _classes.GetValueOrDefault(rune.Value);

    /// <summary>The full decomposition; one element for a character that does not decompose.</summary>
    public ReadOnlySpan<Rune> Decompose(Rune rune, bool compatibility, Span<Rune> scratch)
    {
        var code = rune.Value;
        if (code >= 0xA0)
        {
            if (compatibility && _compatibility.TryGetValue(code, out var parts))
            {
                return parts;
            }

            if (_canonical.TryGetValue(code, out parts))
            {
                return parts;
            }

            if (code is >= HangulFirst and < HangulFirst + HangulCount)
            {
                return DecomposeHangul(code - HangulFirst, scratch);
            }
        }

        scratch[0] = rune;
        return scratch[..1];
    }

    /// <summary>The primary composite of two characters, or null.</summary>
    public Rune? Compose(Rune first, Rune second)
    {
        int a = first.Value, b = second.Value;
        if (a is >= LeadFirst and < LeadFirst + LeadCount && b is >= VowelFirst and < VowelFirst + VowelCount)
        {
            return new Rune(HangulFirst + (((a - LeadFirst) * VowelCount) + b - VowelFirst) * TrailCount);
        }

        if (a is >= HangulFirst and < HangulFirst + HangulCount && (a - HangulFirst) % TrailCount == 0
            && b is > TrailBefore and < TrailBefore + TrailCount)
        {
            return new Rune(a + b - TrailBefore);
        }

        return _compositions.TryGetValue((a, b), out var composite) ? new Rune(composite) : null;
    }

    private static ReadOnlySpan<Rune> DecomposeHangul(int index, Span<Rune> scratch)
    {
        scratch[0] = new Rune(LeadFirst + index / (VowelCount * TrailCount));
        scratch[1] = new Rune(VowelFirst + index % (VowelCount * TrailCount) / TrailCount);
        if (index % TrailCount == 0)
        {
            return scratch[..2];
        }

        scratch[2] = new Rune(TrailBefore + index % TrailCount);
        return scratch[..3];
    }

    /// <summary>Each primary composite is the composite of all but the last of its characters, and the last.</summary>
    private static Dictionary<(int First, int Second), int> Compositions(Dictionary<int, Rune[]> canonical, List<int> primaries)
    {
        var byDecomposition = primaries.ToDictionary(code => Key(canonical[code]));
        return primaries.ToDictionary(code =>
        {
            var parts = canonical[code];
            var first = parts.Length == 2 ? parts[0].Value : byDecomposition[Key(parts[..^1])];
            return (first, parts[^1].Value);
        });

        static string Key(Rune[] parts) => string.Concat(parts);
    }

    private static Rune[] Decomposition(string[] fields) => [.. fields[3..].Select(field => new Rune(Hexadecimal(field)))];

    private static int Hexadecimal(string field) => int.Parse(field, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
