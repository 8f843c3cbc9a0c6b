using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>SentencePiece's words: spaces become a visible character, which starts the word after it.</summary>
internal sealed class MetaspacePreTokenizer : IPreTokenizer
{
    private readonly string _replacement;
    private readonly CodePointSet _delimiter;
    private readonly PrependScheme _scheme;
    private readonly bool _splits;

    private MetaspacePreTokenizer(JsonPlace place)
    {
        var replacement = place.Required("replacement").Character();
        _replacement = replacement.ToString();
        _delimiter = CodePointSet.Of(replacement.Value);
        _scheme = ReadScheme(place);
        _splits = place.Flag("split", true);
    }

    /// <summary>Which texts get a replacement before them if they do not start with one.</summary>
    internal enum PrependScheme
    {
        Always,
        First,
        Never,
    }

    /// <remarks><c>str_rep</c>, in older files, is the replacement once more.</remarks>
    public static IPreTokenizer Read(JsonPlace place) =>
        new MetaspacePreTokenizer(place);

    public bool LooksAtPlaces => _scheme == PrependScheme.First;

    public void Split(AlignedText text, List<AlignedText> words)
    {
        text = Write(text);
        if (_splits)
        {
            WordCutter.CutAt(text, SplitBehavior.MergedWithNext, words, _delimiter);
        }
        else
        {
            words.Add(text);
        }
    }

    private AlignedText Write(AlignedText text)
    {
        var prepends = !text.Units.StartsWith(_replacement, StringComparison.Ordinal) && text.Units[0] != ' '
            && (_scheme == PrependScheme.Always || (_scheme == PrependScheme.First && text.Ranges[0].Start == 0));
        if (!prepends && !text.Units.Contains(' '))
        {
            return text;
        }

        var builder = new AlignedTextBuilder(text.Length + 1, text.IsAligned);
        if (prepends)
        {
            builder.Append(_replacement, text.Ranges[0]);
        }

        for (var start = 0; start < text.Length;)
        {
            var space = text.Units[start..].IndexOf(' ') is >= 0 and var found ? start + found : text.Length;
            builder.Append(text.Slice(start, space - start));
            if (space < text.Length)
            {
                builder.Append(_replacement, text.Ranges[space]);
            }

            start = space + 1;
        }

        return builder.Build();
    }

    /// <summary>The scheme, of which older files say only whether there is one. The decoder of the same name reads it too.</summary>
    internal static PrependScheme ReadScheme(JsonPlace place)
    {
        var name = place.Text("prepend_scheme", "always");
        var scheme = name switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw place.Required("prepend_scheme").Refusal($"is \"{name}\", expected always, first or never"),
        };
        return place.Flag("add_prefix_space", true) || scheme == PrependScheme.Never
            ? scheme
            : throw place.Required("add_prefix_space").Refusal($"is false, but prepend_scheme is \"{name}\" (\"always\" where it is missing); expected \"never\"");
    }
}
