using System.Collections.Immutable;

namespace Prefer.Text.PostProcessors;

/// <summary>Post-processors one after the other; at most one of them adds tokens, the others trim offsets.</summary>
internal sealed class PostProcessorSequence : IPostProcessor
{
    private readonly IPostProcessor[] _parts;

    private PostProcessorSequence(JsonPlace place)
    {
        _parts = [.. place.Required("processors").Items().Select(PostProcessorKinds.Table.Read)];
        var adding = _parts.Where(part => !IsPlain(part)).ToArray();
        if (adding.Length > 1)
        {
            throw place.Refusal($"has {adding.Length} members that put tokens around the text; only one is supported");
        }

        Single = adding.Length == 0 ? TemplatePiece.PlainSingle : adding[0].Single;
        Pair = adding.Length == 0 ? TemplatePiece.PlainPair : adding[0].Pair;
    }

    public ImmutableArray<TemplatePiece> Single { get; }

    public ImmutableArray<TemplatePiece> Pair { get; }

    public static IPostProcessor Read(JsonPlace place) => new PostProcessorSequence(place);

    public void TrimOffsets(List<Token> tokens, Func<int, string?> tokenOf)
    {
        foreach (var part in _parts)
        {
            part.TrimOffsets(tokens, tokenOf);
        }
    }

    private static bool IsPlain(IPostProcessor part) => part.Single.SequenceEqual(TemplatePiece.PlainSingle) && part.Pair.SequenceEqual(TemplatePiece.PlainPair);
}
