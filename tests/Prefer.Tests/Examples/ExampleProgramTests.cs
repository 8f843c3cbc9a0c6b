using Prefer.Models;
using Prefer.Tests.Codebase;
using Xunit;

namespace Prefer.Tests.Examples;

/// <summary>The programs in examples/, compiled by the build and run as they stand, on the first rows of the data.</summary>
public sealed class ExampleProgramTests : IDisposable
{
    private readonly SmallCheckout checkout = new(rowCount: 24);

    public void Dispose() => checkout.Dispose();

    [Fact]
    public void One_trains_a_model_folder_and_the_other_scores_with_it()
    {
        var (exitCode, output, error) = Run("Train");
        Assert.True(exitCode == 0, error);
        Assert.Matches(@"^\d+ steps in \d+ s; the model is in out/reward\n$", output);

        (exitCode, output, error) = Run("Score");
        Assert.True(exitCode == 0, error);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        using var model = RewardModel.Load(Path.Combine(checkout.Root, "out", "reward"));
        // Written and read back in another process: the same arithmetic, but for the number of threads.
        Assert.Equal(model.Score("Say hello.", "Hello!"), double.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture), 1e-5);
        var rewards = lines[1..].Select(line => double.Parse(line.Split("  ")[0], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(rewards.OrderDescending(), rewards);
    }

    [Fact]
    public void They_are_as_short_as_a_reader_wants() =>
        Assert.All(Checkout.Files("examples", ".cs"), path => Assert.InRange(Checkout.Read(path).Count(character => character == '\n'), 5, 20));

    private (int ExitCode, string Output, string Error) Run(string name) =>
        checkout.Run("dotnet", Path.Combine(Checkout.Root, "examples", name, "bin", "Release", "net10.0", $"{name}.dll"));
}
