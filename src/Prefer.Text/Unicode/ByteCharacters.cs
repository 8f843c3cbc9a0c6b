namespace Prefer.Text.Unicode;

/// <summary>GPT-2's printable stand-ins for the 256 bytes: printable Latin-1 stands for itself, the other 68 bytes for U+0100 and up.</summary>
internal static class ByteCharacters
{
    private static readonly char[] FromByte = Build();
    private static readonly Dictionary<char, byte> ToByte =
        Enumerable.Range(0, 256).ToDictionary(value => FromByte[value], value => (byte)value);

    /// <summary>What a space becomes: Ġ.</summary>
    public static char Space { get; } = FromByte[' '];

    public static char Of(byte value) => FromByte[value];

    /// <summary>The byte that a character stands for; false when it stands for none.</summary>
    public static bool TryGetByte(char character, out byte value) => ToByte.TryGetValue(character, out value);

    private static char[] Build()
    {
        var characters = new char[256];
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }
}
