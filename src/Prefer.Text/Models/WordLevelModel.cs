namespace Prefer.Text.Models;

/// <summary>A token for every known word, and the unknown token for every other.</summary>
internal sealed class WordLevelModel : IModel
{
    private readonly UnknownToken _unknown;

    private WordLevelModel(JsonPlace place)
    {
        Vocabulary = Vocabulary.Read(place.Required("vocab"));
        _unknown = new UnknownToken(place.Text("unk_token", "<unk>"), Vocabulary);
    }

    public Vocabulary Vocabulary { get; }

    public static IModel Read(JsonPlace place) => new WordLevelModel(place);

    public void Tokenize(AlignedText word, List<Token> tokens) =>
        tokens.Add(new Token(Vocabulary.IdOf(word.Units) ?? _unknown.IdFor(word.Units), word.RangeOf(0, word.Length)));
}
