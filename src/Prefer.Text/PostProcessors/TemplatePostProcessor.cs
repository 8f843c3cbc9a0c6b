using System.Collections.Immutable;

namespace Prefer.Text.PostProcessors;

/// <summary>Special tokens as a written-out template has them, for one text and for a pair.</summary>
internal sealed class TemplatePostProcessor : IPostProcessor
{
    private TemplatePostProcessor(JsonPlace place)
    {
        var specials = ReadSpecials(place.Required("special_tokens"));
        Single = [.. place.Required("single").Items().Select(piece => ReadPiece(piece, specials))];
        Pair = [.. place.Required("pair").Items().Select(piece => ReadPiece(piece, specials))];
        if (Single.Any(piece => piece is { IsSpecial: false, IsSecondText: true }))
        {
            throw place.Refusal("uses the second text in \"single\"");
        }
    }

    public ImmutableArray<TemplatePiece> Single { get; }

    public ImmutableArray<TemplatePiece> Pair { get; }

    public static IPostProcessor Read(JsonPlace place) => new TemplatePostProcessor(place);

    /// <summary>Templates leave offsets as they are.</summary>
    public void TrimOffsets(List<Token> tokens, Func<int, string?> tokenOf)
    {
    }

    private static Dictionary<string, ImmutableArray<int>> ReadSpecials(JsonPlace place) => place.Members().ToDictionary(
        member => member.Name,
        member =>
        {
            ImmutableArray<int> ids = [.. member.Value.Required("ids").Items().Select(id => id.Count())];
            return ids.IsEmpty ? throw member.Value.Refusal("lists no ids") : ids;
        });

    private static TemplatePiece ReadPiece(JsonPlace place, Dictionary<string, ImmutableArray<int>> specials)
    {
        if (place.Optional("SpecialToken") is { } special)
        {
            var name = special.Required("id").Text();
            return specials.TryGetValue(name, out var ids)
                ? new TemplatePiece(ids, IsSecondText: false, special.Required("type_id").Count())
                : throw special.Refusal($"names \"{name}\", which is not among the special_tokens of the template");
        }

        var sequence = place.Required("Sequence");
        var isSecond = sequence.Required("id").Text() switch
        {
            "A" => false,
            "B" => true,
            var other => throw sequence.Refusal($"has the id \"{other}\", expected \"A\" or \"B\""),
        };
        return TemplatePiece.Text(isSecond, sequence.Required("type_id").Count());
    }
}
