namespace Prefer.Text.Unicode;

/// <summary>The lines of the text files embedded beside this one, without their comments.</summary>
internal static class EmbeddedLines
{
    public static IEnumerable<string> Read(string resource)
    {
        using var stream = typeof(EmbeddedLines).Assembly.GetManifestResourceStream(resource)
            ?? throw new FileNotFoundException($"the resource {resource} is not embedded");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                yield return line;
            }
        }
    }
}
