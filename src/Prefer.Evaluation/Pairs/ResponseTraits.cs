using Prefer.Data;

namespace Prefer.Evaluation;

/// <summary>What a reward may follow besides quality: length, and the marks of Markdown. docs/metrics.md says what counts as a mark.</summary>
/// <param name="Length">Characters (Unicode code points) of the response's turns; the number of ids where it is token ids.</param>
/// <param name="Headers">Lines that are a heading.</param>
/// <param name="ListItems">Lines that are an item of a bulleted or numbered list.</param>
/// <param name="Bolds">Runs in bold.</param>
public readonly record struct ResponseTraits(int Length, int Headers, int ListItems, int Bolds)
{
    /// <summary>Counts. Token ids have no marks.</summary>
    public static ResponseTraits Of(Response response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var (headers, items, bolds) = (0, 0, 0);
        foreach (var turn in response.Turns)
        {
            // The mark and length of the open code fence; '\0' outside.
            var (fence, fenceLength) = ('\0', 0);
            foreach (var written in turn.Content.AsSpan().EnumerateLines())
            {
                var line = written.TrimStart(" \t");
                var (mark, length) = Fence(line);
                if (fence != '\0')
                {
                    var closes = mark == fence && length >= fenceLength && line[length..].IsWhiteSpace();
                    fence = closes ? '\0' : fence;
                    continue;
                }
                if (mark != '\0')
                {
                    (fence, fenceLength) = (mark, length);
                    continue;
                }
                headers += IsHeader(line) && written.Length - line.Length < 4 ? 1 : 0;
                items += IsListItem(line) ? 1 : 0;
                bolds += BoldRuns(line);
            }
        }
        return new ResponseTraits(response.Length, headers, items, bolds);
    }

    // Three backticks or tildes, or more, at the beginning; backticks with another behind them are code within a line.
    private static (char Mark, int Length) Fence(ReadOnlySpan<char> line)
    {
        if (line.Length < 3 || line[0] is not ('`' or '~'))
        {
            return ('\0', 0);
        }
        var length = RunAt(line, 0);
        return length < 3 || (line[0] == '`' && line[length..].Contains('`')) ? ('\0', 0) : (line[0], length);
    }

    private static bool IsHeader(ReadOnlySpan<char> line)
    {
        var length = line.StartsWith('#') ? RunAt(line, 0) : 0;
        return length is >= 1 and <= 6 && (length == line.Length || line[length] is ' ' or '\t');
    }

    private static bool IsListItem(ReadOnlySpan<char> line)
    {
        var digits = 0;
        while (digits < line.Length && char.IsAsciiDigit(line[digits]))
        {
            digits++;
        }
        var isNumbered = digits is >= 1 and <= 9 && digits < line.Length && line[digits] is '.' or ')';
        var isBulleted = digits == 0 && line.Length > 0 && line[0] is '-' or '*' or '+';
        return (isNumbered || isBulleted) && line.Length > digits + 1 && line[digits + 1] is ' ' or '\t'
            && !line[(digits + 1)..].IsWhiteSpace() && !IsRule(line);
    }

    // "* * *" and "- - -" draw a line across the page.
    private static bool IsRule(ReadOnlySpan<char> line) => line[0] is '-' or '*' && line.Count(line[0]) >= 3 && line.IndexOfAnyExcept([line[0], ' ', '\t']) < 0;

    private static int BoldRuns(ReadOnlySpan<char> line)
    {
        var count = 0;
        for (var at = 0; at < line.Length;)
        {
            if (line[at] is not ('`' or '*' or '_'))
            {
                at++;
                continue;
            }
            var length = RunAt(line, at);
            var end = line[at] == '`' ? EndOfCode(line, at, length) : length >= 2 ? EndOfBold(line, at, length) : -1;
            count += end >= 0 && line[at] != '`' ? 1 : 0;
            at = end >= 0 ? end : at + length;
        }
        return count;
    }

    // Code within a line ends at as many backticks as it began with.
    private static int EndOfCode(ReadOnlySpan<char> line, int start, int length)
    {
        for (var at = start + length; at < line.Length;)
        {
            var run = RunAt(line, at);
            if (line[at] == '`' && run == length)
            {
                return at + run;
            }
            at += run;
        }
        return -1;
    }

    // Bold text neither begins nor ends with white space; underscores do not open or close it inside a word.
    private static int EndOfBold(ReadOnlySpan<char> line, int start, int length)
    {
        var mark = line[start];
        var opens = start + length < line.Length && !char.IsWhiteSpace(line[start + length]) && (mark == '*' || start == 0 || !char.IsLetterOrDigit(line[start - 1]));
        for (var at = start + length; opens && at < line.Length;)
        {
            var run = RunAt(line, at);
            if (line[at] == mark && run >= 2 && !char.IsWhiteSpace(line[at - 1]) && (mark == '*' || at + run == line.Length || !char.IsLetterOrDigit(line[at + run])))
            {
                return at + run;
            }
            at += run;
        }
        return -1;
    }

    private static int RunAt(ReadOnlySpan<char> line, int at)
    {
        var rest = line[at..].IndexOfAnyExcept(line[at]);
        return rest < 0 ? line.Length - at : rest;
    }
}
