namespace Prefer.Cli;

/// <summary>The beginning of a text, on one line.</summary>
internal static class Preview
{
    private const int Length = 60;

    /// <summary>White space made single spaces, and an ellipsis where something is missing.</summary>
    public static string Of(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var end = line.Length <= Length ? line.Length : char.IsHighSurrogate(line[Length - 1]) ? Length - 1 : Length;
        return end == line.Length ? line : $"{line[..end]}…";
    }
}
