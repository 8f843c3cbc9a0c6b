using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Forest;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>
/// Scaled rotary frequencies against their formulas in double precision, hand-derived cases, and what a config means in either spelling.
/// The recorded llama-rope-* and phi3-longrope folders are the oracle of the whole.
/// </summary>
public sealed class RotaryScalingTests
{
    // Single precision: a few roundings, the exponent's multiplied by ln θ.
    private const double Tolerance = 1e-6;

    private const double Theta = 10000;
    private const int Size = 16;

    [Fact]
    public void Linear_divides_every_frequency() => Check(new RotaryScaling.Linear(3), 0, (plain, _) => plain / 3);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 1.0625)]
    [InlineData(128, 5)]
    [InlineData(1000, 59.5)]
    public void Dynamic_grows_the_base_with_a_sequence_beyond_the_positions(int length, double growth) =>
        // 4·L/64 − 3, by hand
        Check(new RotaryScaling.Dynamic(4, 64), length, (_, pair) => Math.Pow(Theta * Math.Pow(growth, 16.0 / 14), -2.0 * pair / Size));

    [Fact]
    public void Llama3_divides_slow_pairs_keeps_fast_ones_and_blends_between() => Check(new RotaryScaling.Llama3(8, 1, 4, 1024), 0, (plain, _) =>
    {
        var turns = 1024 * plain / (2 * Math.PI);
        var kept = Math.Clamp((turns - 1) / (4 - 1), 0, 1);
        return (plain * kept) + (plain / 8 * (1 - kept));
    });

    [Theory]
    [InlineData(true, 1, 5)]
    [InlineData(false, 1.4139402199235818, 4.424240176563393)]
    public void Yarn_ramps_between_two_numbers_of_turns(bool truncate, double first, double last) =>
        // The pair that makes n turns in L positions is D·ln(L/(2πn))/(2·ln θ): for 32 turns and one in 1024 positions the two numbers above.
        Check(new RotaryScaling.Yarn(4, 1024, 1, 32, 1, truncate), 0, (plain, pair) =>
        {
            var divided = Math.Clamp((pair - first) / (last - first), 0, 1);
            return (plain / 4 * divided) + (plain * (1 - divided));
        });

    [Theory]
    [InlineData(32, 0, 1.0)]
    [InlineData(33, 33, 4.0)]
    [InlineData(500, 33, 4.0)]
    public void Longrope_changes_its_divisors_behind_the_original_length(int length, int group, double divisor)
    {
        float[] Divisors(double value) => [.. Enumerable.Range(0, Size / 2).Select(pair => (float)(value + pair))];
        var scaling = new RotaryScaling.LongRope(Divisors(1), Divisors(4), 4, 32, 1);
        Assert.Equal(group, scaling.FrequencyGroup(length));
        Check(scaling, length, (plain, pair) => plain / (divisor + pair));
    }

    [Theory]
    [InlineData("""{ "rope_type": "yarn", "factor": 8.0 }""", 1.2079441541679836)] // 0.1·ln 8 + 1
    [InlineData("""{ "rope_type": "yarn", "factor": 1.0 }""", 1)]
    [InlineData("""{ "rope_type": "yarn", "factor": 8.0, "attention_factor": 0.9 }""", 0.9)]
    [InlineData("""{ "rope_type": "yarn", "factor": 8.0, "mscale": 2.0, "mscale_all_dim": 1.0 }""", 1.1721471588322)] // (0.2·ln 8 + 1)/(0.1·ln 8 + 1)
    [InlineData("""{ "rope_type": "yarn", "factor": 8.0, "mscale": 2.0, "mscale_all_dim": 0 }""", 1.2079441541679836)]
    [InlineData("""{ "rope_type": "yarn", "original_max_position_embeddings": 16 }""", 1.2079441541679836)] // 128/16
    [InlineData("""{ "rope_type": "linear", "factor": 8.0 }""", 1)]
    [InlineData("""{ "type": "longrope", "short_factor": [1, 1], "long_factor": [1, 1], "original_max_position_embeddings": 64 }""", 1.0801234497346435)] // √(1 + ln 2/ln 64)
    [InlineData("""{ "type": "longrope", "short_factor": [1, 1], "long_factor": [1, 1], "original_max_position_embeddings": 64, "factor": 8 }""", 1.2247448713915890)] // √1.5
    [InlineData("""{ "type": "longrope", "short_factor": [1, 1], "long_factor": [1, 1] }""", 1)]
    public void Attention_factors_are_the_given_or_the_papers(string scaling, double expected) =>
        Assert.Equal(expected, Read($$"""{ "max_position_embeddings": 128, "rope_scaling": {{scaling}} }""").Scaling.AttentionFactor, 1e-15);

    [Theory]
    [InlineData("""{ "max_position_embeddings": 128 }""", 128)]
    [InlineData("""{ "max_position_embeddings": 128, "rope_scaling": { "type": "linear", "factor": 4 } }""", 512)]
    [InlineData("""{ "max_position_embeddings": 128, "rope_scaling": { "type": "dynamic", "factor": 4 } }""", int.MaxValue)]
    [InlineData("""{ "max_position_embeddings": 128, "rope_scaling": { "type": "yarn", "factor": 4 } }""", 512)]
    [InlineData("""{ "max_position_embeddings": 128, "rope_scaling": { "type": "yarn", "factor": 4, "original_max_position_embeddings": 32 } }""", 128)]
    [InlineData("""{ "max_position_embeddings": 128, "original_max_position_embeddings": 16, "rope_scaling": { "type": "longrope", "short_factor": [1, 1], "long_factor": [1, 1] } }""", 128)]
    public void Positions_are_those_after_the_stretch(string config, int expected) => Assert.Equal(expected, Read(config).MaxPositions);

    [Fact]
    public void Both_spellings_mean_the_same()
    {
        var older = Read("""{ "max_position_embeddings": 64, "rope_theta": 500.0, "rope_scaling": { "type": "linear", "factor": 2.0 } }""");
        var newer = Read("""{ "max_position_embeddings": 64, "rope_parameters": { "rope_type": "linear", "factor": 2.0, "rope_theta": 500.0 } }""");
        Assert.Equal(older, newer);
    }

    private static Rotary Read(string config) => Rotary.Of(ModelConfig.From(JsonNode.Parse(config), "here"), headSize: 4);

    private static void Check(RotaryScaling scaling, int length, Func<double, int, double> expected)
    {
        var found = scaling.Frequencies(Theta, Size, length);
        Assert.Equal(Size / 2, found.Length);
        for (var pair = 0; pair < found.Length; pair++)
        {
            var value = expected(Math.Pow(Theta, -2.0 * pair / Size), pair);
            Assert.True(Math.Abs(found[pair] - value) <= Tolerance * value, $"pair {pair}: {found[pair]:r}, expected {value:r}");
        }
    }
}
