namespace Prefer.Evaluation;

/// <summary>What a reward may follow besides quality: length, and the marks of Markdown.</summary>
/// <param name="Length">Characters (Unicode code points) of the response's turns; the number of ids where it is token ids.</param>
/// <param name="Headers">Lines that are a heading.</param>
/// <param name="ListItems">Lines that are an item of a bulleted or numbered list.</param>
/// <param name="Bolds">Runs in bold.</param>
public readonly record struct ResponseTraits(int Length, int Headers, int ListItems, int Bolds);
