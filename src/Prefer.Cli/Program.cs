using System.Globalization;
using Prefer.Cli;
using Prefer.Cli.Verbs;
using Prefer.Data;
using Prefer.Models;
using Prefer.Report;
using Prefer.Text;
using Prefer.Training;

// Numbers are written and read the same way on every machine.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;

FileSizeLimit.MakeItAnError();

var exitCode = Run();
Console.Out.Flush();
Console.Error.Flush();
Engine.End(exitCode);
return exitCode;

int Run()
{
    try
    {
        return CommandLine.Run(args, AllVerbs.List);
    }
    catch (Exception e) when (e is TrainingException { IsUsage: true } or UsageException or DataException or ReportException or TokenizerException or ModelException or FileNotFoundException or DirectoryNotFoundException)
    {
        return Report(e, 2);
    }
#pragma warning disable CA1031 // The one catch-all: whatever else fails becomes a message and an exit code.
    catch (Exception e)
#pragma warning restore CA1031
    {
        return Report(e, 1);
    }
}

int Report(Exception e, int exitCode)
{
    Console.Error.WriteLine($"prefer: {(args.Contains("--verbose") ? e : e.Message)}");
    return exitCode;
}
