namespace Prefer.Text.Normalizers;

/// <summary>Takes white space off the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public static INormalizer Read(JsonPlace place) =>
        new StripNormalizer(place.Required("strip_left").Flag(), place.Required("strip_right").Flag());

    public AlignedText Normalize(AlignedText text)
    {
        text = left ? text.Slice(text.Length - text.Units.TrimStart().Length) : text;
        return right ? text.Slice(0, text.Units.TrimEnd().Length) : text;
    }
}
