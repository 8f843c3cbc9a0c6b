using System.Diagnostics;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>The real command line in a process of its own, that can be watched, interrupted and killed.</summary>
internal sealed class TrainingProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private TrainingProcess(string program, IEnumerable<string> arguments)
    {
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    internal bool HasEnded => process.HasExited;

    internal static TrainingProcess Start(params string[] arguments) => new("dotnet", [Program, .. arguments]);

    /// <summary>
    /// The same where no file may grow above a size, as on a disk that is full. The runtime's own large file, by which it maps its code
    /// twice, is turned off.
    /// </summary>
    internal static TrainingProcess StartWithFileLimit(int kibibytes, params string[] arguments) =>
        new("bash", ["-c", $"ulimit -f {kibibytes}; DOTNET_EnableWriteXorExecute=0 exec dotnet \"$@\"", "prefer", Program, .. arguments]);

    /// <summary>Runs to the end.</summary>
    internal static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var run = Start(arguments);
        return run.End();
    }

    /// <summary>Waits until something is so, or the process has ended.</summary>
    internal void WaitFor(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !process.HasExited && !condition(); Thread.Sleep(1))
        {
            Assert.True(waited.Elapsed < Patience, "the run never came to the awaited point");
        }
    }

    /// <summary>Ends it at once (SIGKILL).</summary>
    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Asks it to end, as Ctrl-C does (SIGINT).</summary>
    internal void Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    internal (int ExitCode, string Output, string Error) End()
    {
        Assert.True(process.WaitForExit(Patience), "the run does not end");
        return (process.ExitCode, output.Result, error.Result);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            Kill();
        }
        process.Dispose();
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "prefer.dll");
}
