using System.Collections.Concurrent;
using System.Globalization;

namespace Prefer.Text.Unicode;

/// <summary>Named sets of code points from an embedded file; the file's head says how they are written. A set is read when it is first asked for.</summary>
internal sealed class CodePointTable
{
    private readonly Dictionary<string, string> _lines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CodePointSet> _sets = new(StringComparer.Ordinal);

    private CodePointTable(string resource)
    {
        foreach (var line in EmbeddedLines.Read(resource))
        {
            var space = line.IndexOf(' ');
            foreach (var name in line[..space].Split(','))
            {
                _lines.Add(name, line[(space + 1)..]);
            }
        }
    }

    /// <summary>Properties of Unicode 16, the version of the reference's regular expressions.</summary>
    public static CodePointTable Properties { get; } = new("properties.txt");

    /// <summary>Classes for grapheme clusters of Unicode 17.</summary>
    public static CodePointTable Segmentation { get; } = new("segmentation.txt");

    /// <summary>Scripts and marks of Unicode 9.</summary>
    public static CodePointTable Unicode9 { get; } = new("unicode9.txt");

    /// <summary>The first names of all sets.</summary>
    public IEnumerable<string> Names => _lines.Keys;

    public CodePointSet this[string name] => Find(name) ?? throw new KeyNotFoundException($"no code points are named \"{name}\"");

    /// <summary>The set of that name, or null. The name is lower case without spaces, hyphens and underscores.</summary>
    public CodePointSet? Find(string name) => _lines.TryGetValue(name, out var line) ? _sets.GetOrAdd(line, Parse) : null;

    private CodePointSet Parse(string line)
    {
        if (line[0] == '-')
        {
            return this[line[1..]].Complement();
        }

        var parts = line.Split(' ');
        if (line[0] == '=')
        {
            return CodePointSet.Of(parts.SelectMany(part => this[part[1..]].Ranges));
        }

        var ranges = new List<(int First, int Last)>(parts.Length);
        var next = 0;
        foreach (var part in parts)
        {
            var plus = part.IndexOf('+');
            var first = next + Hexadecimal(plus < 0 ? part : part[..plus]);
            var last = first + (plus < 0 ? 0 : Hexadecimal(part[(plus + 1)..]));
            ranges.Add((first, last));
            next = last + 1;
        }

        return CodePointSet.Of(ranges);
    }

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
