using System.Runtime.InteropServices;

namespace Prefer.Cli;

/// <summary>Ctrl-C and the request to terminate, while a verb can stop in good order: the first asks for that, the second ends the process as it would otherwise.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>What shells expect of a program that was interrupted.</summary>
    public const int ExitCode = 130;

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt, terminate;

    public Interruption() =>
        (interrupt, terminate) = (PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce), PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce));

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void StopOnce(PosixSignalContext context)
    {
        context.Cancel = !source.IsCancellationRequested;
        source.Cancel();
    }
}
