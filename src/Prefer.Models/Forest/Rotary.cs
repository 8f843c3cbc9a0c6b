using System.Text.Json.Nodes;

namespace Prefer.Models.Forest;

/// <summary>The rotary positions of a model, or of one kind of its layers, as its config has them.</summary>
/// <param name="Theta">Base of the frequencies.</param>
/// <param name="Size">The part of a head that turns, in columns; it enters the exponents even where it is odd.</param>
/// <param name="Scaling">What is done to the frequencies.</param>
/// <param name="MaxPositions">The longest sequence it is meant for.</param>
internal sealed record Rotary(double Theta, int Size, RotaryScaling Scaling, int MaxPositions)
{
    private const string Types = "default, linear, dynamic, llama3, yarn or longrope";

    /// <summary>Reads one rotary embedding for all layers, in either generation's spelling.</summary>
    /// <param name="config">With <c>rope_parameters</c>, or with <c>rope_scaling</c> beside the base.</param>
    /// <param name="headSize">Columns of a head.</param>
    /// <param name="thetaKey">The older spelling's name of the base.</param>
    /// <param name="partKey">The older spelling's name of the turned part of a head; null where the family turns all of it.</param>
    /// <param name="part">The turned part where the config is silent.</param>
    /// <param name="longRopeNames">What else the family calls longrope.</param>
    internal static Rotary Of(ModelConfig config, int headSize, string thetaKey = "rope_theta", string? partKey = null, double part = 1, params string[] longRopeNames)
    {
        // An empty rope_scaling is as good as none.
        var key = config.Json["rope_scaling"] is { } scaling && scaling is not JsonObject { Count: 0 } ? "rope_scaling" : "rope_parameters";
        var rope = config.Section(key);
        if (rope is not null && rope.Json.Any(pair => pair.Value is JsonObject))
        {
            throw config.Wrong(key, "one object for all layers: this family has no rotary embeddings by layer type");
        }
        if (rope is not null && rope.Has("factor") && !rope.Has("rope_type") && !rope.Has("type"))
        {
            throw config.Wrong(key, $"an object with a rope_type: {Types}");
        }
        var share = rope?.Has("partial_rotary_factor") == true ? rope.Number("partial_rotary_factor") : config.Number(partKey ?? "partial_rotary_factor", part);
        if (partKey is null && share != 1)
        {
            throw config.Wrong("partial_rotary_factor", "1: this family turns whole heads");
        }
        return Of(config, rope, headSize, rope?.Has("rope_theta") == true ? rope.Number("rope_theta") : config.Number(thetaKey, 10000), share, longRopeNames);
    }

    /// <summary>Reads the rotary embedding that one section of a config describes.</summary>
    /// <param name="config">The whole config.</param>
    /// <param name="rope">The section, or null for plain rotary positions.</param>
    /// <param name="headSize">Columns of a head.</param>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="share">The turned part of a head.</param>
    /// <param name="longRopeNames">What else the family calls longrope.</param>
    internal static Rotary Of(ModelConfig config, ModelConfig? rope, int headSize, double theta, double share = 1, params string[] longRopeNames)
    {
        var size = (int)(headSize * share);
        if (size < 1 || Even(size) > headSize)
        {
            throw new ModelException($"{config.Source}: {Even(size)} of a head's {headSize} columns would be turned by the rotary positions, which turn pairs; a number from 2 to {headSize} was expected");
        }
        if (!(theta > 0))
        {
            throw new ModelException($"{config.Source}: the base of the rotary positions is {theta}; a number above 0 was expected");
        }
        var stated = config.Count("max_position_embeddings");
        var scaling = rope is null ? new RotaryScaling.None() : ScalingOf(config, rope, size, stated, longRopeNames);
        return new Rotary(theta, size, scaling, scaling.MaxPositions(stated));
    }

    /// <summary>Turned columns: an even number, since pairs turn. The others pass as they are.</summary>
    internal int Columns => Even(Size);

    /// <summary>See <see cref="RotaryScaling.FrequencyGroup"/>.</summary>
    internal int FrequencyGroup(int length) => Scaling.FrequencyGroup(length);

    /// <summary>Radians a position for each pair, [Columns/2], in a sequence of this length.</summary>
    internal float[] Frequencies(int length) => Scaling.Frequencies(Theta, Size, length);

    private static int Even(int size) => size + (size % 2);

    private static RotaryScaling ScalingOf(ModelConfig config, ModelConfig rope, int size, int stated, string[] longRopeNames)
    {
        var typeKey = rope.Has("rope_type") ? "rope_type" : "type";
        var type = rope.Text(typeKey, "default");
        // The place beside the rotary parameters is Phi-3's, and goes first in Hugging Face's code.
        int Original() => config.Has("original_max_position_embeddings") ? config.Count("original_max_position_embeddings") : rope.Count("original_max_position_embeddings", stated);
        double Factor() => rope.Has("factor") ? Positive(rope, "factor") : stated / (double)Original();
        switch (longRopeNames.Contains(type) ? "longrope" : type)
        {
            case "default":
                return new RotaryScaling.None();
            case "linear":
                return new RotaryScaling.Linear(Positive(rope, "factor"));
            case "dynamic":
                return size > 2 ? new RotaryScaling.Dynamic(Positive(rope, "factor"), stated) : throw rope.Wrong(typeKey, "another type: dynamic scaling needs more than one pair");
            case "llama3":
                var (low, high) = (Positive(rope, "low_freq_factor"), Positive(rope, "high_freq_factor"));
                return high > low ? new RotaryScaling.Llama3(Positive(rope, "factor"), low, high, Original()) : throw rope.Wrong("high_freq_factor", $"more than low_freq_factor, {low}");
            case "yarn":
                return new RotaryScaling.Yarn(Factor(), Original(), YarnAttention(rope, Factor()), NumberOr(rope, "beta_fast", 32), NumberOr(rope, "beta_slow", 1), rope.Flag("truncate", true));
            case "longrope":
                var attention = rope.Has("attention_factor") ? rope.Number("attention_factor")
                    : Factor() <= 1 ? 1
                    : Math.Sqrt(1 + (Math.Log(Factor()) / Math.Log(Original())));
                return new RotaryScaling.LongRope(Divisors(rope, "short_factor", Even(size) / 2), Divisors(rope, "long_factor", Even(size) / 2), Factor(), Original(), attention);
            default:
                throw rope.Wrong(typeKey, Types);
        }
    }

    private static double YarnAttention(ModelConfig rope, double factor)
    {
        double Scale(double mscale) => factor <= 1 ? 1 : (0.1 * mscale * Math.Log(factor)) + 1;
        if (rope.Has("attention_factor"))
        {
            return rope.Number("attention_factor");
        }
        // Zero counts as absent in Hugging Face's code, here and in the turns.
        var (mscale, all) = (rope.Number("mscale", 0), rope.Number("mscale_all_dim", 0));
        return mscale != 0 && all != 0 ? Scale(mscale) / Scale(all) : Scale(1);
    }

    private static double NumberOr(ModelConfig rope, string key, double otherwise) => rope.Number(key, otherwise) is var value && value != 0 ? value : otherwise;

    private static double Positive(ModelConfig rope, string key) => rope.Number(key) is var value && value > 0 ? value : throw rope.Wrong(key, "a number above 0");

    private static float[] Divisors(ModelConfig rope, string key, int count)
    {
        var values = rope.Numbers(key);
        return values.Length == count && values.All(value => value > 0) ? Array.ConvertAll(values, value => (float)value) : throw rope.Wrong(key, $"a list of {count} numbers above 0, one for each pair");
    }
}
