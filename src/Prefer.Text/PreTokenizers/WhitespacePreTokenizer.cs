using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>Runs of word characters, and runs of everything else but white space: <c>\w+|[^\w\s]+</c>.</summary>
internal sealed class WhitespacePreTokenizer : IPreTokenizer
{
    private enum Class
    {
        Space,
        Word,
        Other,
    }

    public void Split(AlignedText text, List<AlignedText> words)
    {
        var start = 0;
        var current = Class.Space;
        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.Units[i..], out var rune, out var length);
            var next = RustCharacters.Word.Contains(rune.Value) ? Class.Word
                : RustCharacters.WhiteSpace.Contains(rune.Value) ? Class.Space
                : Class.Other;
            if (next != current)
            {
                Add(i);
                (start, current) = (i, next);
            }

            i += length;
        }

        Add(text.Length);

        void Add(int end)
        {
            if (current != Class.Space && end > start)
            {
                words.Add(text.Slice(start, end - start));
            }
        }
    }
}
