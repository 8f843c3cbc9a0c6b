using System.Text;
using System.Text.Json;
using Prefer.Evaluation;
using Spectre.Console;

namespace Prefer.Cli;

/// <summary>
/// Where a verb speaks. What people read (notes, tables, progress) goes to standard error; results go to standard output, as
/// JSON and nothing else when <c>--json</c> is given.
/// </summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="isJson">True when <c>--json</c> was given.</param>
/// <param name="isInteractive">True when standard error is a terminal whose last line can be rewritten.</param>
/// <param name="width">Columns of the terminal.</param>
/// <param name="clock">Time, for rates and remaining time.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool isJson, bool isInteractive, int width, TimeProvider clock) : IDisposable
{
    private ProgressLine? progress;

    /// <summary>The streams of this process. Output is UTF-8 whatever the locale, and each write is flushed, so that a reader of a
    /// pipe sees every line when it is made.</summary>
    public static Terminal OfProcess(bool isJson)
    {
        var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
        var isInteractive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        var width = isInteractive ? Math.Max(40, Console.WindowWidth) : 120;
        return new Terminal(output, Console.Error, isJson, isInteractive, width, TimeProvider.System);
    }

    /// <summary>True when the result is wanted as JSON.</summary>
    public bool IsJson => isJson;

    /// <summary>One line for people.</summary>
    public void Note(string line)
    {
        progress?.Erase();
        error.WriteLine(line);
        progress?.Draw();
    }

    /// <summary>One line on something that may be wrong.</summary>
    public void Warn(string line) => Note($"warning: {line}");

    /// <summary>A table for people. Columns whose cells are all numbers are aligned to the right.</summary>
    /// <param name="title">A heading, or null.</param>
    /// <param name="columns">Headings, one a column.</param>
    /// <param name="rows">Cells as text, as many a row as there are columns.</param>
    public void Table(string? title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = title is null ? null : new TableTitle(Markup.Escape(title)) };
        for (var index = 0; index < columns.Count; index++)
        {
            var isNumeric = rows.Count > 0 && rows.All(row => IsNumeric(row[index]));
            table.AddColumn(new TableColumn(Markup.Escape(columns[index])) { Alignment = isNumeric ? Justify.Right : Justify.Left });
        }

        foreach (var row in rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        progress?.Erase();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(error),
            Ansi = isInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        progress?.Draw();
    }

    /// <summary>A line of the result itself, when it is text: a rendered prompt, a generated answer.</summary>
    public void Result(string line) => output.WriteLine(line);

    /// <summary>One JSON object on one line of standard output. See <see cref="ResultJson"/>.</summary>
    public void Json<T>(T value) => output.WriteLine(JsonLine(value));

    /// <summary>The same for a line of a file, without its end.</summary>
    public static string JsonLine<T>(T value) => JsonSerializer.Serialize(value, ResultJson.Options);

    /// <summary>Starts the progress line; there is one at a time, until it is disposed.</summary>
    /// <param name="title">What is going on, in a word or two.</param>
    /// <param name="total">Steps at the end; null where nobody knows.</param>
    /// <param name="done">Steps behind us already, in a run that is resumed.</param>
    public ProgressLine Progress(string title, long? total, long done = 0) =>
        progress = new ProgressLine(error, title, total, done, isInteractive ? width : null, clock, onEnd: () => progress = null);

    /// <summary>Writes out what is buffered.</summary>
    public void Dispose() => output.Flush();

    private static bool IsNumeric(string cell) => cell.Length == 0 || (cell.Any(char.IsAsciiDigit) && cell.All(c => char.IsAsciiDigit(c) || " .,+-±%eE[]–".Contains(c)));
}
