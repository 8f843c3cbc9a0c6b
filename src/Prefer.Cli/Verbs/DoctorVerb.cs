using System.Globalization;

namespace Prefer.Cli.Verbs;

/// <summary><c>prefer doctor</c> has no options of its own.</summary>
internal sealed record DoctorOptions;

/// <summary><c>prefer doctor</c>: what the machine has and what to do about what it lacks. It needs no libtorch, and fails when there is none.</summary>
internal static class DoctorVerb
{
    public static Verb Verb { get; } = Verb.Of<DoctorOptions>("doctor", "Show what this machine computes with, how fast, and what to do about what is missing.", Run);

    private static int Run(DoctorOptions options, Terminal terminal)
    {
        var report = MachineReport.OfThisMachine();
        if (terminal.IsJson)
        {
            terminal.Json(report);
        }
        else
        {
            Show(report, terminal);
        }

        return report.LibtorchVersion is null ? 1 : 0;
    }

    private static void Show(MachineReport report, Terminal terminal)
    {
        var invariant = CultureInfo.InvariantCulture;
        terminal.Table(null, ["", "found"],
        [
            ["prefer", report.PreferVersion],
            [".NET", report.DotnetVersion],
            ["system", report.Platform],
            ["libtorch", report.LibtorchVersion is null ? "not loaded" : $"{report.LibtorchVersion}, {report.LibtorchPath}"],
            ["CPU capability", report.CpuCapability ?? "unknown"],
            ["processors", report.Processors.ToString(invariant)],
            ["threads", report.Threads is null ? "unknown" : string.Create(invariant, $"{report.Threads} for operators, {(report.BlasThreads == 0 ? "no OpenBLAS" : $"{report.BlasThreads} for OpenBLAS")}")],
            ["kernels", report.KernelThreads is null ? "unknown" : string.Create(invariant, $"{report.KernelInstructions}, {report.KernelThreads} threads")],
            ["CUDA devices", report.CudaDevices?.ToString(invariant) ?? "unknown"],
            ["matrix product", report.Fp32Gflops is null ? "not measured" : string.Create(invariant, $"{report.Fp32Gflops:0} GFLOP/s in fp32, {report.Bf16Gflops:0} in bf16")],
            ["cache", report.CacheFolder],
        ]);
        foreach (var line in report.Advice)
        {
            terminal.Note($"- {line}");
        }

        if (report.Advice.Count == 0)
        {
            terminal.Note("Nothing is missing.");
        }
    }
}
