using Prefer.Text.Unicode;

namespace Prefer.Text.Decoders;

/// <summary>Byte characters back to bytes and those to text. Bytes that are not UTF-8 become U+FFFD, one for each maximal part of a character.</summary>
internal sealed class ByteLevelDecoder : IDecoder
{
    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens)
    {
        var bytes = new List<byte>(tokens.Sum(token => token.Length));
        foreach (var token in tokens)
        {
            var start = bytes.Count;
            foreach (var character in token)
            {
                if (ByteCharacters.TryGetByte(character, out var value))
                {
                    bytes.Add(value);
                    continue;
                }

                // A token with any other character, such as an added one, stands for its own text.
                bytes.RemoveRange(start, bytes.Count - start);
                bytes.AddRange(System.Text.Encoding.UTF8.GetBytes(token));
                break;
            }
        }

        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    }
}
