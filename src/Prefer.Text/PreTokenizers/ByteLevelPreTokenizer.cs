using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>GPT-2's words, with every byte of their UTF-8 written as one printable character.</summary>
internal sealed class ByteLevelPreTokenizer : IPreTokenizer
{
    private readonly bool _addPrefixSpace, _splitsWords;

    private ByteLevelPreTokenizer(JsonPlace place)
    {
        _addPrefixSpace = place.Flag("add_prefix_space", true);
        _splitsWords = place.Flag("use_regex", true);
    }

    /// <remarks><c>trim_offsets</c> is a setting of the post-processor of the same name and has no effect here.</remarks>
    public static IPreTokenizer Read(JsonPlace place) =>
        new ByteLevelPreTokenizer(place);

    public void Split(AlignedText text, List<AlignedText> words)
    {
        if (_addPrefixSpace && text.Length > 0 && text.Units[0] != ' ')
        {
            var builder = new AlignedTextBuilder(text.Length + 1, text.IsAligned);
            builder.Append(' ', text.Ranges[0]);
            builder.Append(text);
            text = builder.Build();
        }

        var bytes = new AlignedTextBuilder(text.Length + text.Length / 4, text.IsAligned);
        var ends = new List<int>();
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < text.Length;)
        {
            var end = _splitsWords ? Gpt2Words.End(text.Units, i) : text.Length;
            while (i < end)
            {
                var rune = text.RuneAt(i);
                foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    bytes.Append(ByteCharacters.Of(value), text.Ranges[i]);
                }

                i += rune.Utf16SequenceLength;
            }

            ends.Add(bytes.Length);
        }

        var written = bytes.Build();
        var start = 0;
        foreach (var end in ends)
        {
            words.Add(written.Slice(start, end - start));
            start = end;
        }
    }
}
