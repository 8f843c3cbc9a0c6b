using System.Diagnostics;
using System.Text.Json.Nodes;
using Prefer.Benchmarks.Padded;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Cases;

/// <summary>Rewards of rows: in padded batches of sixteen sorted by length, or as Prefer scores them in the order of the data.</summary>
internal static class ScoreCase
{
    internal static JsonObject Run(Preparation preparation, string name, Precision precision, Way way)
    {
        PeakCase.CheckFaster(precision);
        using var model = Open(preparation, name, precision, way);
        var pairs = TrainCase.PairsOf(model, preparation);
        var batches = Batches.OfScoring(pairs, way == Way.Padded, model, preparation.Amount.ScoredBatchCount);
        var seconds = Seconds(model, precision, way, batches, out _);
        var tokens = TokenCount.Of(model, batches);
        return new JsonObject
        {
            ["rows"] = batches.Sum(batch => batch.Length),
            ["pairs_per_second"] = tokens.Real / seconds / pairs.Average(pair => pair.TokenCount),
            ["real_tokens_per_second"] = tokens.Real / seconds,
            ["real_tokens"] = tokens.Real,
            ["computed_tokens"] = way == Way.Padded ? tokens.Padded : tokens.Packed,
            ["gflops"] = Operations(model, way, tokens) / seconds / 1e9,
        };
    }

    /// <summary>The model as this way of computing takes it: the padded networks hold their weights in fp32 and cast them.</summary>
    internal static RewardModel Open(Preparation preparation, string name, Precision precision, Way way) =>
        RewardModel.Load(preparation.FolderOf(name), new LoadOptions { DType = precision == Precision.Bf16 && way != Way.Padded ? DType.BFloat16 : DType.Float32 });

    /// <summary>Scores one row that is not timed, then the batches.</summary>
    internal static double Seconds(RewardModel model, Precision precision, Way way, EncodedSequence[][] batches, out double[] rewards)
    {
        var padded = PaddedNetwork.Of(model, precision);
        double[] Score(EncodedSequence[][] rows) => way == Way.Padded ? [.. rows.SelectMany(padded.Score)] : [.. model.Score(rows.SelectMany(batch => batch))];
        Score([[batches[0][0]]]);
        var started = Stopwatch.GetTimestamp();
        rewards = Score(batches);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    internal static double Operations(RewardModel model, Way way, TokenCount tokens)
    {
        var operations = new Operations(model);
        return way == Way.Padded ? operations.Forward(tokens.Padded, tokens.PaddedKeys) : operations.Forward(tokens.Packed, tokens.PackedKeys);
    }
}
