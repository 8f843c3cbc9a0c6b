namespace Prefer.Text.Normalizers;

/// <summary>Normalizers one after the other.</summary>
internal sealed class NormalizerSequence(INormalizer[] normalizers) : INormalizer
{
    public static INormalizer Read(JsonPlace place) =>
        new NormalizerSequence([.. place.Required("normalizers").Items().Select(NormalizerKinds.Table.Read)]);

    public AlignedText Normalize(AlignedText text) =>
        normalizers.Aggregate(text, (current, normalizer) => normalizer.Normalize(current));
}
