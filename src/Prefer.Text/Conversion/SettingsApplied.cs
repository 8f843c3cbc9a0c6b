using System.Text.Json.Nodes;
using Prefer.Text.PostProcessors;

namespace Prefer.Text.Conversion;

/// <summary>
/// What transformers does to a tokenizer.json when it loads it with a tokenizer_config.json: it adds the tokens that the settings name and the
/// file lacks, and where <c>add_bos_token</c> or <c>add_eos_token</c> is written out, they decide what stands around a text.
/// </summary>
internal static class SettingsApplied
{
    /// <summary>The tokenizer itself where the settings change nothing.</summary>
    public static Tokenizer To(Tokenizer tokenizer, TokenizerSettings settings, string name)
    {
        var added = AddedTokens(tokenizer, settings);
        var addsBos = settings.Flag("add_bos_token");
        var addsEos = settings.Flag("add_eos_token");
        if (added is null && addsBos is null && addsEos is null)
        {
            return tokenizer;
        }

        var ids = (added ?? tokenizer.AddedTokens).ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        var (single, pair) = Template(settings, addsBos == true, addsEos == true);
        foreach (var (special, _) in single.Where(piece => piece.Name is not (Part.TextA or Part.TextB)))
        {
            ids[special] = ids.TryGetValue(special, out var id) ? id : tokenizer.TokenToId(special)!.Value;
        }

        var replacesTemplate = (addsBos is not null || addsEos is not null) && !(IsTemplate(tokenizer.Single, single) && IsTemplate(tokenizer.Pair, pair));
        if (added is null && !replacesTemplate)
        {
            return tokenizer;
        }

        var json = JsonNode.Parse(tokenizer.Json.Span)!.AsObject();
        if (added is not null)
        {
            json["added_tokens"] = new JsonArray([.. added.Select(Part.AddedToken)]);
        }

        if (replacesTemplate)
        {
            json["post_processor"] = Part.Template(ids, single, pair);
        }

        return Tokenizer.FromJson(json.ToJsonString(Part.Style), name);

        bool IsTemplate(IReadOnlyList<TemplatePiece> pieces, List<(string Name, int TypeId)> wanted) =>
            pieces.Count == wanted.Count && pieces.Zip(wanted).All(both => both.First.TypeId == both.Second.TypeId && both.Second.Name switch
            {
                Part.TextA => both.First is { IsSpecial: false, IsSecondText: false },
                Part.TextB => both.First is { IsSpecial: false, IsSecondText: true },
                var special => both.First.SpecialIds is [var only] && only == ids[special],
            });
    }

    private static (List<(string Name, int TypeId)> Single, List<(string Name, int TypeId)> Pair) Template(TokenizerSettings settings, bool addsBos, bool addsEos)
    {
        var bos = addsBos ? settings.Role("bos_token") : null;
        var eos = addsEos ? settings.Role("eos_token") : null;
        var single = Around(Part.TextA, 0);
        return (single, [.. single, .. Around(Part.TextB, 1)]);

        List<(string Name, int TypeId)> Around(string text, int typeId) =>
            [.. new[] { bos, text, eos }.OfType<string>().Select(name => (name, typeId))];
    }

    /// <summary>All added tokens after the settings, in ascending order of ids, or null where they stay what they are.</summary>
    private static List<AddedToken>? AddedTokens(Tokenizer tokenizer, TokenizerSettings settings)
    {
        var tokens = tokenizer.AddedTokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        var (count, changes) = (tokenizer.ModelSize, 0);
        var next = tokens.Values.Select(token => token.Id + 1).Append(count).Max();
        foreach (var token in settings.Added)
        {
            // Listed with all its settings: they count, also for a token that is there.
            var named = settings.RoleTokens.Any(role => role.Content == token.Content);
            Put(token with { Special = token.Special || named });
        }

        foreach (var token in settings.RoleTokens.Concat(settings.Additional))
        {
            if (!tokens.ContainsKey(token.Content))
            {
                Put(token);
            }
        }

        return changes == 0 ? null : [.. tokens.Values.OrderBy(token => token.Id)];

        void Put(AddedToken token)
        {
            var id = tokens.TryGetValue(token.Content, out var known) ? known.Id : tokenizer.TokenToId(token.Content);
            var placed = token with { Id = id ?? next };
            if (id is null)
            {
                next++;
            }

            if (placed != known && token.Content.Length > 0)
            {
                tokens[token.Content] = placed;
                changes++;
            }
        }
    }
}
