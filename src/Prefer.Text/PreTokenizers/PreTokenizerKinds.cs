using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>The pre-tokenizers that can be read.</summary>
internal static class PreTokenizerKinds
{
    public static KindTable<IPreTokenizer> Table { get; } = new("pre-tokenizer", new()
    {
        ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
        ["ByteLevel"] = ByteLevelPreTokenizer.Read,
        ["CharDelimiterSplit"] = CharacterPreTokenizer.ReadCharDelimiterSplit,
        ["Digits"] = CharacterPreTokenizer.ReadDigits,
        ["FixedLength"] = FixedLengthPreTokenizer.Read,
        ["Metaspace"] = MetaspacePreTokenizer.Read,
        ["Punctuation"] = CharacterPreTokenizer.ReadPunctuation,
        ["Sequence"] = PreTokenizerSequence.Read,
        ["Split"] = SplitPreTokenizer.Read,
        ["UnicodeScripts"] = _ => new UnicodeScriptsPreTokenizer(),
        ["Whitespace"] = _ => new WhitespacePreTokenizer(),
        ["WhitespaceSplit"] = _ => new CharacterPreTokenizer(RustCharacters.WhiteSpace, SplitBehavior.Removed),
    });
}
