using Prefer.Text.Models;
using Prefer.Text.Normalizers;

namespace Prefer.Text;

/// <summary>
/// The added tokens: found in the text before the model sees the rest. Those with <c>normalized: false</c> are looked for in the text as
/// given, the others, in their normalized form, in what normalization made of the stretches between.
/// </summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, AddedToken> _byId;
    private readonly Dictionary<int, string> _normalizedContents = [];
    private readonly HashSet<string> _specialContents;
    private readonly AddedTokenMatcher _inGivenText, _inNormalizedText;

    private AddedVocabulary(IReadOnlyList<AddedToken> tokens, INormalizer? normalizer)
    {
        Tokens = tokens;
        _ids = tokens.ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        _byId = tokens.ToDictionary(token => token.Id);
        _specialContents = tokens.Where(token => token.Special).Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        foreach (var token in tokens.Where(token => token.Normalized && normalizer is not null))
        {
            _normalizedContents.Add(token.Id, normalizer!.Normalize(AlignedText.Of(token.Content)).ToString());
        }

        _inGivenText = new AddedTokenMatcher(tokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _inNormalizedText = new AddedTokenMatcher(tokens.Where(token => token.Normalized).Select(token => (Written(token), token)));
    }

    /// <summary>In ascending order of their ids.</summary>
    public IReadOnlyList<AddedToken> Tokens { get; }

    public static AddedVocabulary Read(JsonPlace? place, Vocabulary model, INormalizer? normalizer)
    {
        var tokens = new SortedDictionary<int, AddedToken>();
        var contents = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in place?.Items() ?? [])
        {
            var token = ReadToken(item);
            if (!tokens.TryAdd(token.Id, token))
            {
                throw item.Refusal($"gives the id {token.Id} to \"{token.Content}\", which \"{tokens[token.Id].Content}\" has already");
            }

            if (!contents.Add(token.Content))
            {
                throw item.Refusal($"adds the token \"{token.Content}\" a second time");
            }

            if (model.IdOf(token.Content) is { } modelId && modelId != token.Id)
            {
                throw item.Refusal($"gives the id {token.Id} to \"{token.Content}\", which has the id {modelId} in the model's vocab");
            }

            if (model.TokenOf(token.Id) is { } taken && taken != token.Content)
            {
                throw item.Refusal($"gives the id {token.Id} to \"{token.Content}\", but it is \"{taken}\" in the model's vocab");
            }
        }

        return new AddedVocabulary([.. tokens.Values], normalizer);
    }

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

    private static AddedToken ReadToken(JsonPlace place)
    {
        place.Allow("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
        var content = place.Required("content").Text();
        return content.Length == 0
            ? throw place.Refusal("has an empty content, which no text can match")
            : new AddedToken(
                place.Required("id").Count(), content, place.Flag("special", false), place.Flag("single_word", false),
                place.Flag("lstrip", false), place.Flag("rstrip", false), place.Flag("normalized", true));
    }
}
