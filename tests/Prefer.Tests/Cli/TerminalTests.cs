using Prefer.Cli;
using Xunit;

namespace Prefer.Tests.Cli;

public sealed class TerminalTests : IDisposable
{
    private readonly StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
    private readonly ManualClock clock = new();

    public void Dispose()
    {
        output.Dispose();
        error.Dispose();
    }

    [Fact]
    public void Json_is_one_line_of_standard_output()
    {
        using var terminal = Make(isInteractive: false);

        terminal.Json(new { Accuracy = 0.5, MeanReward = double.NaN, Name = "a\nü<b>", Mode = SampleSchedule.ConstantWithWarmup });

        Assert.Equal("""{"accuracy":0.5,"mean_reward":"NaN","name":"a\nü<b>","mode":"constant-with-warmup"}""" + "\n", output.ToString());
        Assert.Equal("", error.ToString());
    }

    [Fact]
    public void A_table_goes_to_standard_error_with_numbers_to_the_right()
    {
        using var terminal = Make(isInteractive: false);

        terminal.Table(null, ["subset [raw]", "accuracy"], [["all", "0.5"], ["code", "12.25"]]);

        Assert.Equal("""
            ╭──────────────┬──────────╮
            │ subset [raw] │ accuracy │
            ├──────────────┼──────────┤
            │ all          │      0.5 │
            │ code         │    12.25 │
            ╰──────────────┴──────────╯

            """, error.ToString().ReplaceLineEndings("\n"));
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public void Progress_in_a_log_is_a_line_now_and_then_and_one_at_the_end()
    {
        using (var terminal = Make(isInteractive: false))
        using (var progress = terminal.Progress("training", 100))
        {
            for (var step = 1; step <= 100; step++)
            {
                clock.Advance(TimeSpan.FromSeconds(0.5));
                progress.Report(step, ("loss", 0.693147), ("lr", 1e-5));
            }
        }

        Assert.Equal("""
            training  20/100  20%  loss 0.6931  lr 1e-5  2/s  00:40 left
            training  40/100  40%  loss 0.6931  lr 1e-5  2/s  00:30 left
            training  60/100  60%  loss 0.6931  lr 1e-5  2/s  00:20 left
            training  80/100  80%  loss 0.6931  lr 1e-5  2/s  00:10 left
            training  100/100  100%  loss 0.6931  lr 1e-5  2/s  took 00:50

            """.ReplaceLineEndings("\n"), error.ToString());
    }

    [Fact]
    public void Progress_on_a_terminal_rewrites_one_line_and_makes_room_for_notes()
    {
        using (var terminal = Make(isInteractive: true))
        using (var progress = terminal.Progress("scoring", 4))
        {
            clock.Advance(TimeSpan.FromSeconds(4));
            progress.Report(1);
            progress.Report(2); // too soon to be drawn
            terminal.Note("half way");
            clock.Advance(TimeSpan.FromSeconds(4));
            progress.Report(4);
        }

        const string first = "\r\e[2Kscoring  ━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌  1/4  25%  4 s each  00:12 left";
        Assert.Equal($"{first}\r\e[2Khalf way\n{first}\r\e[2Kscoring  ━━━━━━━━━━━━━━━━━━━━  4/4  100%  2 s each  took 00:08\n", error.ToString());
    }

    [Fact]
    public void A_resumed_run_is_timed_from_where_it_started()
    {
        using var terminal = Make(isInteractive: false);
        using var progress = terminal.Progress("training", 1000, done: 900);
        clock.Advance(TimeSpan.FromSeconds(10));
        progress.Report(910);

        Assert.Equal("training  910/1000  91%  1/s  01:30 left\n", error.ToString());
    }

    [Fact]
    public void Without_a_known_end_it_says_how_far_it_is_and_how_fast()
    {
        foreach (var isInteractive in (bool[])[false, true])
        {
            using var terminal = Make(isInteractive);
            using var progress = terminal.Progress("scoring", total: null);
            clock.Advance(TimeSpan.FromSeconds(10));
            progress.Report(50);
            progress.Report(52); // too soon to be shown, but for the end
        }

        const string first = "scoring  50  5/s  took 00:10", last = "scoring  52  5.2/s  took 00:10";
        Assert.Equal($"{first}\n{last}\n\r\e[2K{first}\r\e[2K{last}\n", error.ToString());
    }

    private Terminal Make(bool isInteractive) => new(output, error, isJson: true, isInteractive, 80, clock);

    private sealed class ManualClock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan span) => ticks += span.Ticks;

        public override long GetTimestamp() => ticks;
    }
}
