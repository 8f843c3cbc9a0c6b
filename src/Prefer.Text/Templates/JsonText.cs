using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Prefer.Text.Templates;

/// <summary>Values from JSON, and values as Python's <c>json.dumps</c> writes them, which is what <c>tojson</c> is in chat templates.</summary>
/// <param name="EnsureAscii">Whether everything beyond ASCII is escaped.</param>
/// <param name="Indent">What a level is indented by; null for one line.</param>
/// <param name="ItemSeparator">Between items.</param>
/// <param name="KeySeparator">Between key and value.</param>
/// <param name="SortKeys">Whether keys are written in order.</param>
internal sealed record JsonText(bool EnsureAscii, string? Indent, string ItemSeparator, string KeySeparator, bool SortKeys)
{
    public static object Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var dict = new DictValue();
                foreach (var member in element.EnumerateObject())
                {
                    dict.Set(member.Name, Read(member.Value));
                }

                return dict;
            case JsonValueKind.Array:
                return new ListValue([.. element.EnumerateArray().Select(Read)]);
            case JsonValueKind.String:
                return element.GetString()!;
            case JsonValueKind.Number:
                return element.TryGetInt64(out var whole) ? Values.Of(whole)
                    : element.GetRawText().AsSpan().IndexOfAny(".eE") >= 0 ? element.GetDouble()
                    : Values.Of(BigInteger.Parse(element.GetRawText(), CultureInfo.InvariantCulture));
            case JsonValueKind.True:
                return Values.True;
            case JsonValueKind.False:
                return Values.False;
            default:
                return None.Value;
        }
    }

    /// <exception cref="TemplateFault">It holds something that JSON does not have.</exception>
    public string Write(object value)
    {
        var builder = new StringBuilder();
        Write(builder, value, 0);
        return builder.ToString();
    }

    private void Write(StringBuilder builder, object value, int level)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Limits.CheckText(builder.Length);
        switch (value)
        {
            case string or Markup:
                Quote(builder, Values.Text(value)!);
                break;
            case ListValue { Kind: ListKind.List or ListKind.Tuple } list:
                Block(builder, '[', ']', list.Items.Length, level, at => Write(builder, list.Items[at], level + 1));
                break;
            case DictValue dict:
                var entries = SortKeys ? Sorted(dict) : dict.Entries;
                Block(builder, '{', '}', entries.Count, level, at =>
                {
                    Quote(builder, Key(entries[at].Key));
                    builder.Append(KeySeparator);
                    Write(builder, entries[at].Value, level + 1);
                });
                break;
            case None or bool or long or BigInteger or double:
                builder.Append(Scalar(value));
                break;
            default:
                throw new TemplateFault($"Object of type {Values.TypeName(value)} is not JSON serializable");
        }
    }

    private void Block(StringBuilder builder, char open, char close, int count, int level, Action<int> item)
    {
        builder.Append(open);
        for (var at = 0; at < count; at++)
        {
            builder.Append(at == 0 ? "" : ItemSeparator);
            NewLine(builder, level + 1);
            item(at);
        }

        if (count > 0)
        {
            NewLine(builder, level);
        }

        builder.Append(close);
    }

    private void NewLine(StringBuilder builder, int level)
    {
        if (Indent is not null)
        {
            Limits.CheckText(Indent.Length, level);
            builder.Append('\n').Insert(builder.Length, Indent, level);
        }
    }

    private static List<KeyValuePair<object, object>> Sorted(DictValue dict) =>
        [.. ValueComparison.Sorted(dict.Keys, key => key, reverse: false).Select(key => KeyValuePair.Create(key, dict.TryGet(key, out var value) ? value : None.Value))];

    private static string Key(object key) => key switch
    {
        string or Markup => Values.Text(key)!,
        None or bool or long or BigInteger or double => Scalar(key),
        _ => throw new TemplateFault($"keys must be str, int, float, bool or None, not {Values.TypeName(key)}"),
    };

    private static string Scalar(object value) => value switch
    {
        None => "null",
        bool flag => flag ? "true" : "false",
        double number when !double.IsFinite(number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        _ => PythonText.Str(value),
    };

    private void Quote(StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (var character in text)
        {
            switch (character)
            {
                case '"':
                    builder.Append("\\\"");
                    break;
                case '\\':
                    builder.Append("\\\\");
                    break;
                case '\n':
                    builder.Append("\\n");
                    break;
                case '\r':
                    builder.Append("\\r");
                    break;
                case '\t':
                    builder.Append("\\t");
                    break;
                case '\f':
                    builder.Append("\\f");
                    break;
                case '\b':
                    builder.Append("\\b");
                    break;
                default:
                    if (character < ' ' || (EnsureAscii && character > '~'))
                    {
                        builder.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
                    }
                    else
                    {
                        builder.Append(character);
                    }

                    break;
            }
        }

        builder.Append('"');
    }
}
