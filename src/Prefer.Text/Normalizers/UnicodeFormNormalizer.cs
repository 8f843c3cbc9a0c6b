using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>NFC, NFD, NFKC and NFKD.</summary>
internal sealed class UnicodeFormNormalizer(JsonPlace place, bool composed, bool compatibility) : INormalizer
{
    private readonly bool _composed = place.Allow().IsObject && composed;

    public AlignedText Normalize(AlignedText text) => _composed
        ? UnicodeNormalization.Compose(text, compatibility)
        : UnicodeNormalization.Decompose(text, compatibility);
}
