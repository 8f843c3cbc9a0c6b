using System.Diagnostics;
using System.Text.Json.Nodes;
using Prefer.Benchmarks.Padded;
using Prefer.Models;
using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>Optimizer steps of eight pairs of the data, or of fewer pairs of one shape, after a first step on one pair that is not timed.</summary>
internal static class TrainCase
{
    /// <param name="preparation">Models and data.</param>
    /// <param name="name">Which model.</param>
    /// <param name="shape">Random ids of a shape; null for the data.</param>
    /// <param name="precision">Of the body.</param>
    /// <param name="way">How batches are made and computed.</param>
    internal static JsonObject Run(Preparation preparation, string name, Shape? shape, Precision precision, Way way)
    {
        PeakCase.CheckFaster(precision);
        using var model = RewardModel.Load(preparation.FolderOf(name), new LoadOptions { Trainable = true });
        var isPadded = way is Way.Padded or Way.Sorted;
        var set = shape is null ? PairsOf(model, preparation) : [];
        var batches = shape?.Batches(model, preparation.Amount) ?? Batches.OfTraining(set, way == Way.Sorted, model, preparation.Amount.StepCount);
        model.SharesPrefixes = way != Way.Packed; // not before: batches are chosen by what is shared
        using var training = isPadded ? (ITraining)new PaddedTraining(model, precision) : new PreferTraining(model, precision);

        var losses = new List<double> { training.Step([batches[0][0]]) };
        var started = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
        {
            losses.Add(training.Step(batch));
        }
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        var tokens = TokenCount.Of(model, batches.Select(batch => batch.SelectMany(pair => pair.Sequences).ToArray()));
        var operations = new Operations(model);
        var pairCount = batches.Sum(batch => batch.Length);
        var realPerPair = shape is null ? set.Average(pair => pair.TokenCount) : (double)tokens.Real / pairCount;
        return new JsonObject
        {
            ["steps"] = batches.Length,
            ["pairs"] = pairCount,
            ["seconds_per_step"] = seconds / batches.Length,
            ["real_tokens_per_second"] = tokens.Real / seconds,
            ["pairs_per_second"] = tokens.Real / seconds / realPerPair,
            ["padded_tokens"] = tokens.Padded,
            ["real_tokens"] = tokens.Real,
            ["computed_tokens"] = isPadded ? tokens.Padded : tokens.Packed,
            ["gflops"] = (isPadded ? operations.Step(tokens.Padded, tokens.PaddedKeys) : operations.Step(tokens.Packed, tokens.PackedKeys)) / seconds / 1e9,
            ["losses"] = new JsonArray([.. losses.Select(loss => (JsonNode)loss)]),
        };
    }

    /// <summary>All pairs of the data as ids.</summary>
    internal static EncodedComparison[] PairsOf(RewardModel model, Preparation preparation) =>
        [.. TrainingSet.Encode([.. preparation.Comparisons()], 0, model, preparation.Data).Items.Cast<EncodedComparison>()];
}
