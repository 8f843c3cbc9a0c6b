using System.Collections.Immutable;

namespace Prefer.Text.PostProcessors;

/// <summary>
/// BERT's and RoBERTa's special tokens: <c>[CLS] A [SEP]</c> and <c>[CLS] A [SEP] B [SEP]</c>, or <c>&lt;s> A &lt;/s></c> and
/// <c>&lt;s> A &lt;/s> &lt;/s> B &lt;/s></c>. RoBERTa has one segment and takes white space out of the offsets.
/// </summary>
internal sealed class AroundPostProcessor : IPostProcessor
{
    private readonly bool _addPrefixSpace, _trimOffsets;

    private AroundPostProcessor(JsonPlace place, bool isRoberta)
    {
        var first = IdOf(place.Required("cls"));
        var end = IdOf(place.Required("sep"));
        _trimOffsets = isRoberta && place.Flag("trim_offsets", true);
        _addPrefixSpace = isRoberta && place.Flag("add_prefix_space", true);

        var secondType = isRoberta ? 0 : 1;
        Single = [Special(first, 0), TemplatePiece.Text(isSecond: false, 0), Special(end, 0)];
        ImmutableArray<TemplatePiece> second = [TemplatePiece.Text(isSecond: true, secondType), Special(end, secondType)];
        Pair = [.. Single, .. isRoberta ? [Special(end, 0)] : ImmutableArray<TemplatePiece>.Empty, .. second];
    }

    public ImmutableArray<TemplatePiece> Single { get; }

    public ImmutableArray<TemplatePiece> Pair { get; }

    public static IPostProcessor ReadBert(JsonPlace place) => new AroundPostProcessor(place, isRoberta: false);

    public static IPostProcessor ReadRoberta(JsonPlace place) =>
        new AroundPostProcessor(place, isRoberta: true);

    public void TrimOffsets(List<Token> tokens, Func<int, string?> tokenOf)
    {
        if (_trimOffsets)
        {
            ByteLevelPostProcessor.Trim(tokens, tokenOf, _addPrefixSpace);
        }
    }

    private static TemplatePiece Special(int id, int typeId) => new([id], IsSecondText: false, typeId);

    /// <summary>The token itself is read over: what counts is its id.</summary>
    private static int IdOf(JsonPlace place)
    {
        JsonPlace[] parts = [.. place.Items()];
        return parts.Length == 2 ? parts[1].Count() : throw place.Refusal($"has {parts.Length} parts, expected a token and its id");
    }
}
