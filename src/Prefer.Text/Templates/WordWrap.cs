using System.Text.RegularExpressions;

namespace Prefer.Text.Templates;

/// <summary>Lines of a width, as Python's <c>textwrap.wrap</c> makes them.</summary>
internal static partial class WordWrap
{
    public static List<string> Wrap(string text, int width, bool breaksLongWords, bool breaksOnHyphens)
    {
        if (width <= 0)
        {
            throw new TemplateFault($"invalid width {width} (must be > 0)");
        }

        var chunks = new Stack<string>((breaksOnHyphens ? Chunk() : SimpleChunk()).Matches(text).Select(match => match.Value).Where(chunk => chunk.Length > 0).Reverse());
        var lines = new List<string>();
        while (chunks.Count > 0)
        {
            var line = new List<string>();
            var length = 0;
            if (lines.Count > 0 && IsBlank(chunks.Peek()))
            {
                chunks.Pop();
            }

            while (chunks.TryPeek(out var chunk) && length + chunk.Length <= width)
            {
                line.Add(chunks.Pop());
                length += chunk.Length;
            }

            if (chunks.TryPeek(out var tooLong) && tooLong.Length > width)
            {
                BreakWord(chunks, line, width - length, breaksLongWords, breaksOnHyphens);
            }

            if (line.Count > 0 && IsBlank(line[^1]))
            {
                line.RemoveAt(line.Count - 1);
            }

            if (line.Count > 0)
            {
                lines.Add(string.Concat(line));
            }
        }

        return lines;
    }

    private static void BreakWord(Stack<string> chunks, List<string> line, int room, bool breaksLongWords, bool breaksOnHyphens)
    {
        room = Math.Max(1, room);
        if (breaksLongWords)
        {
            var chunk = chunks.Pop();
            var end = room;
            if (breaksOnHyphens && chunk.Length > room && chunk.LastIndexOf('-', room - 1) is var hyphen and > 0 && chunk[..hyphen].Any(character => character != '-'))
            {
                end = hyphen + 1;
            }

            line.Add(chunk[..end]);
            if (chunk.Length > end)
            {
                chunks.Push(chunk[end..]);
            }
        }
        else if (line.Count == 0)
        {
            line.Add(chunks.Pop());
        }
    }

    private static bool IsBlank(string chunk) => PythonStrings.Strip(chunk).Length == 0;

    [GeneratedRegex("""[\t\n\v\f\r ]+|(?<=[\w!"'&.,?])-{2,}(?=\w)|[^\t\n\v\f\r ]+?(?:-(?:(?<=[^\d\W]{2}-)|(?<=[^\d\W]-[^\d\W]-))(?=[^\d\W]-?[^\d\W])|(?=[\t\n\v\f\r ]|\z)|(?<=[\w!"'&.,?])(?=-{2,}\w))""", RegexOptions.CultureInvariant)]
    private static partial Regex Chunk();

    [GeneratedRegex(@"[\t\n\v\f\r ]+|[^\t\n\v\f\r ]+", RegexOptions.CultureInvariant)]
    private static partial Regex SimpleChunk();
}
