using System.Text;

namespace Prefer.Text.Unicode;

/// <summary>
/// Lower case of single code points, as Rust's <c>char::to_lowercase</c> has it: no context (a final sigma is not special), no
/// culture, Unicode 17.
/// </summary>
internal static class Lowercase
{
    private static readonly Rune DottedCapitalI = new(0x130);
    private static readonly Rune CombiningDotAbove = new(0x307);

    /// <summary>Appends the lower case of a code point; İ is the only one that becomes two.</summary>
    public static void Append(AlignedTextBuilder builder, Rune rune, TextRange range)
    {
        if (rune == DottedCapitalI)
        {
            builder.Append('i', range);
            builder.Append(CombiningDotAbove, range);
        }
        else
        {
            builder.Append(Of(rune), range);
        }
    }

    private static Rune Of(Rune rune) => rune.Value switch
    {
        < 0x80 => rune.Value is >= 'A' and <= 'Z' ? new Rune(rune.Value + 0x20) : rune,
        // Letters of Unicode 16 and 17, which the tables of .NET 10 do not have.
        0x1C89 or 0xA7CC or 0xA7CE or 0xA7D2 or 0xA7D4 or 0xA7DA => new Rune(rune.Value + 1),
        0xA7CB => new Rune(0x264),
        0xA7DC => new Rune(0x19B),
        >= 0x10D50 and <= 0x10D65 => new Rune(rune.Value + 0x20),
        >= 0x16EA0 and <= 0x16EB8 => new Rune(rune.Value + 0x1B),
        _ => Rune.ToLowerInvariant(rune),
    };
}
