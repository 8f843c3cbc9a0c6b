namespace Prefer.Text.Models;

/// <summary>WordPiece: the longest token that starts the word, then the longest continuation, and so on; one unknown token for the word when that fails.</summary>
internal sealed class WordPieceModel : IModel
{
    private readonly UnknownToken _unknown;
    private readonly int _longestWord, _longestPiece;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _continuations;

    private WordPieceModel(JsonPlace place)
    {
        Vocabulary = Vocabulary.Read(place.Required("vocab"));
        _unknown = new UnknownToken(place.Text("unk_token", "[UNK]"), Vocabulary);
        _longestWord = place.Optional("max_input_chars_per_word")?.Count() ?? 100;

        // Continuations by their text without the prefix, so that looking one up builds no string.
        var prefix = place.Text("continuing_subword_prefix", "##");
        _continuations = Vocabulary.Entries.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value, StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _longestPiece = Vocabulary.Entries.Select(entry => entry.Key.Length).DefaultIfEmpty(0).Max();
    }

    public Vocabulary Vocabulary { get; }

    public static IModel Read(JsonPlace place) => new WordPieceModel(place);

    public void Tokenize(AlignedText word, List<Token> tokens)
    {
        var firstToken = tokens.Count;
        if (!TryTokenize(word, tokens))
        {
            tokens.RemoveRange(firstToken, tokens.Count - firstToken);
            tokens.Add(new Token(_unknown.IdFor(word.Units), word.RangeOf(0, word.Length)));
        }
    }

    private bool TryTokenize(AlignedText word, List<Token> tokens)
    {
        var units = word.Units;
        if (CodePointCount(units) > _longestWord)
        {
            return false;
        }

        for (var start = 0; start < units.Length;)
        {
            var end = Math.Min(units.Length, start + _longestPiece);
            int? found;
            while ((found = Find(units[start..end], start == 0)) is null && --end > start)
            {
            }

            if (found is not { } id)
            {
                return false;
            }

            tokens.Add(new Token(id, word.RangeOf(start, end)));
            start = end;
        }

        return true;
    }

    private int? Find(ReadOnlySpan<char> piece, bool startsWord) =>
        startsWord ? Vocabulary.IdOf(piece) : _continuations.TryGetValue(piece, out var id) ? id : null;

    private static int CodePointCount(ReadOnlySpan<char> units)
    {
        var count = 0;
        foreach (var unit in units)
        {
            count += char.IsLowSurrogate(unit) ? 0 : 1;
        }

        return count;
    }
}
