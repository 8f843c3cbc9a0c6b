namespace Prefer.Text.Models;

/// <summary>Turns one word into tokens.</summary>
internal interface IModel
{
    /// <summary>The tokens that the model itself knows.</summary>
    Vocabulary Vocabulary { get; }

    void Tokenize(AlignedText word, List<Token> tokens);

    /// <summary>The end of the first part of a text, from a place on, that may be tokenized by itself because no token reaches beyond it.</summary>
    int WordEnd(ReadOnlySpan<char> text, int start) => text.Length;
}
