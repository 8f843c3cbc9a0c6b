namespace Prefer.Text.PreTokenizers;

/// <summary>What becomes of the delimiters when text is cut at them.</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a word.</summary>
    Isolated,

    /// <summary>Neighbouring delimiters are one word.</summary>
    Contiguous,

    /// <summary>Each ends the word before it.</summary>
    MergedWithPrevious,

    /// <summary>Each starts the word after it.</summary>
    MergedWithNext,
}
