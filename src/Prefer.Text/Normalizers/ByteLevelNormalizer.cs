using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>Every byte of the UTF-8 as one printable character.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public AlignedText Normalize(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text.Length + text.Length / 4, text.IsAligned);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            var rune = text.RuneAt(i);
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                builder.Append(ByteCharacters.Of(value), text.Ranges[i]);
            }

            i += rune.Utf16SequenceLength;
        }

        return builder.Build();
    }
}
