namespace Prefer.Text.Models;

/// <summary>
/// Tokens and their ids. Ids may have gaps, and a list of pieces may give one token several. Where two tokens share an id, both are encoded as
/// it, and it is decoded as the later one (the reference leaves to chance which).
/// </summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly Dictionary<int, string> _tokens;

    private Vocabulary(Dictionary<string, int> ids, Dictionary<int, string> tokens, int count)
    {
        _ids = ids;
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = tokens;
        Count = count;
        LargestId = tokens.Count == 0 ? null : tokens.Keys.Max();
    }

    public int Count { get; }

    public int? LargestId { get; }

    public IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    /// <summary>A token that is listed twice has its last id.</summary>
    public static Vocabulary Read(JsonPlace place)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var (token, value) in place.Members())
        {
            ids[token] = value.Count();
        }

        foreach (var (token, id) in ids)
        {
            tokens[id] = token;
        }

        return new Vocabulary(ids, tokens, ids.Count);
    }

    /// <summary>Tokens whose ids are their indices. Of a token that is listed more than once, the last id is found.</summary>
    public static Vocabulary OfList(IReadOnlyList<string> list)
    {
        var ids = new Dictionary<string, int>(list.Count, StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>(list.Count);
        for (var id = 0; id < list.Count; id++)
        {
            ids[list[id]] = id;
            tokens.Add(id, list[id]);
        }

        return new Vocabulary(ids, tokens, list.Count);
    }

    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public int? IdOf(ReadOnlySpan<char> token) => _idsBySpan.TryGetValue(token, out var id) ? id : null;

    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);
}
