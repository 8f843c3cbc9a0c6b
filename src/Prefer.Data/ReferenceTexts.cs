using System.Text;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>Texts that data may have been copied from or into: every string of every row, whatever the rows' layout, and the paragraphs of <c>.txt</c> files.</summary>
public static class ReferenceTexts
{
    /// <summary>The texts, read while they are enumerated, and where each stands.</summary>
    /// <param name="patterns">Files and globs; names that end in <c>.txt</c> are plain text.</param>
    /// <exception cref="DataException">While enumerating: a file or row cannot be read.</exception>
    public static IEnumerable<(string Text, RowOrigin Origin)> Read(IEnumerable<string> patterns)
    {
        DataSource source = DataSource.Open(patterns);
        foreach (string file in source.Files)
        {
            IEnumerable<(string Text, RowOrigin Origin)> texts = file.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
                ? Paragraphs(file)
                : DataSource.Open([file]).Fields().SelectMany(row => Strings(row.Fields).Select(text => (text, row.Origin)));
            foreach ((string Text, RowOrigin Origin) text in texts)
            {
                yield return text;
            }
        }
    }

    private static IEnumerable<string> Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(field => Strings(field.Value)),
        _ => [],
    };

    private static IEnumerable<(string Text, RowOrigin Origin)> Paragraphs(string file)
    {
        var paragraph = new StringBuilder();
        (long line, long start) = (0, 1);
        foreach (string text in File.ReadLines(file).Append(""))
        {
            line++;
            if (text.AsSpan().IsWhiteSpace())
            {
                if (paragraph.Length > 0)
                {
                    yield return (paragraph.ToString(), new RowOrigin(file, start));
                    paragraph.Clear();
                }

                start = line + 1;
            }
            else
            {
                paragraph.Append(text).Append('\n');
            }
        }
    }
}
