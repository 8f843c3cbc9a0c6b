using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Training;

/// <summary>What a run trains and evaluates on, as ids.</summary>
/// <param name="Training">From <c>--data</c>.</param>
/// <param name="Evaluation">From <c>--eval-data</c>; null without.</param>
internal sealed record TrainingData(TrainingSet Training, TrainingSet? Evaluation)
{
    /// <param name="rows">The training rows, which a fresh model's tokenizer needed before.</param>
    /// <param name="options">Names the files, and says whether there is a cache.</param>
    /// <param name="model">Its encoder makes the ids.</param>
    /// <param name="cacheFolder">Where Prefer keeps what can be made again; null for nowhere.</param>
    /// <param name="note">Is told of skipped rows and damaged files.</param>
    /// <exception cref="DataException">A row cannot be read or encoded, or nothing is left.</exception>
    internal static TrainingData Encode(TrainingRows rows, TrainOptions options, RewardModel model, string? cacheFolder, Action<string> note)
    {
        var cache = options.Cache && cacheFolder is not null ? new TokenizedCache(Path.Combine(cacheFolder, "tokenized"), note) : null;
        var training = TrainingSet.Encode(rows, model, string.Join(", ", options.Data), cache);
        return new TrainingData(training, options.EvalData.Count == 0 ? null
            : TrainingSet.Encode(TrainingRows.Read(options.EvalData, mixes: false, options, note), model, string.Join(", ", options.EvalData), cache));
    }

    /// <summary>Checks that a run to be resumed has the data it began with.</summary>
    /// <exception cref="TrainingException">It has not.</exception>
    internal void CheckSame(RunState state)
    {
        Check("training", state.DataFingerprint, Training);
        Check("evaluation", state.EvalFingerprint, Evaluation);

        static void Check(string name, string? before, TrainingSet? now)
        {
            if (before != now?.Report.Fingerprint)
            {
                throw new TrainingException($"--resume: the {name} data is not what the run began with. Restore it, or begin anew with --overwrite.", isUsage: true);
            }
        }
    }

    /// <summary>The reports, for the run's record.</summary>
    internal JsonObject ToJson() => new()
    {
        ["train"] = JsonSerializer.SerializeToNode(Training.Report, RunState.JsonOptions),
        ["eval"] = JsonSerializer.SerializeToNode(Evaluation?.Report, RunState.JsonOptions),
    };
}
