namespace Prefer.Text.Models;

/// <summary>Tokens and their ids, one to one. Ids may have gaps.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly Dictionary<int, string> _tokens;

    private Vocabulary(Dictionary<string, int> ids, Dictionary<int, string> tokens)
    {
        _ids = ids;
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = tokens;
        LargestId = tokens.Count == 0 ? null : tokens.Keys.Max();
    }

    public int Count => _ids.Count;

    public int? LargestId { get; }

    public IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    public static Vocabulary Read(JsonPlace place)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>();
        foreach (var (token, value) in place.Members())
        {
            var id = value.Count();
            if (!ids.TryAdd(token, id))
            {
                throw place.Refusal($"lists the token \"{token}\" twice");
            }

            if (!tokens.TryAdd(id, token))
            {
                throw place.Refusal($"gives the id {id} to both \"{tokens[id]}\" and \"{token}\"");
            }
        }

        return new Vocabulary(ids, tokens);
    }

    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public int? IdOf(ReadOnlySpan<char> token) => _idsBySpan.TryGetValue(token, out var id) ? id : null;

    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);
}
