namespace Prefer.Text.Normalizers;

/// <summary>Puts a string behind a text that is not empty.</summary>
internal sealed class AppendNormalizer(string suffix) : INormalizer
{
    public static INormalizer Read(JsonPlace place) => new AppendNormalizer(place.Required("append").Text());

    public AlignedText Normalize(AlignedText text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var builder = new AlignedTextBuilder(text.Length + suffix.Length, text.IsAligned);
        builder.Append(text);
        builder.Append(suffix, text.Ranges[^1]);
        return builder.Build();
    }
}
