namespace Prefer.Text.Normalizers;

/// <summary>The normalizers that can be read.</summary>
internal static class NormalizerKinds
{
    public static KindTable<INormalizer> Table { get; } = new("normalizer", new()
    {
        ["Append"] = AppendNormalizer.Read,
        ["BertNormalizer"] = BertNormalizer.Read,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["NFC"] = UnicodeFormNormalizer.Reader(composed: true, compatibility: false),
        ["NFD"] = UnicodeFormNormalizer.Reader(composed: false, compatibility: false),
        ["NFKC"] = UnicodeFormNormalizer.Reader(composed: true, compatibility: true),
        ["NFKD"] = UnicodeFormNormalizer.Reader(composed: false, compatibility: true),
        ["Nmt"] = _ => new NmtNormalizer(),
        ["Precompiled"] = PrecompiledNormalizer.Read,
        ["Prepend"] = PrependNormalizer.Read,
        ["Replace"] = ReplaceNormalizer.Read,
        ["Sequence"] = NormalizerSequence.Read,
        ["Strip"] = StripNormalizer.Read,
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
    });
}
