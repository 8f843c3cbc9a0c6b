namespace Prefer.Text;

/// <summary>One token of a text before post-processing.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Range">Where it was.</param>
/// <param name="Matched">The text that an added token matched, stripped white space included, or that an unknown token of Unigram stands for; null for
/// any other token of the model.</param>
internal readonly record struct Token(int Id, TextRange Range, string? Matched = null);
