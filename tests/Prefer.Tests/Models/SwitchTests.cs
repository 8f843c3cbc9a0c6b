using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>
/// The families' switches one by one against rewards that transformers 5 gave in fp32, for configs too small to be worth a folder: weights
/// come from a formula, and tests/fixtures/models/switches.json has their names and shapes, the rows and the rewards.
/// </summary>
public sealed class SwitchTests : IDisposable
{
    private const double Tolerance = 1e-5;

    private static readonly JsonArray Recorded = JsonNode.Parse(File.ReadAllText(ModelFixture.Folder("switches.json")))!.AsArray();

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Names() => [.. Recorded.Select(item => item!["name"]!.GetValue<string>())];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Rewards_are_the_recorded(string name)
    {
        var recorded = Recorded.Single(item => item!["name"]!.GetValue<string>() == name)!;
        File.WriteAllText(folder.File("config.json"), recorded["config"]!.ToJsonString());
        using (new TensorScope())
        {
            SafetensorsWriter.Write(folder.File("model.safetensors"), [.. recorded["weights"]!.AsObject().Select((weight, index) => (weight.Key, Weight((uint)index, Numbers<long>(weight.Value!))))]);
        }
        using var model = RewardModel.Load(folder.Path);
        var rewards = model.Score(recorded["rows"]!.AsArray().Select(row => new EncodedSequence(Numbers<int>(row!), [], 0))).ToArray();

        var expected = Numbers<double>(recorded["rewards"]!);
        var allowed = Tolerance * expected.Max(Math.Abs);
        Assert.Equal(expected.Length, rewards.Length);
        Assert.All(expected.Zip(rewards), pair => Assert.InRange(pair.Second, pair.First - allowed, pair.First + allowed));
    }

    private static ImmutableArray<T> Numbers<T>(JsonNode list) => [.. list.AsArray().Select(item => item!.GetValue<T>())];

    // Uniform between −1/2 and 1/2, by a hash of the weight's place in the file and the element's in the weight.
    private static Tensor Weight(uint place, ImmutableArray<long> shape)
    {
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var index = 0u; index < values.Length; index++)
        {
            var word = ((index + 1) * 0x9E3779B1) + (place * 0x85EBCA6B);
            word = (word ^ (word >> 16)) * 0x7FEB352D;
            word = (word ^ (word >> 15)) * 0x846CA68B;
            values[index] = (float)(((word ^ (word >> 16)) / 4294967296.0) - 0.5);
        }
        return Tensor.From<float>(values, shape.AsSpan());
    }
}
