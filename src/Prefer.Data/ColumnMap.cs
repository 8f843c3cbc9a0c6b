using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>
/// Other people's column names under ours: <c>prompt=question,chosen=better</c>. Where a row has no column of exactly that name, dots lead into
/// objects and numbers into lists (<c>scores.helpful.0</c>). A column that is mapped is not read under its own name as well, and a row's own
/// column of a name that is mapped is not read at all.
/// </summary>
public sealed class ColumnMap
{
    private static readonly string[] Names =
    [
        "prompt", "chosen", "rejected", "a", "b", "y", "responses", "ranks", "scores", "chosen_ids", "rejected_ids", "chosen_token_type_ids", "rejected_token_type_ids",
        "chosen_attention_mask", "rejected_attention_mask", "messages", "response", "text", "input_ids", "token_type_ids", "attention_mask", "score", "margin", "weight", "votes", "model_a", "model_b", "subset", "id",
    ];

    private readonly FrozenDictionary<string, string> sources;
    private readonly FrozenSet<string> covered;

    private ColumnMap(Dictionary<string, string> sources)
    {
        this.sources = sources.ToFrozenDictionary(StringComparer.Ordinal);
        covered = sources.SelectMany(pair => new[] { pair.Key, pair.Value }).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Every column under its own name.</summary>
    public static ColumnMap None { get; } = new([]);

    /// <summary>Reads <c>OURS=THEIRS</c>, several of them between commas; null is <see cref="None"/>.</summary>
    /// <exception cref="DataException">Not of that form, a name of ours that there is not, or one twice.</exception>
    public static ColumnMap Parse(string? text)
    {
        if (text is null)
        {
            return None;
        }

        var sources = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in text.Split(','))
        {
            string[] sides = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (sides.Length != 2 || sides[0].Length == 0 || sides[1].Length == 0)
            {
                throw new DataException($"--columns: found '{part}'; expected OURS=THEIRS, several between commas; write for instance 'prompt=question,chosen=better'");
            }

            if (!Names.Contains(sides[0], StringComparer.Ordinal))
            {
                throw new DataException($"--columns: found '{sides[0]}' on the left of '='; expected one of our names; " + (NearestName.Of(sides[0], Names) is string nearest
                    ? $"did you mean '{nearest}'?"
                    : $"they are {string.Join(", ", Names)}"));
            }

            if (!sources.TryAdd(sides[0], sides[1]))
            {
                throw new DataException($"--columns: found '{sides[0]}' twice; expected one column for it; remove the other");
            }
        }

        return new ColumnMap(sources);
    }

    /// <summary>Checks that a row has every column that is mapped.</summary>
    internal void Require(JsonElement row)
    {
        foreach ((string name, string source) in sources)
        {
            if (!TryResolve(row, source, out _))
            {
                throw new BadRowException($"no column '{source}', which --columns reads as '{name}', among {string.Join(", ", row.EnumerateObject().Select(field => field.Name))}", "it in every row", "correct the name, or add the column");
            }
        }
    }

    /// <summary>The value that a row has for a name of ours.</summary>
    internal bool TryGet(JsonElement row, string name, out JsonElement value)
    {
        if (sources.TryGetValue(name, out string? source))
        {
            return TryResolve(row, source, out value);
        }

        value = default;
        return !covered.Contains(name) && row.TryGetProperty(name, out value);
    }

    /// <summary>True when a name of ours has another column's value.</summary>
    internal bool Maps(string name) => sources.ContainsKey(name);

    /// <summary>True for a row's column that is read under another name, or whose name another column has.</summary>
    internal bool Covers(string column) => covered.Contains(column);

    private static bool TryResolve(JsonElement row, string source, out JsonElement value)
    {
        if (row.TryGetProperty(source, out value))
        {
            return true;
        }

        value = row;
        foreach (string part in source.Split('.'))
        {
            JsonElement inner = default;
            bool found = value.ValueKind switch
            {
                JsonValueKind.Object => value.TryGetProperty(part, out inner),
                JsonValueKind.Array => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && TryIndex(value, index, out inner),
                _ => false,
            };
            if (!found)
            {
                return false;
            }

            value = inner;
        }

        return true;
    }

    private static bool TryIndex(JsonElement list, int index, out JsonElement value)
    {
        bool found = index < list.GetArrayLength();
        value = found ? list[index] : default;
        return found;
    }
}
