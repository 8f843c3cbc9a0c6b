using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Text.Templates;

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Literal,
    String,
    Operator,
    End,
}

/// <summary>One token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Name, operator, or text outside of tags.</param>
/// <param name="Line">1-based line.</param>
/// <param name="Value">The value of a number or string.</param>
internal readonly record struct TemplateToken(TokenKind Kind, string Text, int Line, object? Value = null)
{
    public bool Is(TokenKind kind, string text) => Kind == kind && Text == text;

    public override string ToString() => Kind switch
    {
        TokenKind.Data => "text",
        TokenKind.VariableBegin => "'{{'",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.BlockBegin => "'{%'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.End => "the end of the template",
        _ => $"'{Text}'",
    };
}

/// <summary>
/// Cuts a template into tokens and does its white space: <c>trim_blocks</c> and <c>lstrip_blocks</c> as chat templates have them, the signs
/// <c>-</c> and <c>+</c>, one final line end dropped.
/// </summary>
internal sealed partial class TemplateLexer
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string source;
    private readonly List<TemplateToken> tokens = [];
    private int at;
    private int line = 1;
    private bool startsLine = true;

    private TemplateLexer(string text)
    {
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        source = lines.EndsWith('\n') ? lines[..^1] : lines;
    }

    /// <exception cref="TemplateFault">A tag that does not end, brackets that do not match, a character that means nothing.</exception>
    public static List<TemplateToken> Read(string text)
    {
        var lexer = new TemplateLexer(text);
        lexer.ReadAll();
        return lexer.tokens;
    }

    private void ReadAll()
    {
        while (Root().Match(source, at) is { Success: true } match)
        {
            var raw = RawBegin().Match(source, match.Index);
            var (tag, sign) = raw.Success ? ('r', raw.Groups[1].Value) : (match.Value[1], match.Groups[1].Value);
            Data(match.Index, sign, isVariable: tag == '{');
            Advance(raw.Success ? raw.Length : match.Length);
            switch (tag)
            {
                case 'r':
                    Raw();
                    break;
                case '#':
                    Comment();
                    break;
                default:
                    Tag(tag == '%');
                    break;
            }
        }

        Add(TokenKind.Data, source[at..]);
        Advance(source.Length - at);
        Add(TokenKind.End, "");
    }

    /// <summary>Text up to a tag, without what the tag strips of it.</summary>
    private void Data(int end, string sign, bool isVariable)
    {
        var text = source[at..end];
        if (sign == "-")
        {
            Add(TokenKind.Data, PythonStrings.StripEnd(text));
        }
        else
        {
            var lineStart = text.LastIndexOf('\n') + 1;
            var isBlank = text.Length > lineStart && PythonStrings.Strip(text[lineStart..]).Length == 0;
            var strips = sign != "+" && !isVariable && isBlank && (lineStart > 0 || startsLine);
            Add(TokenKind.Data, strips ? text[..lineStart] : text);
        }

        Advance(end - at);
    }

    private void Raw()
    {
        var end = RawEnd().Match(source, at);
        if (!end.Success)
        {
            throw new TemplateFault("a {% raw %} that does not end", line);
        }

        Data(end.Index, end.Groups[1].Value, isVariable: false);
        Advance(end.Length);
    }

    private void Comment()
    {
        var end = CommentEnd().Match(source, at);
        if (!end.Success)
        {
            throw new TemplateFault("a comment {# that does not end", line);
        }

        Advance(end.Index + end.Length - at);
    }

    private void Tag(bool isBlock)
    {
        Add(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "");
        var open = new Stack<char>();
        var end = isBlock ? BlockEnd() : VariableEnd();
        while (true)
        {
            if (open.Count == 0 && end.Match(source, at) is { Success: true } close)
            {
                Add(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "");
                Advance(close.Length);
                return;
            }

            if (at >= source.Length)
            {
                throw new TemplateFault($"a tag {(isBlock ? "{%" : "{{")} that does not end", line);
            }

            Part(open);
        }
    }

    private void Part(Stack<char> open)
    {
        if (PythonStrings.IsSpace(source[at]))
        {
            Advance(1);
        }
        else if (Fraction().Match(source, at) is { Success: true } fraction)
        {
            Add(TokenKind.Literal, fraction.Value, double.Parse(Digits(fraction), CultureInfo.InvariantCulture));
            Advance(fraction.Length);
        }
        else if (Whole().Match(source, at) is { Success: true } whole)
        {
            Add(TokenKind.Literal, whole.Value, Number(Digits(whole)));
            Advance(whole.Length);
        }
        else if (Name().Match(source, at) is { Success: true } name)
        {
            Add(TokenKind.Name, name.Value);
            Advance(name.Length);
        }
        else if (Quoted().Match(source, at) is { Success: true } quoted)
        {
            Add(TokenKind.String, quoted.Value, Unescape(quoted.Value[1..^1]));
            Advance(quoted.Length);
        }
        else
        {
            Sign(open);
        }
    }

    private void Sign(Stack<char> open)
    {
        var sign = Array.Find(Operators, candidate => string.CompareOrdinal(source, at, candidate, 0, candidate.Length) == 0)
            ?? throw new TemplateFault($"unexpected character '{(Rune.TryGetRuneAt(source, at, out var rune) ? rune.ToString() : "half of one")}'", line);
        switch (sign)
        {
            case "{" or "(" or "[":
                open.Push(sign == "{" ? '}' : sign == "(" ? ')' : ']');
                break;
            case "}" or ")" or "]":
                if (!open.TryPop(out var expected) || expected != sign[0])
                {
                    throw new TemplateFault($"unexpected '{sign}'{(expected == 0 ? "" : $", expected '{expected}'")}", line);
                }

                break;
        }

        Add(TokenKind.Operator, sign);
        Advance(sign.Length);
    }

    private void Add(TokenKind kind, string text, object? value = null)
    {
        if (kind != TokenKind.Data || text.Length > 0)
        {
            tokens.Add(new TemplateToken(kind, text, line, value));
        }
    }

    private void Advance(int length)
    {
        line += source.AsSpan(at, length).Count('\n');
        startsLine = length > 0 ? source[at + length - 1] == '\n' : startsLine;
        at += length;
    }

    private static string Digits(Match match) => match.Value.Replace("_", "", StringComparison.Ordinal);

    private static object Number(string digits)
    {
        var radix = digits.Length > 1 ? char.ToLowerInvariant(digits[1]) : ' ';
        var value = BigInteger.Zero;
        var (basis, start) = radix switch
        {
            'x' => (16, 2),
            'o' => (8, 2),
            'b' => (2, 2),
            _ => (10, 0),
        };
        if (digits.Length > 1000)
        {
            throw new TemplateFault("a number of more than 1000 digits");
        }

        foreach (var digit in digits.AsSpan(start))
        {
            value = (value * basis) + (char.IsAsciiDigit(digit) ? digit - '0' : char.ToLowerInvariant(digit) - 'a' + 10);
        }

        return Values.Of(value);
    }

    /// <summary>Python's escapes of string literals; an unknown one stays as it is.</summary>
    private string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var position = 0; position < text.Length; position++)
        {
            if (text[position] != '\\')
            {
                result.Append(text[position]);
                continue;
            }

            var escape = text[++position];
            switch (escape)
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    result.Append(escape);
                    break;
                case 'x' or 'u' or 'U':
                    var count = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
                    if (position + count >= text.Length || !uint.TryParse(text.AsSpan(position + 1, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || code > 0x10FFFF)
                    {
                        throw new TemplateFault($"a string with an escape \\{escape} without its {count} digits", line);
                    }

                    result.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32((int)code));
                    position += count;
                    break;
                case >= '0' and <= '7':
                    var octal = 0;
                    var first = position;
                    for (; position < text.Length && position < first + 3 && text[position] is >= '0' and <= '7'; position++)
                    {
                        octal = (octal * 8) + text[position] - '0';
                    }

                    result.Append((char)octal);
                    position--;
                    break;
                case 'N':
                    throw new TemplateFault("a string with an escape \\N{…}, which is not supported; write the character itself", line);
                default:
                    var at = "nrtabfv".IndexOf(escape, StringComparison.Ordinal);
                    result.Append(at < 0 ? $"\\{escape}" : "\n\r\t\a\b\f\v"[at].ToString());
                    break;
            }
        }

        return result.ToString();
    }

    [GeneratedRegex(@"\{[\{%#]([-+]?)", RegexOptions.CultureInvariant)]
    private static partial Regex Root();

    [GeneratedRegex(@"\G\{%([-+]?)\s*raw\s*(?:-%\}\s*|%\})", RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%([-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();

    [GeneratedRegex(@"\+#\}|-#\}\s*|#\}\n?", RegexOptions.CultureInvariant)]
    private static partial Regex CommentEnd();

    [GeneratedRegex(@"\G(?:\+%\}|-%\}\s*|%\}\n?)", RegexOptions.CultureInvariant)]
    private static partial Regex BlockEnd();

    [GeneratedRegex(@"\G(?:-\}\}\s*|\}\})", RegexOptions.CultureInvariant)]
    private static partial Regex VariableEnd();

    [GeneratedRegex(@"\G(?<!\.)(?:[0-9]+_)*[0-9]+(?:(?:\.(?:[0-9]+_)*[0-9]+)?e[+-]?(?:[0-9]+_)*[0-9]+|\.(?:[0-9]+_)*[0-9]+)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Fraction();

    [GeneratedRegex(@"\G(?:0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[0-9a-f])+|[1-9](?:_?[0-9])*|0(?:_?0)*)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\G[\p{L}\p{Nl}_][\p{L}\p{N}\p{Mn}\p{Mc}_]*", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"\G(?:'[^'\\]*(?:\\.[^'\\]*)*'|""[^""\\]*(?:\\.[^""\\]*)*"")", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Quoted();
}
