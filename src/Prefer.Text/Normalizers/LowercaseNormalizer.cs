using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>Lower case, code point by code point.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    public AlignedText Normalize(AlignedText text) => Apply(text);

    public static AlignedText Apply(AlignedText text)
    {
        var builder = new AlignedTextBuilder(text.Length, text.IsAligned);
        for (var i = 0; i < text.Length;)
        {
            var rune = text.RuneAt(i);
            Lowercase.Append(builder, rune, text.Ranges[i]);
            i += rune.Utf16SequenceLength;
        }

        return builder.Build();
    }
}
