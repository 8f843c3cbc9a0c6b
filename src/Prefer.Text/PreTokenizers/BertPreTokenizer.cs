using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>Words between white space, with every punctuation character a word of its own.</summary>
internal sealed class BertPreTokenizer : IPreTokenizer
{
    public void Split(AlignedText text, List<AlignedText> words)
    {
        var units = text.Units;
        var wordStart = 0;
        for (var i = 0; i < text.Length;)
        {
            if (char.IsAsciiLetterOrDigit(units[i]))
            {
                i++;
                continue;
            }

            var rune = text.RuneAt(i);
            var next = i + rune.Utf16SequenceLength;
            var isSpace = Rune.IsWhiteSpace(rune);
            if (isSpace || BertCharacters.IsPunctuation(rune))
            {
                AddWord(wordStart, i);
                if (!isSpace)
                {
                    AddWord(i, next);
                }

                wordStart = next;
            }

            i = next;
        }

        AddWord(wordStart, text.Length);

        void AddWord(int start, int end)
        {
            if (start < end)
            {
                words.Add(text.Slice(start, end - start));
            }
        }
    }
}
