namespace Prefer.Text;

/// <summary>A tokenizer of the <c>tokenizer.json</c> format: normalizer, pre-tokenizer, model, post-processor, decoder, added tokens.</summary>
public sealed class Tokenizer
{
}
