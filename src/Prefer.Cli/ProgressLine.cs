using System.Globalization;
using System.Text;

namespace Prefer.Cli;

/// <summary>
/// How far a run is, how fast, how long it still takes, and its current figures. On a terminal one line is rewritten, at most
/// ten times a second; elsewhere (a log file) a line is added every ten seconds and at the end.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const int BarWidth = 20;
    private static readonly TimeSpan RedrawInterval = TimeSpan.FromMilliseconds(100), LogInterval = TimeSpan.FromSeconds(10);

    private readonly TextWriter writer;
    private readonly string title;
    private readonly long? total;
    private readonly long doneBefore, started;
    private readonly int? width;
    private readonly TimeProvider clock;
    private readonly Action onEnd;
    private string line = "";
    private bool isShown;
    private long done, shownAt, shownDone;

    /// <param name="writer">Standard error.</param>
    /// <param name="title">What is going on.</param>
    /// <param name="total">Steps at the end; null where nobody knows.</param>
    /// <param name="done">Steps behind us already; they do not count for the speed.</param>
    /// <param name="width">Columns of the terminal, or null where lines cannot be rewritten.</param>
    /// <param name="clock">Time.</param>
    /// <param name="onEnd">Called when the line is finished.</param>
    public ProgressLine(TextWriter writer, string title, long? total, long done, int? width, TimeProvider clock, Action onEnd)
    {
        (this.writer, this.title, this.total, this.width, this.clock, this.onEnd) = (writer, title, total, width, clock, onEnd);
        this.done = doneBefore = shownDone = done;
        started = shownAt = clock.GetTimestamp();
    }

    /// <summary>Says how far it is, with the figures of the moment (loss, accuracy), by the names that the log uses.</summary>
    public void Report(long done, params ReadOnlySpan<(string Name, double Value)> figures)
    {
        this.done = done;
        var sinceShown = clock.GetElapsedTime(shownAt);
        var isToldAlready = width is null && done == shownDone;
        if (isToldAlready || (done < (total ?? long.MaxValue) && sinceShown < (width is null ? LogInterval : RedrawInterval)))
        {
            return;
        }

        line = Compose(figures);
        (shownAt, shownDone) = (clock.GetTimestamp(), done);
        if (width is null)
        {
            writer.WriteLine(line);
        }
        else
        {
            Draw();
        }
    }

    /// <summary>Takes the line off the terminal, so that something else can be written.</summary>
    public void Erase()
    {
        if (isShown)
        {
            writer.Write("\r\e[2K");
            isShown = false;
        }
    }

    /// <summary>Puts the line back.</summary>
    public void Draw()
    {
        if (width is { } columns && line.Length > 0)
        {
            writer.Write("\r\e[2K" + (line.Length < columns ? line : line[..(columns - 1)]));
            isShown = true;
        }
    }

    /// <summary>Leaves the last line standing.</summary>
    public void Dispose()
    {
        if (isShown)
        {
            if (total is null && done != shownDone)
            {
                line = Compose([]);
                Draw();
            }

            writer.WriteLine();
            isShown = false;
        }
        else if (width is null && done != shownDone)
        {
            writer.WriteLine(Compose([]));
        }

        onEnd();
    }

    private string Compose(ReadOnlySpan<(string Name, double Value)> figures)
    {
        var invariant = CultureInfo.InvariantCulture;
        var elapsed = clock.GetElapsedTime(started);
        var rate = elapsed > TimeSpan.Zero ? (done - doneBefore) / elapsed.TotalSeconds : 0;

        var text = new StringBuilder(title);
        if (total is { } end)
        {
            var share = end > 0 ? Math.Clamp((double)done / end, 0, 1) : 1;
            if (width is not null)
            {
                var filled = (int)(share * BarWidth);
                text.Append("  ").Append('━', filled).Append('╌', BarWidth - filled);
            }

            text.Append(invariant, $"  {done}/{end}  {Math.Floor(share * 100)}%");
        }
        else
        {
            text.Append(invariant, $"  {done}");
        }

        foreach (var (name, value) in figures)
        {
            text.Append(invariant, $"  {name} {Significant(value)}");
        }

        if (rate > 0)
        {
            text.Append(rate >= 1 ? string.Create(invariant, $"  {rate:0.#}/s") : string.Create(invariant, $"  {1 / rate:0.#} s each"));
            text.Append(done < total ? $"  {Clock(TimeSpan.FromSeconds((total.Value - done) / rate))} left" : $"  took {Clock(elapsed)}");
        }

        return text.ToString();
    }

    private static string Significant(double value) =>
        Math.Abs(value) is >= 1e-3 and < 1e5 or 0 ? value.ToString("0.####", CultureInfo.InvariantCulture) : value.ToString("0.##e0", CultureInfo.InvariantCulture);

    private static string Clock(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)span.TotalHours}:{span.Minutes:00}:{span.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{span.Minutes:00}:{span.Seconds:00}");
}
