namespace Prefer.Text.Models;

/// <summary>Turns one word into tokens.</summary>
internal interface IModel
{
    /// <summary>The tokens that the model itself knows.</summary>
    Vocabulary Vocabulary { get; }

    void Tokenize(AlignedText word, List<Token> tokens);
}
