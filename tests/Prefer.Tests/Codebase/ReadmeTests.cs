using System.Text.RegularExpressions;
using Prefer.Tests.Examples;
using Xunit;

namespace Prefer.Tests.Codebase;

/// <summary>
/// What README.md shows is what runs. Blocks marked <c>sh</c> that begin with <c>./prefer</c> are run, in order, on the first rows of the example data;
/// blocks marked <c>csharp</c> stand word for word in a program of examples/, which has its own test.
/// </summary>
public sealed partial class ReadmeTests
{
    [Fact]
    public void Its_commands_run()
    {
        using var checkout = new SmallCheckout(rowCount: 200); // enough to hold out what the README holds out
        var blocks = Blocks("sh").Where(block => block.StartsWith("./prefer ", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(blocks);

        foreach (var block in blocks)
        {
            var (exitCode, _, error) = checkout.Run("bash", "-euo", "pipefail", "-c", block);
            Assert.True(exitCode == 0, $"{block}\n{error}");
        }
    }

    [Fact]
    public void Its_code_is_that_of_the_examples()
    {
        var programs = Checkout.Files("examples", ".cs").Select(Checkout.Read).ToArray();

        Assert.NotEmpty(Blocks("csharp"));
        Assert.All(Blocks("csharp"), block => Assert.Contains(programs, program => program.Contains(block, StringComparison.Ordinal)));
    }

    private static string[] Blocks(string language) =>
        [.. Block().Matches(Checkout.Read("README.md")).Where(match => match.Groups["language"].Value == language).Select(match => match.Groups["text"].Value)];

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
