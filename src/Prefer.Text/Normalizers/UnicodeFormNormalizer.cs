using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>NFC, NFD, NFKC and NFKD.</summary>
internal sealed class UnicodeFormNormalizer(bool composed, bool compatibility) : INormalizer
{
    public static Func<JsonPlace, INormalizer> Reader(bool composed, bool compatibility) => place =>
    {
        return new UnicodeFormNormalizer(composed, compatibility);
    };

    public AlignedText Normalize(AlignedText text) => composed
        ? UnicodeNormalization.Compose(text, compatibility)
        : UnicodeNormalization.Decompose(text, compatibility);
}
