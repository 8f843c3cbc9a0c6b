namespace Prefer.Models.Families;

/// <summary>What stands on a body and reads its hidden states.</summary>
internal abstract record Head
{
    private Head()
    {
    }

    /// <summary>Hugging Face's classification head, with this many labels.</summary>
    internal sealed record Labels(int Count) : Head;

    /// <summary>The value head that TRL puts on a language model, <c>v_head.summary</c>: one number a token. Decoders only.</summary>
    internal sealed record Value : Head;

    /// <summary>The language model's own: a logit for every next token. Decoders only.</summary>
    internal sealed record Vocabulary : Head;
}
