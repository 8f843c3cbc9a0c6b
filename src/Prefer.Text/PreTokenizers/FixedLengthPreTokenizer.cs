namespace Prefer.Text.PreTokenizers;

/// <summary>Words of so many code points each; the last may have fewer.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : IPreTokenizer
{
    public static IPreTokenizer Read(JsonPlace place)
    {
        var length = place.Optional("length");
        return new FixedLengthPreTokenizer(length?.Count() switch
        {
            null => 5,
            0 => throw length.Value.Refusal("is 0, expected 1 or more"),
            { } count => count,
        });
    }

    public void Split(AlignedText text, List<AlignedText> words)
    {
        var start = 0;
        var count = 0;
        for (var i = 0; i < text.Length;)
        {
            i += text.RuneAt(i).Utf16SequenceLength;
            if (++count == length || i == text.Length)
            {
                words.Add(text.Slice(start, i - start));
                (start, count) = (i, 0);
            }
        }
    }
}
