using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>The head of a decoder: <c>score</c>, <c>v_head.summary</c> or the projection to the vocabulary, by what was asked for.</summary>
internal sealed class DecoderHead
{
    private readonly (Tensor Weight, Tensor? Bias) projection;
    private readonly double? softCap;

    private DecoderHead((Tensor, Tensor?) projection, double? softCap) => (this.projection, this.softCap) = (projection, softCap);

    /// <summary>Declares the head's parameters; the last that a decoder declares.</summary>
    /// <param name="head">Which one.</param>
    /// <param name="declare">Where parameters come from.</param>
    /// <param name="words">The token embedding [V, h], which a tied vocabulary head shares.</param>
    /// <param name="isTied">Whether the vocabulary head is the token embedding.</param>
    /// <param name="vocabularyName">The vocabulary head's name where it has weights of its own.</param>
    /// <param name="softCap">c in c·tanh(logit/c) over the vocabulary's logits, Gemma's.</param>
    internal static DecoderHead Declare(Head head, Declarations declare, Tensor words, bool isTied, string vocabularyName = "lm_head", double? softCap = null)
    {
        var (rows, hidden) = (words.Shape[0], words.Shape[1]);
        return head switch
        {
            Head.Labels(var count) => new DecoderHead(declare.Projection("score", hidden, count, bias: false, head: true), null),
            Head.Value => new DecoderHead(declare.Linear("v_head.summary", hidden, 1, head: true), null),
            _ when isTied => new DecoderHead((words, null), softCap),
            _ => new DecoderHead(declare.Projection(vocabularyName, hidden, rows, bias: false), softCap),
        };
    }

    /// <summary>[N, h] → [N, L]: labels, a value, or next-token logits.</summary>
    internal Tensor Apply(Tensor hidden)
    {
        var logits = hidden.Project(projection);
        return softCap is { } cap ? (logits / cap).Tanh() * cap : logits;
    }
}
