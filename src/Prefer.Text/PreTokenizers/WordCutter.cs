using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>Cuts a text at delimiters, which are named from left to right, and adds the words that are not empty to a list.</summary>
internal struct WordCutter(AlignedText text, SplitBehavior behavior, List<AlignedText> words, bool isInverted = false)
{
    private int _wordStart, _done;
    private bool? _lastIsDelimiter;

    public static SplitBehavior ReadBehavior(JsonPlace place) => Enum.TryParse<SplitBehavior>(place.Text(), out var behavior)
        ? behavior
        : throw place.Refusal($"is \"{place.Text()}\", expected one of {string.Join(", ", Enum.GetNames<SplitBehavior>())}");

    /// <summary>Cuts at every code point of which something is true.</summary>
    public static void CutAt(AlignedText text, SplitBehavior behavior, List<AlignedText> words, CodePointSet delimiters)
    {
        var cutter = new WordCutter(text, behavior, words);
        if (delimiters.Single is < 0xD800 and var only)
        {
            for (var i = 0; text.Units[i..].IndexOf((char)only) is >= 0 and var found; i += found + 1)
            {
                cutter.Delimiter(i + found, i + found + 1);
            }

            cutter.Finish();
            return;
        }

        for (var i = 0; i < text.Length;)
        {
            Rune.DecodeFromUtf16(text.Units[i..], out var rune, out var length);
            if (delimiters.Contains(rune.Value))
            {
                cutter.Delimiter(i, i + length);
            }

            i += length;
        }

        cutter.Finish();
    }

    /// <summary>A delimiter in UTF-16 units; it may be empty. Inverted, it is what lies between that is the delimiter.</summary>
    public void Delimiter(int start, int end)
    {
        if (_done < start)
        {
            Add(start, isInverted);
        }

        Add(end, !isInverted);
    }

    public void Finish()
    {
        if (_done < text.Length)
        {
            Add(text.Length, isInverted);
        }

        EndWord();
    }

    private void Add(int end, bool isDelimiter)
    {
        if (_lastIsDelimiter is { } last && !(behavior switch
        {
            SplitBehavior.Contiguous => last == isDelimiter,
            SplitBehavior.MergedWithPrevious => !last && isDelimiter,
            SplitBehavior.MergedWithNext => last && !isDelimiter,
            _ => false,
        }))
        {
            EndWord();
        }

        _lastIsDelimiter = isDelimiter;
        _done = end;
    }

    private void EndWord()
    {
        if (_done > _wordStart && !(behavior == SplitBehavior.Removed && _lastIsDelimiter == true))
        {
            words.Add(text.Slice(_wordStart, _done - _wordStart));
        }

        _wordStart = _done;
    }
}
