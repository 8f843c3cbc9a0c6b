using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Diagnosis;
using Prefer.Evaluation.Robustness;
using Prefer.Models;
using Prefer.Report;
using Prefer.Report.Evaluation;
using Prefer.Torch;

namespace Prefer.Cli.Verbs;

// What an evaluation does besides scoring all comparisons once: a closer look at some, and what it leaves on disk.
internal static partial class EvalVerb
{
    private static ContaminationMetrics? Contamination(DataSource source, EvalOptions options) =>
        options.Contamination.Count == 0 ? null : ContaminationMetrics.Run(source.Comparisons(), ReferenceTexts.Read(options.Contamination), options.NgramLength);

    private static void Calibrate(RewardModel model, CalibrationMetrics? metrics, Terminal terminal)
    {
        if (metrics?.Temperature.TemperatureOfAll is not { } temperature)
        {
            terminal.Warn("no temperature: the model is right about every pair, or no better than chance. Nothing was written into the folder.");
            return;
        }

        model.SaveCalibration((model.Calibration ?? new Calibration()) with { Temperature = new FittedTemperature { Value = temperature, Pairs = metrics.Pairs } });
        terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{ModelRecord.FileName} has the temperature {temperature:0.0000}."));
    }

    private static void Write(EvalOptions options, string name, EvaluationResult result, DataStatistics? statistics, Terminal terminal)
    {
        var about = About(options, name) with { Statistics = statistics };
        if (options.Output is { } folder)
        {
            terminal.Note($"The report is {EvaluationFolder.Write(folder, result, about)}.");
        }

        if (options.Card && !ModelCard.Write(options.Model[0], result, about))
        {
            terminal.Warn($"{Path.Combine(options.Model[0], ModelCard.FileName)} was not written by Prefer and stays as it is. Move it away to get a card.");
        }
    }

    private static EvaluationAbout About(EvalOptions options, string name) => new()
    {
        Scorer = options.Model.Count > 0 ? options.Model[0] : name,
        Data = [.. options.Data],
        Date = TimeProvider.System.GetUtcNow(),
        Options = JsonSerializer.SerializeToNode(options, ResultJson.Options)!.AsObject(),
        Machine = Machine(options),
    };

    private static JsonObject Machine(EvalOptions options)
    {
        var machine = new JsonObject
        {
            ["dotnet"] = Environment.Version.ToString(),
            ["os"] = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
            ["processors"] = Environment.ProcessorCount,
        };
        if (options.Model.Count > 0)
        {
            (machine["libtorch"], machine["threads"], machine["peak_resident_bytes"]) = (TorchRuntime.Version, TorchRuntime.Threads, TorchRuntime.PeakResidentBytes);
        }

        return machine;
    }

    /// <summary>Looks at the comparisons of the first scorer's pass while their texts are there.</summary>
    private sealed class CloserLook(EvalOptions options, IScorer scorer, (RewardModel Model, string Folder)? only)
    {
        private readonly DiagnosisCollector diagnosis = only is { } model
            ? new DiagnosisCollector(model.Model.Facts(model.Folder), FingerprintRecord.Load(model.Folder))
            : new DiagnosisCollector(isLogOdds: scorer.IsLogOdds);

        private readonly ComparisonSample? sample = options.Robustness > 0 ? new ComparisonSample(options.Robustness, options.Seed) : null;

        public void Add(Comparison comparison, ImmutableArray<ScoredResponse> responses, long index)
        {
            if (responses.IsEmpty)
            {
                diagnosis.AddUnscored(comparison);
                return;
            }

            diagnosis.Add(comparison, responses[0], responses[1], index);
            sample?.Add(comparison);
        }

        public DiagnosisMetrics Diagnosis()
        {
            var metrics = diagnosis.Metrics();
            return only is { } model ? metrics with { Wrong = [.. metrics.Wrong.Select(wrong => wrong.WithTokenRewards(model.Model))] } : metrics;
        }

        public RobustnessMetrics? Robustness(Terminal terminal)
        {
            if (sample is null)
            {
                return null;
            }

            using var progress = terminal.Progress("changing responses", null);
            return RobustnessEvaluation.Run(sample.Drawn(), scorer, options.Seed, onScored: done => progress.Report(done));
        }
    }
}
