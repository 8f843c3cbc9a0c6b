namespace Prefer.Models.Forest;

/// <summary>
/// How a checkpoint stretches its rotary positions past the length it was trained on: the frequency of each turned pair and a factor
/// of the turned values. Single precision in Hugging Face's order of operations (modeling_rope_utils.py of transformers 5), because its
/// frequencies live in a float buffer. D turned columns; one frequency a pair, half of D rounded up.
/// </summary>
internal abstract record RotaryScaling
{
    private RotaryScaling()
    {
    }

    /// <summary>Factor of cosine and sine, so its square is a factor of the attention's scores.</summary>
    internal virtual double AttentionFactor => 1;

    /// <summary>
    /// The length that stands for all lengths with the same frequencies: 0 where the frequencies are those of short sequences. It is never
    /// above <paramref name="length"/>, so the largest over several scalings stands for the length in each.
    /// </summary>
    internal virtual int FrequencyGroup(int length) => 0;

    /// <summary>Positions that the model is meant for, given what its config states.</summary>
    internal virtual int MaxPositions(int stated) => stated;

    /// <summary>Radians a position for each pair, [⌈D/2⌉].</summary>
    /// <param name="theta">Base of the powers.</param>
    /// <param name="size">D.</param>
    /// <param name="length">The sequence's length, or its <see cref="FrequencyGroup"/>.</param>
    internal abstract float[] Frequencies(double theta, int size, int length);

    // θ^(2i/D)
    private static float[] Powers(float theta, int size)
    {
        var powers = new float[(size + 1) / 2];
        for (var index = 0; index < powers.Length; index++)
        {
            powers[index] = MathF.Pow(theta, 2 * index / (float)size);
        }
        return powers;
    }

    private static float[] Plain(double theta, int size) => Array.ConvertAll(Powers((float)theta, size), power => 1 / power);

    private static int Stretched(int positions, double factor) => (int)Math.Min(int.MaxValue, Math.Max(positions, positions * factor));

    /// <summary>θ^(−2i/D), Su et al. 2021.</summary>
    internal sealed record None : RotaryScaling
    {
        internal override float[] Frequencies(double theta, int size, int length) => Plain(theta, size);
    }

    /// <summary>Every position divided by a factor (Chen et al. 2023).</summary>
    internal sealed record Linear(double Factor) : RotaryScaling
    {
        internal override int MaxPositions(int stated) => Stretched(stated, Factor);

        internal override float[] Frequencies(double theta, int size, int length) => Array.ConvertAll(Plain(theta, size), frequency => frequency / (float)Factor);
    }

    /// <summary>A base that grows with a sequence longer than the model's positions, so that there is no longest sequence.</summary>
    internal sealed record Dynamic(double Factor, int Original) : RotaryScaling
    {
        internal override int FrequencyGroup(int length) => length > Original ? length : 0;

        internal override int MaxPositions(int stated) => int.MaxValue;

        internal override float[] Frequencies(double theta, int size, int length)
        {
            if (length <= Original)
            {
                return Plain(theta, size);
            }
            var growth = ((float)Factor * length / Original) - (float)(Factor - 1);
            return Plain((float)theta * MathF.Pow(growth, (float)(size / (size - 2.0))), size);
        }
    }

    /// <summary>Llama 3.1: slow pairs divided by a factor, fast ones kept, a blend between.</summary>
    internal sealed record Llama3(double Factor, double LowFactor, double HighFactor, int Original) : RotaryScaling
    {
        internal override int MaxPositions(int stated) => Math.Max(stated, Stretched(Original, Factor));

        internal override float[] Frequencies(double theta, int size, int length) => Array.ConvertAll(Plain(theta, size), frequency =>
        {
            var wavelength = (float)(2 * Math.PI) / frequency;
            if (wavelength > (float)(Original / LowFactor))
            {
                return frequency / (float)Factor;
            }
            if (wavelength < (float)(Original / HighFactor))
            {
                return frequency;
            }
            var smooth = ((Original / wavelength) - (float)LowFactor) / (float)(HighFactor - LowFactor);
            return ((1 - smooth) * frequency / (float)Factor) + (smooth * frequency);
        });
    }

    /// <summary>YaRN (Peng et al. 2023): a ramp over the pairs, from kept to divided, between two numbers of turns in the original length.</summary>
    /// <param name="Factor">The stretch.</param>
    /// <param name="Original">Positions before it.</param>
    /// <param name="Attention">Factor of cosine and sine.</param>
    /// <param name="FastTurns">Pairs that turn at least this often are kept.</param>
    /// <param name="SlowTurns">Pairs that turn at most this often are divided.</param>
    /// <param name="Truncate">Whether the ramp's ends are moved out to whole pairs.</param>
    internal sealed record Yarn(double Factor, int Original, double Attention, double FastTurns, double SlowTurns, bool Truncate) : RotaryScaling
    {
        internal override double AttentionFactor => Attention;

        internal override int MaxPositions(int stated) => Math.Max(stated, Stretched(Original, Factor));

        internal override float[] Frequencies(double theta, int size, int length)
        {
            double PairOf(double turns) => size * Math.Log(Original / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
            var (low, high) = (PairOf(FastTurns), PairOf(SlowTurns));
            (low, high) = Truncate ? (Math.Floor(low), Math.Ceiling(high)) : (low, high);
            (low, high) = (Math.Max(low, 0), Math.Min(high, size - 1));
            // Hugging Face's guard against a ramp of no width.
            high += low == high ? 0.001 : 0;
            var frequencies = Powers((float)theta, size);
            for (var index = 0; index < frequencies.Length; index++)
            {
                var kept = 1 - Math.Clamp((index - (float)low) / (float)(high - low), 0, 1);
                frequencies[index] = (1 / ((float)Factor * frequencies[index]) * (1 - kept)) + (1 / frequencies[index] * kept);
            }
            return frequencies;
        }
    }

    /// <summary>LongRoPE (Ding et al. 2024): a divisor for each pair, one list for sequences up to the original length and one for longer ones.</summary>
    internal sealed record LongRope(float[] Short, float[] Long, double Factor, int Original, double Attention) : RotaryScaling
    {
        internal override double AttentionFactor => Attention;

        internal override int FrequencyGroup(int length) => length > Original ? Original + 1 : 0;

        internal override int MaxPositions(int stated) => Math.Max(stated, Stretched(Original, Factor));

        internal override float[] Frequencies(double theta, int size, int length)
        {
            var divisors = length > Original ? Long : Short;
            var frequencies = Powers((float)theta, size);
            for (var index = 0; index < frequencies.Length; index++)
            {
                frequencies[index] = 1 / (divisors[index] * frequencies[index]);
            }
            return frequencies;
        }
    }
}
