using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Prefer.Data;

/// <summary>
/// Characters beyond U+FFFF as themselves: .NET's JSON writer escapes them as surrogate pairs whatever encoder it is given, and an emoji
/// would be unreadable in the file.
/// </summary>
internal static class ReadableJson
{
    private const int EscapeLength = 6; // \uXXXX

    /// <summary>Copies one JSON text, every escaped surrogate pair replaced by the character it stands for.</summary>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        int at;
        while ((at = json.IndexOf((byte)'\\')) >= 0)
        {
            output.Write(json[..at]);
            json = json[at..];
            if (TryPair(json, out Rune rune))
            {
                int written = rune.EncodeToUtf8(output.GetSpan(4));
                output.Advance(written);
                json = json[(2 * EscapeLength)..];
            }
            else
            {
                output.Write(json[..2]); // with the escaped character, which may be a backslash
                json = json[2..];
            }
        }

        output.Write(json);
    }

    private static bool TryPair(ReadOnlySpan<byte> json, out Rune rune)
    {
        rune = default;
        return json.Length >= 2 * EscapeLength
            && TryUnit(json, out char high) && TryUnit(json[EscapeLength..], out char low)
            && Rune.TryCreate(high, low, out rune);
    }

    private static bool TryUnit(ReadOnlySpan<byte> json, out char unit)
    {
        bool isUnit = Utf8Parser.TryParse(json[2..EscapeLength], out ushort value, out int consumed, 'X') && consumed == 4 && json[0] == (byte)'\\' && json[1] == (byte)'u';
        unit = (char)value;
        return isUnit;
    }
}
