namespace Prefer.Text.Normalizers;

/// <summary>Puts a string before a text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public static INormalizer Read(JsonPlace place) => new PrependNormalizer(place.Required("prepend").Text());

    public AlignedText Normalize(AlignedText text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var builder = new AlignedTextBuilder(prefix.Length + text.Length, text.IsAligned);
        builder.Append(prefix, text.Ranges[0]);
        builder.Append(text);
        return builder.Build();
    }
}
