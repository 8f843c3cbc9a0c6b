using Xunit;

namespace Prefer.Tests.Codebase;

/// <summary>Exit codes and streams, of the real process.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void An_unknown_flag_is_wrong_usage_and_the_nearest_is_named() =>
        Assert.Equal((2, "", "prefer: unknown flag '--lerbose'; did you mean '--verbose'?\n"), Checkout.Prefer("--lerbose"));

    [Fact]
    public void Verbose_adds_where_it_was_thrown()
    {
        var (exitCode, output, error) = Checkout.Prefer("--verbose", "--lerbose");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("at Prefer.Cli.CommandLine", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_goes_to_standard_output()
    {
        var (exitCode, output, error) = Checkout.Prefer("--help");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("--verbose", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_is_that_of_the_build()
    {
        var (exitCode, output, error) = Checkout.Prefer("--version");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"^\d+\.\d+\.\d+(\+[0-9a-f]+)?\n$", output);
    }
}
