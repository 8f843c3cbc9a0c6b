using System.Globalization;
using System.Text.Json.Nodes;

namespace Prefer.Tests.Report;

/// <summary>The files of a run, written by hand: it overfits from step 400 of 1,200.</summary>
internal static class SampleRun
{
    public const int LineCount = 60, EvaluationCount = 12, OnsetStep = 400;

    public static void WriteTo(string folder, string model = "new:distilbert-mini")
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "run.json"), new JsonObject
        {
            ["options"] = new JsonObject
            {
                ["model"] = model, ["data"] = new JsonArray("out/split/train.jsonl"), ["eval_data"] = new JsonArray("out/split/eval.jsonl"), ["loss"] = "bradley-terry",
                ["epochs"] = 12, ["batch_size"] = 16, ["metric_for_best_model"] = "loss", ["seed"] = 42, ["shuffle"] = true,
            },
            ["learning_rate"] = 3e-4, ["token_budget"] = 16384, ["precision"] = "fp32", ["total_steps"] = 1200, ["encoding"] = new JsonObject { ["mode"] = "pair" },
            ["data"] = new JsonObject { ["train"] = Data(1600), ["eval"] = Data(160) },
            ["machine"] = new JsonObject { ["prefer"] = "0.1.0", ["libtorch"] = "1.13.1", ["threads"] = 2 },
            ["result"] = new JsonObject { ["steps"] = 1200, ["end"] = "completed", ["tokens"] = 7_800_000, ["seconds"] = 1543.2, ["peak_resident_bytes"] = 1_400_000_000 },
        }.ToJsonString());
        File.WriteAllLines(Path.Combine(folder, "metrics.jsonl"), Lines());
    }

    public static IEnumerable<string> Lines()
    {
        for (var step = 20; step <= 1200; step += 20)
        {
            var loss = 0.1 + 0.6 * Math.Exp(-step / 400.0);
            yield return Line(step, $"\"loss\": {loss:R}, \"accuracy\": {1 - loss / 1.4:R}, \"grad_norm\": {0.5 + step / 2000.0:R}, \"learning_rate\": {3e-4 * (1 - step / 1200.0):R}, \"num_tokens\": {step * 6500}, \"seconds\": {step * 1.25:R}");
            if (step % 100 == 0)
            {
                var away = (step - OnsetStep) / 800.0;
                yield return Line(step, $"\"eval_loss\": {0.6 + 0.2 * away * away:R}, \"eval_accuracy\": {0.68 - 0.05 * away * away:R}, \"seconds\": {step * 1.25:R}");
            }
        }
    }

    private static string Line(int step, FormattableString figures) =>
        $$"""{"step": {{step}}, "epoch": {{(step / 100.0).ToString(CultureInfo.InvariantCulture)}}, {{figures.ToString(CultureInfo.InvariantCulture)}}}""";

    private static JsonObject Data(int count) => new() { ["comparisons"] = count, ["ties"] = 12, ["tokens"] = count * 412, ["sources"] = new JsonArray(), ["fingerprint"] = "9f86d081884c7d65" };
}
