using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>Values of <c>--data</c> with and without a weight.</summary>
public sealed class WeightedFilesTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a.jsonl", "a.jsonl", null)]
    [InlineData("a.jsonl:2", "a.jsonl", 2.0)]
    [InlineData("a.jsonl:0.25", "a.jsonl", 0.25)]
    [InlineData("*.jsonl:1e-1", "*.jsonl", 0.1)]
    [InlineData("-:3", "-", 3.0)]
    [InlineData("-", "-", null)]
    [InlineData("a.jsonl:half", "a.jsonl:half", null)]
    [InlineData("a:b.jsonl:2", "a:b.jsonl", 2.0)]
    public void A_number_behind_the_last_colon_is_the_weight(string text, string pattern, double? weight) =>
        Assert.Equal(new WeightedFiles(pattern, weight), WeightedFiles.Parse(text));

    [Fact]
    public void The_name_of_a_file_wins()
    {
        var path = folder.Write("run:2", "{}");
        Assert.Equal(new WeightedFiles(path, null), WeightedFiles.Parse(path));
        Assert.Equal(new WeightedFiles(path, 3), WeightedFiles.Parse($"{path}:3"));
        Assert.Equal(new WeightedFiles(folder["r*:2"], null), WeightedFiles.Parse(folder["r*:2"]));
        Assert.Equal(new WeightedFiles(folder["x*"], 2), WeightedFiles.Parse(folder["x*:2"]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void A_weight_that_is_none_is_refused(string weight) =>
        Assert.Equal($"a.jsonl:{weight}: found the weight {weight}; expected a finite number above 0; leave the file out to use none of it", Assert.Throws<DataException>(() => WeightedFiles.Parse($"a.jsonl:{weight}")).Message);

    [Fact]
    public void One_weight_makes_a_mixture_of_all()
    {
        var (a, b) = (folder.Write("a.jsonl", "{}"), folder.Write("b.jsonl", "{}"));
        Assert.Equal([null, null], WeightedFiles.ParseAll([a, b]).Select(files => files.Weight));
        Assert.Equal([3, 1], WeightedFiles.ParseAll([$"{a}:3", b]).Select(files => files.Weight!.Value));
        Assert.Equal($"{a}: found in two sources of the mixture; expected each file in one; give it once, with the weight it shall have", Assert.Throws<DataException>(() => WeightedFiles.ParseAll([$"{folder["*"]}:3", a])).Message);
    }

    [Fact]
    public void Elsewhere_a_weight_is_no_part_of_a_path()
    {
        var path = folder.Write("a.jsonl", "{}");
        Assert.EndsWith("; a weight, FILE:NUMBER, is for the --data of 'prefer train'", Assert.Throws<DataException>(() => DataSource.Open([$"{path}:2"])).Message, StringComparison.Ordinal);
    }
}
