using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Tests.Models;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>bf16: scoring beside the reference's own deviation, and training beside fp32.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class Bf16Tests(ITestOutputHelper output) : IDisposable
{
    private const string Decoder = """
        { "model_type": "llama", "hidden_act": "silu", "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2,
          "max_position_embeddings": 256, "pad_token_id": 0, "eos_token_id": 1, "vocab_size": 200 }
        """;

    private const string Encoder = """
        { "model_type": "distilbert", "activation": "gelu", "dim": 64, "hidden_dim": 128, "n_heads": 4, "n_layers": 2, "max_position_embeddings": 256, "pad_token_id": 0, "vocab_size": 200 }
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Folders() => [.. RecordedFolders.Rewards.Where(name => !RecordedFolders.DependsOnPadding(name))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Scores_in_bf16_are_as_near_as_those_of_the_reference(string name)
    {
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(name), "expected.json")))!;
        using var model = RewardModel.Load(ModelFixture.Folder(name), new LoadOptions { DType = DType.BFloat16 });
        var golden = new Golden(name);
        var off = RecordedFolders.Cases(name).Max(item => golden.Case(item).Logits.Zip(model.Score(RecordedFolders.Sequences(golden.Case(item).Batch)), (left, right) => Math.Abs(left - right)).Max());
        var theirs = (double?)expected["meta"]?["noise"]?["fp32_vs_bf16_max_abs"];
        output.WriteLine($"{off:g2}, the reference {theirs:g2}, largest reward {golden.LargestReward:g2}");
        // Two maxima over some ten rewards each, of roundings that differ.
        Assert.InRange(off, 0, Math.Max(3 * (theirs ?? 0), 0.03 * golden.LargestReward));
    }

    [Theory]
    [InlineData("decoder", Decoder, 1e-3)]
    [InlineData("encoder", Encoder, 1e-3)]
    public void Losses_follow_those_of_fp32_and_a_resumed_run_goes_on_bit_for_bit(string name, string config, double learningRate)
    {
        File.WriteAllText(folder.File("config.json"), config);
        var random = new Random(3);
        File.WriteAllLines(folder.File("data.jsonl"), Enumerable.Range(0, 200).Select(_ =>
        {
            // The chosen one holds more of the lower half of the vocabulary.
            JsonArray Ids(int low, int high, int[] prompt) => [.. prompt.Concat(Enumerable.Range(0, random.Next(3, 20)).Select(_ => random.Next(low, high))).Select(id => JsonValue.Create(id))];
            int[] prompt = [.. Enumerable.Range(0, random.Next(3, 30)).Select(_ => random.Next(2, 200))];
            return new JsonObject { ["chosen_ids"] = Ids(2, 150, prompt), ["rejected_ids"] = Ids(50, 200, prompt) }.ToJsonString();
        }));
        var options = new TrainOptions { Model = $"new:{folder.File("config.json")}", Data = [folder.File("data.jsonl")], Output = "", LearningRate = learningRate, MaxSteps = 60, BatchSize = 8, LoggingSteps = 1, Dropout = 0.1 };

        double[] Losses(TrainOptions asked, string output)
        {
            RewardTrainer.Train(asked with { Output = folder.File(output) }, stop: TestContext.Current.CancellationToken);
            return [.. File.ReadLines(folder.File($"{output}/metrics.jsonl")).Select(line => (double)JsonNode.Parse(line)!["loss"]!)];
        }
        var single = Losses(options, "fp32");
        var half = Losses(options with { Precision = Precision.Bf16 }, "bf16");
        double Mean(double[] losses, int from) => losses[from..(from + 20)].Average();
        var worst = Enumerable.Range(0, 41).Max(from => Math.Abs(Mean(single, from) - Mean(half, from)));
        output.WriteLine($"{name}: 20-step means differ by at most {worst:f4}; the last is {Mean(half, 40):f3}");
        Assert.InRange(worst, 1e-9, 0.02);
        Assert.True(Mean(half, 40) < Mean(half, 0) && Mean(half, 40) < 0.69, "bf16 learned nothing");

        // Interrupted in the middle by asking for a checkpoint and throwing away what came after it.
        var saved = options with { Precision = Precision.Bf16, SaveSteps = 30, SaveTotalLimit = 9 };
        Assert.Equal(half, Losses(saved, "again"));
        Directory.Delete(folder.File("again/checkpoint-60"), recursive: true);
        var run = JsonNode.Parse(File.ReadAllText(folder.File("again/run.json")))!;
        run["result"] = null;
        File.WriteAllText(folder.File("again/run.json"), run.ToJsonString());
        Assert.Equal("bf16", (string)run["precision"]!);
        Assert.Equal(half, Losses(saved with { Resume = true }, "again"));
    }

    [Fact]
    public void The_copy_that_layers_read_is_the_rounded_weight_after_every_update()
    {
        using var scope = new TensorScope();
        var weight = Tensor.From<double>([.. Enumerable.Range(0, 12).Select(index => Math.Sin(index))], [3, 4]).To(DType.Float32).Clone();
        weight.RequiresGrad = true;
        var input = Tensor.Full([4, 4], 0, DType.BFloat16) + Tensor.From<double>([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], [4, 4]).To(DType.BFloat16);
        double[] Seen() => input.Linear(weight).Detach().Transpose(0, 1).To(DType.Float64).ToArray<double>();
        double[] Rounded() => weight.Detach().To(DType.BFloat16).To(DType.Float64).ToArray<double>();
        Assert.Equal(Rounded(), Seen());
        var (mean, square) = (Tensor.Zeros([3, 4]), Tensor.Zeros([3, 4]));
        using (TorchRuntime.NoGrad())
        {
            weight.AdamWInPlace(Tensor.Full([3, 4], 0.7), mean, square, 0.1, 0.9, 0.999, 0.03, 1e-8, 1, 1);
        }
        Assert.Equal(Rounded(), Seen());
        using (TorchRuntime.NoGrad())
        {
            weight.CopyFrom(Tensor.Full([3, 4], 0.3));
        }
        Assert.Equal(Rounded(), Seen());
    }
}
