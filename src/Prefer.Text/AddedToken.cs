namespace Prefer.Text;

/// <summary>A token that is found in the text itself, before the model sees the rest.</summary>
/// <param name="Id">Its id; a token that the model knows too keeps the model's id.</param>
/// <param name="Content">The text that it matches.</param>
/// <param name="Special">Left out by a decoding that skips special tokens.</param>
/// <param name="SingleWord">Matches only where no word character stands on either side.</param>
/// <param name="StripLeft">Takes the white space before it (<c>lstrip</c>).</param>
/// <param name="StripRight">Takes the white space after it (<c>rstrip</c>).</param>
/// <param name="Normalized">Looked for after normalization, in its own normalized form; otherwise in the text as given.</param>
public sealed record AddedToken(
    int Id, string Content, bool Special = false, bool SingleWord = false, bool StripLeft = false, bool StripRight = false,
    bool Normalized = false);
