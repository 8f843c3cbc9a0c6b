using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Results;

/// <summary>Where a run was made, and with what.</summary>
internal static partial class Machine
{
    /// <param name="name">What the result files are called; null makes a name of the processor's.</param>
    internal static JsonObject Describe(string? name)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString();
        return new JsonObject
        {
            ["name"] = name ?? NameOf(processor, Environment.ProcessorCount),
            ["cpu"] = processor,
            ["cores"] = Environment.ProcessorCount,
            ["memory_gb"] = Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9),
            ["os"] = RuntimeInformation.OSDescription,
            ["prefer"] = typeof(RewardModel).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            ["dotnet"] = Environment.Version.ToString(),
            ["libtorch"] = TorchRuntime.Version,
            ["cpu_capability"] = Capability().Match(TorchRuntime.BuildConfiguration) is { Success: true } found ? found.Groups[1].Value : null,
            ["threads"] = TorchRuntime.Threads,
            ["blas_threads"] = TorchRuntime.BlasThreads,
        };
    }

    /// <summary>A file's name for a machine: <c>AMD EPYC</c> with two cores is <c>amd-epyc-2-cores</c>.</summary>
    internal static string NameOf(string processor, int cores)
    {
        var words = Mark().Replace(processor.Split('@')[0], "").ToLowerInvariant();
        return string.Create(CultureInfo.InvariantCulture, $"{Other().Replace(words, "-").Trim('-')}-{cores}-cores");
    }

    [GeneratedRegex(@"CPU capability usage: (\w+)")]
    private static partial Regex Capability();

    [GeneratedRegex(@"\((R|TM|tm)\)| CPU\b| Processor\b")]
    private static partial Regex Mark();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
