using System.Diagnostics;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// Bytes of tensors that a training pass will need, from a few small passes over the run's own sequences: what is held beside them, and
/// an affine function of packed tokens and of pairs of tokens that attend to each other. Left out on purpose: memory that is not a
/// tensor's, and devices whose memory <see cref="TorchRuntime"/> does not count.
/// </summary>
internal sealed record MemoryForecast
{
    private const int FirstTokens = 256; // packed tokens of the smallest measured pass, if the budget has twice as many
    private const int ShortLength = 32; // tokens of the short sequences: attention costs them little
    private const int DensityItems = 64; // the longest items, among which the densest is looked for

    /// <summary>What lives between passes: weights, optimizer state, gradients, and whatever else the process holds.</summary>
    internal required long FixedBytes { get; init; }

    /// <summary>Gradients; part of <see cref="FixedBytes"/>, and not there yet in a step's first pass.</summary>
    internal required long GradientBytes { get; init; }

    /// <summary>What a pass needs however short it is: a second gradient of the largest weight.</summary>
    internal required long Floor { get; init; }

    /// <summary>Bytes of a pass of T tokens and P pairs: Constant + PerToken·T + PerPair·P.</summary>
    internal required (double Constant, double PerToken, double PerPair) Pass { get; init; }

    /// <summary>The most pairs a token that an item of the data has.</summary>
    internal required double PairsPerToken { get; init; }

    /// <summary>Measures on the model and optimizer of a run. Weights and generator stay as they are; gradients are dropped.</summary>
    /// <param name="model">With its optimizer's state allocated, so that it counts as held.</param>
    /// <param name="options">Dropout and checkpointing.</param>
    /// <param name="tokenBudget">Beyond it nothing is measured.</param>
    /// <param name="items">The run's data, at least one item.</param>
    internal static MemoryForecast Measure(RewardModel model, TrainOptions options, int tokenBudget, IReadOnlyCollection<TrainingItem> items)
    {
        var generator = TorchRuntime.GeneratorState(options.Device);
        var longest = items.OrderByDescending(item => item.TokenCount).ToList();
        Run(model, options, Tails(model, longest, 1, 1)); // makes the gradients
        var held = TorchRuntime.AllocatedBytes;
        var floor = Run(model, options, Tails(model, longest, 1, 1)).Bytes;

        // The first size at which what depends on tokens outweighs what does not. Sequences are cut, so that a pass is as small as it should be.
        var tokens = Math.Clamp(tokenBudget / 2, ShortLength, FirstTokens);
        var small = Run(model, options, Tails(model, longest, tokens / 2, tokens));
        while (small.Bytes < 2 * floor && small.Tokens >= tokens && 4 * tokens <= tokenBudget)
        {
            tokens *= 2;
            small = Run(model, options, Tails(model, longest, tokens / 2, tokens));
        }
        var large = Run(model, options, Tails(model, longest, tokens, 2 * tokens));
        var brief = Run(model, options, Tails(model, longest, ShortLength, tokens));

        var gradients = GradientsOf(model.Parameters);
        foreach (var name in model.Parameters.Names)
        {
            model.Parameters[name].ClearGradient();
        }
        TorchRuntime.SetGeneratorState(generator, options.Device);
        return new MemoryForecast
        {
            FixedBytes = held,
            GradientBytes = gradients,
            Floor = floor,
            Pass = Fit(brief, small, large),
            PairsPerToken = longest.Take(DensityItems).Max(item => Density(Whole(model, [item], 1))),
        };
    }

    /// <summary>Most bytes of tensors while a step has a micro-batch of this many tokens, of the densest kind and not its first.</summary>
    internal long BytesAt(int tokens) => BytesOf(tokens, PairsPerToken * tokens, isFirst: false);

    /// <summary>Most bytes of tensors during a pass.</summary>
    /// <param name="tokens">Packed tokens.</param>
    /// <param name="pairs">Pairs of tokens that attend to each other.</param>
    /// <param name="isFirst">Whether no pass of the step came before: then gradients take the place of activations as these go.</param>
    internal long BytesOf(long tokens, double pairs, bool isFirst)
    {
        var pass = (long)Math.Max(0, Pass.Constant + (Pass.PerToken * tokens) + (Pass.PerPair * pairs));
        return FixedBytes + Math.Max(isFirst ? pass - GradientBytes : pass, Floor);
    }

    /// <summary>The largest token budget whose tensors stay within these bytes; 0 where not even one token does.</summary>
    /// <param name="bytes">For all tensors of the process, those that are held now included.</param>
    internal int LargestBudget(long bytes)
    {
        if (bytes < BytesAt(1))
        {
            return 0;
        }
        var tokens = (bytes - FixedBytes - Pass.Constant) / (Pass.PerToken + (Pass.PerPair * PairsPerToken));
        return tokens < int.MaxValue ? (int)tokens : int.MaxValue;
    }

    internal static long BytesOf(Tensor tensor) => tensor.ElementCount * tensor.DType.Size();

    private static double Density(RewardBatch batch) => (double)batch.AttentionPairs / batch.TokenCount;

    private static long GradientsOf(ParameterSet parameters)
    {
        using var scope = new TensorScope();
        return parameters.Names.Sum(name => parameters[name].Gradient() is { } gradient ? BytesOf(gradient) : 0);
    }

    /// <summary>Forward and backward over a batch; gradients are there before.</summary>
    internal static MeasuredPass Run(RewardModel model, TrainOptions options, RewardBatch batch)
    {
        var before = TorchRuntime.AllocatedBytes;
        TorchRuntime.ResetPeakAllocatedBytes();
        var started = Stopwatch.GetTimestamp();
        using (new TensorScope())
        {
            model.Forward(batch, options.Dropout, options.GradientCheckpointing).Sum().Backward();
        }
        return new MeasuredPass(batch.TokenCount, batch.AttentionPairs, TorchRuntime.PeakAllocatedBytes - before, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>The first items, until there are this many tokens.</summary>
    internal static RewardBatch Whole(RewardModel model, IEnumerable<TrainingItem> items, int tokens) =>
        Fill(model, items.Select(item => item.Sequences.AsEnumerable()), tokens);

    private static RewardBatch Tails(RewardModel model, IEnumerable<TrainingItem> items, int length, int tokens) =>
        Fill(model, items.Select(item => item.Sequences.Select(sequence => Tail(sequence, length))), tokens);

    private static EncodedSequence Tail(EncodedSequence sequence, int length) =>
        new(sequence.Ids[^Math.Min(length, sequence.Ids.Length)..], sequence.TokenTypes.IsEmpty ? [] : sequence.TokenTypes[^Math.Min(length, sequence.Ids.Length)..], 0);

    private static RewardBatch Fill(RewardModel model, IEnumerable<IEnumerable<EncodedSequence>> groups, int tokens)
    {
        var batch = model.NewBatch();
        foreach (var group in groups)
        {
            foreach (var sequence in group)
            {
                batch.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
            }
            if (batch.TokenCount >= tokens)
            {
                break;
            }
        }
        return batch;
    }

    /// <summary>The plane through three passes; without pairs, or without a constant, where they do not say enough.</summary>
    private static (double Constant, double PerToken, double PerPair) Fit(MeasuredPass brief, MeasuredPass small, MeasuredPass large)
    {
        // Differences to the small pass leave two unknowns.
        var (t1, p1, b1) = ((double)(brief.Tokens - small.Tokens), (double)(brief.Pairs - small.Pairs), (double)(brief.Bytes - small.Bytes));
        var (t2, p2, b2) = ((double)(large.Tokens - small.Tokens), (double)(large.Pairs - small.Pairs), (double)(large.Bytes - small.Bytes));
        var determinant = (t2 * p1) - (t1 * p2);
        if (Math.Abs(determinant) > 0.1 * t2 * small.Pairs)
        {
            var (perToken, perPair) = (((b2 * p1) - (b1 * p2)) / determinant, ((t2 * b1) - (t1 * b2)) / determinant);
            if (perToken > 0 && perPair >= 0)
            {
                return (small.Bytes - (perToken * small.Tokens) - (perPair * small.Pairs), perToken, perPair);
            }
        }
        return t2 > 0 && b2 > 0 ? (small.Bytes - (b2 / t2 * small.Tokens), b2 / t2, 0) : (0, (double)large.Bytes / large.Tokens, 0);
    }
}

/// <summary>What one forward and backward pass took.</summary>
/// <param name="Tokens">Packed tokens.</param>
/// <param name="Pairs">Pairs of tokens that attend to each other.</param>
/// <param name="Bytes">Most bytes of tensors, beyond those that were there before.</param>
/// <param name="Seconds">Time.</param>
internal readonly record struct MeasuredPass(int Tokens, long Pairs, long Bytes, double Seconds);
