namespace Prefer.Text.Normalizers;

/// <summary>The normalizers that can be read.</summary>
internal static class NormalizerKinds
{
    public static KindTable<INormalizer> Table { get; } = new("normalizer", new()
    {
        ["BertNormalizer"] = BertNormalizer.Read,
        ["Lowercase"] = LowercaseNormalizer.Read,
        ["NFC"] = place => new UnicodeFormNormalizer(place, composed: true, compatibility: false),
        ["NFD"] = place => new UnicodeFormNormalizer(place, composed: false, compatibility: false),
        ["NFKC"] = place => new UnicodeFormNormalizer(place, composed: true, compatibility: true),
        ["NFKD"] = place => new UnicodeFormNormalizer(place, composed: false, compatibility: true),
        ["Prepend"] = PrependNormalizer.Read,
        ["Replace"] = ReplaceNormalizer.Read,
        ["Sequence"] = NormalizerSequence.Read,
    });
}
