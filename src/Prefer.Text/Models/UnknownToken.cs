namespace Prefer.Text.Models;

/// <summary>The token that stands for what a model does not know. A model may name one that it lacks: then only a text that needs it is refused.</summary>
internal sealed class UnknownToken(string content, Vocabulary vocabulary)
{
    private readonly int? _id = vocabulary.IdOf(content);

    /// <summary>The id of the unknown token, for something that has none of its own.</summary>
    public int IdFor(ReadOnlySpan<char> unknown) => _id
        ?? throw new TokenizerException($"the text has \"{unknown}\", which is in no token of the model, and its unknown token \"{content}\" is not in its vocab");
}
