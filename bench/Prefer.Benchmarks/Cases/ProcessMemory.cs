using System.Globalization;

namespace Prefer.Benchmarks.Cases;

/// <summary>Memory of this process, as Linux counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>The most that was resident at once, in bytes.</summary>
    internal static long Peak()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["VmHWM:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }
}
