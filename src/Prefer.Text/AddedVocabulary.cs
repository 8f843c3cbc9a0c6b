using Prefer.Text.Models;
using Prefer.Text.Normalizers;

namespace Prefer.Text;

/// <summary>
/// The added tokens: found in the text before the model sees the rest. Those with <c>normalized: false</c> are looked for in the text as
/// given, the others, in their normalized form, in what normalization made of the stretches between. Ids are given as Hugging Face's library
/// gives them (AddedVocabulary::add_tokens): the <c>id</c> of the file is not looked at. A token that the model knows keeps the model's id, any
/// other gets the next one from the size of the model's vocab on, in the order of the file; a later token takes an id over from an earlier one.
/// </summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, AddedToken> _byId = [];
    private readonly Dictionary<int, string> _normalizedContents = [];
    private readonly HashSet<string> _specialContents = new(StringComparer.Ordinal);
    private readonly AddedTokenMatcher _inGivenText, _inNormalizedText;

    private AddedVocabulary(IEnumerable<AddedToken> tokens, Vocabulary model, INormalizer? normalizer)
    {
        var next = model.Count;
        foreach (var token in tokens)
        {
            // An empty content matches no text. The same token again changes nothing; with other settings it does.
            if (token.Content.Length > 0 && !(_ids.TryGetValue(token.Content, out var given) && _byId[given] == token with { Id = given }))
            {
                Add(token with { Id = IdOf(token.Content) ?? model.IdOf(token.Content) ?? next++ }, normalizer);
            }
        }

        Tokens = [.. _byId.Values];
        _inGivenText = new AddedTokenMatcher(Tokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _inNormalizedText = new AddedTokenMatcher(Tokens.Where(token => token.Normalized).Select(token => (Written(token), token)));
    }

    /// <summary>In ascending order of their ids.</summary>
    public IReadOnlyList<AddedToken> Tokens { get; }

    /// <summary>Every text that has an id, also where a later token took the id over.</summary>
    public IEnumerable<string> Contents => _ids.Keys;

    public static AddedVocabulary Read(JsonPlace? place, Vocabulary model, INormalizer? normalizer) =>
        new(place?.Items().Select(ReadToken) ?? [], model, normalizer);

    public int? IdOf(string content) => _ids.TryGetValue(content, out var id) ? id : null;

    /// <summary>The content of an added token, or null for an id that is none.</summary>
    public string? ContentOf(int id) => _byId.GetValueOrDefault(id)?.Content;

    /// <summary>What a decoder is given for an added token: the form that stood in the text that the model saw.</summary>
    public string? WrittenFormOf(int id) => _byId.TryGetValue(id, out var token) ? Written(token) : null;

    public bool IsSpecial(string written) => _specialContents.Contains(written);

    /// <summary>Finds the added tokens of a text and normalizes what is between them, in the order of the text.</summary>
    public List<Fragment> Extract(AlignedText text, INormalizer? normalizer)
    {
        var fragments = new List<Fragment>();
        foreach (var fragment in _inGivenText.Split(text))
        {
            if (fragment.AddedId is not null)
            {
                fragments.Add(fragment);
            }
            else
            {
                fragments.AddRange(_inNormalizedText.Split(normalizer?.Normalize(fragment.Text) ?? fragment.Text));
            }
        }

        return fragments;
    }

    private string Written(AddedToken token) => _normalizedContents.GetValueOrDefault(token.Id, token.Content);

    private void Add(AddedToken token, INormalizer? normalizer)
    {
        // The normalized form stays when the token comes again without it: so the reference decodes it.
        if (token.Normalized && normalizer?.Normalize(AlignedText.Of(token.Content)).ToString() is { } normalized && normalized != token.Content)
        {
            _normalizedContents[token.Id] = normalized;
        }

        _ids[token.Content] = token.Id;
        _byId[token.Id] = token;
        if (token.Special)
        {
            _specialContents.Add(token.Content);
        }
    }

    private static AddedToken ReadToken(JsonPlace place) => new(
        place.Required("id").Count(), place.Required("content").Text(), place.Flag("special", false), place.Flag("single_word", false),
        place.Flag("lstrip", false), place.Flag("rstrip", false), place.Flag("normalized", true));
}
