using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>What a dry run predicts, beside what the run then takes.</summary>
[Collection(ProcessWide.Name)]
public sealed class DryRunTests(ITestOutputHelper output)
{
    /// <summary>Of the peak; 2 % were seen.</summary>
    private const double Tolerance = 0.15;

    private const string Encoder = """{ "model_type": "distilbert", "vocab_size": 500, "max_position_embeddings": 512, "dim": 64, "hidden_dim": 256, "n_heads": 4, "n_layers": 4 }""";

    private const string Decoder = """
        { "model_type": "llama", "vocab_size": 500, "max_position_embeddings": 512, "hidden_size": 64, "intermediate_size": 192, "num_attention_heads": 4, "num_hidden_layers": 6, "pad_token_id": 0 }
        """;

    [Theory]
    [InlineData(Encoder, 2048, false, 0)]
    [InlineData(Encoder, 2048, true, 0.1)]
    [InlineData(Decoder, 4096, false, 0)]
    [InlineData(Decoder, 1500, false, 0)]
    [InlineData(Decoder, 4096, true, 0)]
    public void The_peak_is_the_predicted_one(string config, int budget, bool recomputes, double dropout)
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder, config) with { TokenBudget = budget, GradientCheckpointing = recomputes, Dropout = dropout };
        var held = TorchRuntime.AllocatedBytes;

        var forecast = DryRun.Predict(options);

        Assert.Equal(held, TorchRuntime.AllocatedBytes);
        Assert.False(Path.Exists(options.Output));
        var summary = RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken);
        output.WriteLine($"{forecast.PeakTensorBytes / 1e6:f1} MB predicted, {summary.PeakTensorBytes / 1e6:f1} MB were; {forecast.Seconds:f2} s predicted, {summary.Seconds:f2} s were");
        Assert.InRange(forecast.PeakTensorBytes / (double)summary.PeakTensorBytes!, 1 - Tolerance, 1 + Tolerance);
        Assert.Equal((summary.TotalSteps, 4 * forecast.ParameterCount, forecast.ParameterBytes, 2 * forecast.ParameterBytes),
            (forecast.TotalSteps, forecast.ParameterBytes, forecast.GradientBytes, forecast.OptimizerBytes));
        Assert.InRange(summary.PeakResidentBytes!.Value, summary.PeakTensorBytes.Value, long.MaxValue);
    }

    [Fact]
    public void A_budget_for_some_bytes_needs_no_more_than_these()
    {
        var forecast = new MemoryForecast { FixedBytes = 1000, GradientBytes = 200, Floor = 300, Pass = (50, 10, 0.5), PairsPerToken = 4 };

        Assert.Equal(0, forecast.LargestBudget(1299));
        Assert.Equal(1000 + 50 + (12 * 100), forecast.BytesAt(100));
        Assert.Equal(100, forecast.LargestBudget(forecast.BytesAt(100)));
        Assert.Equal(99, forecast.LargestBudget(forecast.BytesAt(100) - 1));
        Assert.Equal(1000 + 300, forecast.BytesOf(1, 1, isFirst: true));
        Assert.Equal(1000 + 50 + 1000 + 200 - 200, forecast.BytesOf(100, 400, isFirst: true));
    }

    [Fact]
    public void Measuring_leaves_weights_and_generator_as_they_are()
    {
        using var folder = new TemporaryFolder();
        var options = Options(folder, Encoder) with { Dropout = 0.1 };
        var rows = TrainingRows.Read(options.Data, mixes: true, options, _ => { });
        using var model = TrainingModel.Open(options, rows.All);
        var items = TrainingSet.Encode(rows, model, "rows").Items;
        double[] Weights()
        {
            using var scope = new TensorScope();
            return [.. model.Parameters.Names.Select(name => model.Parameters[name].Sum().Item())];
        }
        TorchRuntime.ManualSeed(4);
        var (generator, weights, tensors, bytes) = (TorchRuntime.GeneratorState(), Weights(), TorchRuntime.LiveTensorCount, TorchRuntime.AllocatedBytes);

        MemoryForecast.Measure(model, options, 4096, items);

        Assert.Equal(generator, TorchRuntime.GeneratorState());
        Assert.Equal(weights, Weights());
        Assert.Equal((tensors, bytes), (TorchRuntime.LiveTensorCount, TorchRuntime.AllocatedBytes));
        Assert.All(model.Parameters.Names, name => Assert.Null(model.Parameters[name].Gradient()));
    }

    [Fact]
    public void The_verb_prints_the_forecast_and_writes_nothing()
    {
        using var run = new SmallRun();
        var (exitCode, json, error) = Checkout.Prefer(run.Arguments("out", "--dry-run", "--json"));

        Assert.True(exitCode == 0, error);
        var forecast = JsonNode.Parse(json)!;
        Assert.Equal(SmallRun.TotalSteps, (int)forecast["total_steps"]!);
        Assert.True((long)forecast["peak_tensor_bytes"]! > (long)forecast["parameter_bytes"]!);
        Assert.Contains("most of all tensors at one time", error, StringComparison.Ordinal);
        Assert.False(Path.Exists(run.File("out")));
    }

    private static TrainOptions Options(TemporaryFolder folder, string config)
    {
        File.WriteAllText(folder.File("config.json"), config);
        var random = new Random(1);
        JsonArray Ids(JsonArray prompt) => [.. prompt.Select(id => id!.DeepClone()), .. Enumerable.Range(0, random.Next(5, 150)).Select(_ => (JsonNode)random.Next(1, 500))];
        File.WriteAllLines(folder.File("train.jsonl"), Enumerable.Range(0, 120).Select(_ =>
        {
            JsonArray prompt = [.. Enumerable.Range(0, random.Next(5, 100)).Select(_ => (JsonNode)random.Next(1, 500))];
            return new JsonObject { ["chosen_ids"] = Ids(prompt), ["rejected_ids"] = Ids(prompt) }.ToJsonString();
        }));
        return new TrainOptions { Model = $"new:{folder.File("config.json")}", Data = [folder.File("train.jsonl")], Output = folder.File("out"), MaxSteps = 3, BatchSize = 24 };
    }
}
