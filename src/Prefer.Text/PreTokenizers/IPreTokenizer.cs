namespace Prefer.Text.PreTokenizers;

/// <summary>Cuts normalized text into the words that the model tokenizes one by one. Words may be rewritten on the way; empty ones are not added.</summary>
internal interface IPreTokenizer
{
    /// <summary>Whether what it does to a text depends on where in the original the text stood.</summary>
    bool LooksAtPlaces => false;

    void Split(AlignedText text, List<AlignedText> words);
}
