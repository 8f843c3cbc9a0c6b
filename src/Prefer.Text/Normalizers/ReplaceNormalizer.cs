using Prefer.Text.Patterns;

namespace Prefer.Text.Normalizers;

/// <summary>Replaces every match of a pattern. What is put in its place came from the match's last character, as the reference has it.</summary>
internal sealed class ReplaceNormalizer(Pattern pattern, string content) : INormalizer
{
    public static INormalizer Read(JsonPlace place) =>
        new ReplaceNormalizer(TextPattern.Read(place.Required("pattern")), place.Required("content").Text());

    public AlignedText Normalize(AlignedText text)
    {
        AlignedTextBuilder? builder = null;
        var done = 0;
        foreach (var (start, end) in pattern.Matches(text.Units))
        {
            builder ??= new AlignedTextBuilder(text.Length, text.IsAligned);
            builder.Append(text.Slice(done, start - done));
            builder.Append(content, end == 0 ? text.BeforeFirst : text.Ranges[end - 1]);
            done = end;
        }

        builder?.Append(text.Slice(done));
        return builder?.Build() ?? text;
    }
}
