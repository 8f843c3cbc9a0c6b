using System.Globalization;

namespace Prefer.Text.Decoders;

/// <summary>Turns runs of byte tokens, such as &lt;0xE6&gt;, into text; a run that is not UTF-8 as a whole becomes one U+FFFD a byte.</summary>
internal sealed class ByteFallbackDecoder : IDecoder
{
    private static readonly System.Text.UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens)
    {
        var pieces = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } value)
            {
                run.Add(value);
                continue;
            }

            Flush();
            pieces.Add(token);
        }

        Flush();
        return pieces;

        void Flush()
        {
            if (run.Count > 0)
            {
                pieces.Add(TextOf([.. run]));
                run.Clear();
            }
        }
    }

    private static byte? ByteOf(string token) =>
        token is ['<', '0', 'x', var high, var low, '>'] && byte.TryParse([high, low], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static string TextOf(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (System.Text.DecoderFallbackException)
        {
            return new string('\uFFFD', bytes.Length);
        }
    }
}
