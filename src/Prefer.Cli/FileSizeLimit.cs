using System.Runtime.InteropServices;

namespace Prefer.Cli;

/// <summary>Makes a file that grows past the process's limit (<c>ulimit -f</c>) a failed write, with a message, instead of the process's end.</summary>
internal static partial class FileSizeLimit
{
    // SIGXFSZ and SIG_IGN on Linux, on every processor .NET runs on. .NET's own PosixSignalRegistration handles signals on another
    // thread, and one that is still on its way when the process exits ends it with the signal after all.
    private const int ExceededSignal = 25;
    private const nint Ignore = 1;

    public static void MakeItAnError()
    {
        if (OperatingSystem.IsLinux())
        {
            SetHandler(ExceededSignal, Ignore);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
