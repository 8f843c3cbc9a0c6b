using System.Diagnostics;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>Arithmetic of the network; head and loss are fp32 whatever it is.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>
    /// Activations, attention and matrix products in bf16. In training the weights, their gradients and the optimizer stay fp32; for scoring the
    /// weights are held in bf16.
    /// </summary>
    Bf16,

    /// <summary>Whichever of the two multiplies matrices faster on this machine; measured.</summary>
    Auto,
}

/// <summary>Which precision a machine does fast.</summary>
public static class PrecisionChoice
{
    /// <summary>How many times faster bf16 must be to be worth its rounding.</summary>
    private const double WorthIt = 1.2;

    /// <summary>The precision asked for, or the measured choice, and a sentence about it where it was measured.</summary>
    public static (Precision Precision, string? Notice) Resolve(Precision asked, string device)
    {
        if (asked != Precision.Auto)
        {
            return (asked, null);
        }
        var ratio = Seconds(DType.Float32, device) / Seconds(DType.BFloat16, device);
        return ratio >= WorthIt
            ? (Precision.Bf16, FormattableString.Invariant($"--precision auto: bf16, whose matrix products are {ratio:0.0} times as fast as those of fp32 here."))
            : (Precision.Fp32, FormattableString.Invariant($"--precision auto: fp32; matrix products of bf16 are {ratio:0.00} times as fast here."));
    }

    /// <summary>The element type a precision computes in.</summary>
    internal static DType ComputeType(this Precision precision) => precision switch
    {
        Precision.Fp32 => DType.Float32,
        Precision.Bf16 => DType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "resolve it first"),
    };

    // Median of several products of a small layer's size, through the operator that layers use.
    private static double Seconds(DType dtype, string device)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var input = Tensor.Full([256, 512], 0.5, dtype, device);
        var weight = Tensor.Full([512, 512], 0.25, dtype, device);
        var seconds = new double[5];
        for (var round = -1; round < seconds.Length; round++)
        {
            var started = Stopwatch.GetTimestamp();
            _ = input.Linear(weight).Sum().Item(); // also waits for a device
            if (round >= 0)
            {
                seconds[round] = Stopwatch.GetElapsedTime(started).TotalSeconds;
            }
        }
        Array.Sort(seconds);
        return seconds[seconds.Length / 2];
    }
}
