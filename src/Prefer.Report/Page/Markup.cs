using System.Runtime.CompilerServices;
using System.Text;

namespace Prefer.Report.Page;

/// <summary>
/// HTML that may be put into a page as it stands. It is made of an interpolated string: its literal parts are markup, its holes are data and are escaped, unless
/// they are markup themselves. So text from a data file can't become markup by being forgotten.
/// </summary>
internal readonly struct Markup
{
    private readonly string? html;

    private Markup(string html) => this.html = html;

    public static Markup Empty => default;

    public bool IsEmpty => string.IsNullOrEmpty(html);

    public static Markup Of(Handler handler) => new(handler.ToString());

    /// <summary>Text as it is read, escaped.</summary>
    public static Markup Text(string text) => Of($"{text}");

    /// <summary>What is markup already and comes from this assembly: the style sheet, the script.</summary>
    public static Markup Trusted(string html) => new(html);

    public static Markup Join(string separator, IEnumerable<Markup> parts) => new(string.Join(separator, parts));

    public override string ToString() => html ?? "";

    /// <summary>Takes the parts of the interpolated string. Numbers have no overload but whole ones: how many digits a real one shows is decided where it is written.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Handler(int literalLength, int holeCount)
    {
        private readonly StringBuilder builder = new(literalLength + 16 * holeCount);

        public void AppendLiteral(string markup) => builder.Append(markup);

        public void AppendFormatted(Markup markup) => builder.Append(markup.html);

        public void AppendFormatted(IEnumerable<Markup> parts)
        {
            foreach (var part in parts)
            {
                builder.Append(part.html);
            }
        }

        public void AppendFormatted(long number) => builder.Append(number);

        public void AppendFormatted(string? text)
        {
            foreach (var character in text ?? "")
            {
                _ = character switch
                {
                    '<' => builder.Append("&lt;"),
                    '>' => builder.Append("&gt;"),
                    '&' => builder.Append("&amp;"),
                    '"' => builder.Append("&quot;"),
                    '\'' => builder.Append("&#39;"),
                    // HTML has no way to say most control characters.
                    < ' ' and not ('\n' or '\t') or '\x7f' => builder.Append('\uFFFD'),
                    _ => builder.Append(character),
                };
            }
        }

        public override string ToString() => builder.ToString();
    }
}
