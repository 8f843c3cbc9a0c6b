using System.Text.Json.Nodes;
using Prefer.Cli;
using Prefer.Tests.Codebase;
using Xunit;

namespace Prefer.Tests.Cli;

public sealed class DoctorVerbTests
{
    [Fact]
    public void It_reports_what_libtorch_computes_with()
    {
        var (exitCode, output, error) = Checkout.PreferWith("", [("XDG_CACHE_HOME", "/var/caches")], "doctor", "--json");

        Assert.Equal((0, ""), (exitCode, error));
        var report = JsonNode.Parse(output)!;
        Assert.Matches(@"^\d+\.\d+", (string)report["libtorch_version"]!);
        Assert.True(File.Exists((string)report["libtorch_path"]!));
        Assert.Equal((Environment.ProcessorCount, Environment.Version.ToString(), "/var/caches/prefer"), ((int)report["threads"]!, (string)report["dotnet_version"]!, (string)report["cache_folder"]!));
        Assert.Equal((int)report["threads"]!, (int)report["kernel_threads"]!);
        Assert.Contains((string)report["kernel_instructions"]!, new[] { "base", "avx2", "avx512" });
        Assert.Matches("^[A-Z0-9]+$", (string)report["cpu_capability"]!);
        Assert.InRange((double)report["fp32_gflops"]!, 0.1, 1e6);
        Assert.InRange((double)report["bf16_gflops"]!, 0.01, 1e6);
    }

    [Fact]
    public void Threads_are_as_many_as_processors_unless_the_environment_says_otherwise()
    {
        var report = JsonNode.Parse(Checkout.PreferWith("", [("OMP_NUM_THREADS", "1")], "doctor", "--json").Output)!;

        Assert.Equal(1, (int)report["threads"]!);
        Assert.InRange((int)report["blas_threads"]!, 0, 1);
    }

    [Fact]
    public void It_works_without_libtorch_and_says_what_to_do()
    {
        var (exitCode, output, error) = Checkout.PreferWith("", [("PREFER_NATIVE", "/no/such/library.so")], "doctor");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("not loaded", error, StringComparison.Ordinal);
        Assert.Contains("- The engine cannot be loaded: /no/such/library.so could not be loaded", error, StringComparison.Ordinal);
        Assert.Contains("eng/setup", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "AVX512", 4, 90.0, 180.0, "libtorch 2", "libopenblas0-pthread")]
    [InlineData(4, "DEFAULT", 4, 90.0, 180.0, "", "no vector instructions")]
    [InlineData(4, "AVX512", 1, 90.0, 180.0, "", "use 1 of 4 processors")]
    [InlineData(4, "AVX512", 4, 90.0, 70.0, "", "bf16 is not faster")]
    public void Each_shortcoming_has_its_advice(int blasThreads, string capability, int threads, double fp32, double bf16, string build, string advice) =>
        Assert.Contains(advice, string.Join('\n', Report(blasThreads, capability, threads, fp32, bf16).Advise(build)), StringComparison.Ordinal);

    [Fact]
    public void Kernels_that_run_on_fewer_threads_than_operators_are_told_of() =>
        Assert.Contains("Prefer's kernels use 1 of 4 threads", Assert.Single((Report(4, "AVX512", 4, 90, 180) with { KernelThreads = 1 }).Advise("")), StringComparison.Ordinal);

    [Fact]
    public void A_machine_in_order_gets_none() => Assert.Empty(Report(0, "AVX512", 4, 90, 180).Advise("BLAS: Intel(R) oneAPI Math Kernel Library"));

    private static MachineReport Report(int blasThreads, string capability, int threads, double fp32, double bf16) => new()
    {
        PreferVersion = "1", DotnetVersion = "10", Platform = "Linux", Processors = 4, CacheFolder = "/c", Advice = [],
        BlasThreads = blasThreads, CpuCapability = capability, Threads = threads, CudaDevices = 1, Fp32Gflops = fp32, Bf16Gflops = bf16,
    };
}
