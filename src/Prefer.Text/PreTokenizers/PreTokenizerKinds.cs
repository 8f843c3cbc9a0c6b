namespace Prefer.Text.PreTokenizers;

/// <summary>The pre-tokenizers that can be read.</summary>
internal static class PreTokenizerKinds
{
    public static KindTable<IPreTokenizer> Table { get; } = new("pre-tokenizer", new()
    {
        ["BertPreTokenizer"] = BertPreTokenizer.Read,
        ["ByteLevel"] = ByteLevelPreTokenizer.Read,
        ["Sequence"] = PreTokenizerSequence.Read,
        ["Split"] = SplitPreTokenizer.Read,
    });
}
