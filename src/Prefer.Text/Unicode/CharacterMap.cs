using System.Buffers.Binary;

namespace Prefer.Text.Unicode;

/// <summary>
/// SentencePiece's <c>precompiled_charsmap</c>: the length of a trie in bytes, the trie as a double array (Darts-clone) of 32-bit units, and the
/// replacements, each ended by a zero byte; all little-endian.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly Dictionary<int, string> _replacements = [];

    private CharacterMap(uint[] units, ReadOnlySpan<byte> texts)
    {
        _units = units;
        var strict = new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        _ = strict.GetCharCount(texts);

        // A key may point into the middle of a text, and then stands for the rest of it.
        foreach (var value in units.Where(unit => unit >> 31 == 1).Select(unit => (int)(unit & 0x7FFFFFFF)).Distinct())
        {
            if (value < texts.Length)
            {
                var length = texts[value..].IndexOf((byte)0);
                _replacements.Add(value, System.Text.Encoding.UTF8.GetString(length < 0 ? texts[value..] : texts.Slice(value, length)));
            }
        }
    }

    /// <exception cref="FormatException">The bytes are no such table.</exception>
    public static CharacterMap Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var size && (size > bytes.Length - 4 || size % 4 != 0 || size == 0))
        {
            throw new FormatException($"its {bytes.Length} bytes do not begin with the length of a trie");
        }

        var units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + 4 * i)..]);
        }

        return new CharacterMap(units, bytes[(4 + (int)size)..]);
    }

    /// <summary>What stands in the table for the shortest key that the bytes begin with, or null. The rest of the bytes is lost with it: so the reference has it.</summary>
    public string? Replacement(ReadOnlySpan<byte> utf8)
    {
        var node = Offset(_units[0]);
        foreach (var value in utf8)
        {
            node ^= value;
            if (value == 0 || (uint)node >= (uint)_units.Length || (_units[node] & 0x800000FF) != value)
            {
                return null;
            }

            var unit = _units[node];
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 1 && (uint)node < (uint)_units.Length)
            {
                return _replacements.GetValueOrDefault((int)(_units[node] & 0x7FFFFFFF));
            }
        }

        return null;
    }

    private static int Offset(uint unit) => (int)(unit >> 10 << (int)((unit & 0x200) >> 6));
}
