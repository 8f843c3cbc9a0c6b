using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Twenty optimizer steps of TRL's own reward trainer, recorded, are taken again from the same weights and data.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class TraceTests(ITestOutputHelper output)
{
    /// <summary>What differs is the order of fp32 sums (spans instead of padded rows, one batch instead of two micro-batches).</summary>
    private const double FigureTolerance = 1e-5;

    /// <summary>Largest ‖Δ − Δ_TRL‖ / ‖Δ_TRL‖ of a parameter after 20 steps, over the elements that have a gradient.</summary>
    private const double UpdateTolerance = 5e-5;

    /// <summary>
    /// Below this share of the largest gradient an element's exact gradient is zero: a key's bias, which softmax does not see; without
    /// centering, the last bias and those of ReLU units that are active on every row, which move both rewards alike. What moves such
    /// an element is rounding, which Adam scales up to the size of a step, in TRL's run and in ours.
    /// </summary>
    private const double ZeroGradient = 1e-10;

    [Theory]
    [InlineData("reward-llama-centerNone", "llama")]
    [InlineData("reward-llama-center0.01", "llama")]
    [InlineData("reward-llama-margin", "llama")]
    [InlineData("reward-distilbert-centerNone", "distilbert")]
    [InlineData("reward-distilbert-center0.01", "distilbert")]
    public void Steps_equal_those_of_TRL(string name, string modelName)
    {
        var trace = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "fixtures", "traces", name + ".json")))!;
        var start = Path.Combine(Repository.Root, "tests", "fixtures", "models", modelName);
        using var folder = new TemporaryFolder();
        var data = folder.File("data.jsonl");
        var rows = trace["dataset"]!.AsArray().Select(row => new JsonObject
        {
            ["chosen_ids"] = row!["chosen_ids"]!.DeepClone(), ["rejected_ids"] = row["rejected_ids"]!.DeepClone(), ["margin"] = row["margin"]?.DeepClone(),
        });
        File.WriteAllLines(data, rows.Select(row => row.ToJsonString()));
        var hyper = trace["hparams"]!;
        var trained = folder.File("trained");

        RewardTrainer.Train(new TrainOptions
        {
            Model = start, Data = [data], Output = trained, LearningRate = (double)hyper["lr"]!, MaxSteps = (int)hyper["steps"]!,
            BatchSize = (int)hyper["batch"]! * (int)hyper["accum"]!, LrSchedulerType = LrSchedulerType.Linear, WarmupSteps = (int)hyper["warmup"]!,
            WeightDecay = (double)hyper["wd"]!, MaxGradNorm = (double)hyper["clip"]!, CenterRewardsCoefficient = (double?)hyper["center"] ?? 0,
            Shuffle = false, LoggingSteps = 1,
        }, stop: TestContext.Current.CancellationToken);

        var lines = File.ReadAllLines(Path.Combine(trained, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        var logs = trace["logs"]!.AsArray();
        Assert.Equal(logs.Count, lines.Count);
        double worst = 0;
        foreach (var (line, log) in lines.Zip(logs))
        {
            foreach (var key in new[] { "loss", "grad_norm", "accuracy", "margin", "learning_rate", "epoch" })
            {
                var (found, expected) = ((double)line[key]!, (double)log![key]!);
                var off = Math.Abs(found - expected) / Math.Max(Math.Abs(expected), key == "margin" ? 1e-2 : 1e-12);
                worst = Math.Max(worst, expected == 0 ? Math.Abs(found) : off);
                Assert.True(expected == 0 ? found == 0 : off <= FigureTolerance, $"step {line["step"]}: {key} is {found}, TRL logged {expected}");
            }
            Assert.Equal((double)log!["num_tokens"]!, (double)line["num_tokens"]!);
        }
        output.WriteLine($"largest relative deviation of a logged figure: {worst:e2}");
        CompareWeights(start, Path.Combine(Repository.Root, "tests", "fixtures", "traces", name + ".final.safetensors"), trained, trace, modelName);
    }

    private void CompareWeights(string start, string final, string trained, JsonNode trace, string modelName)
    {
        using var scope = new TensorScope();
        using var before = SafetensorsFile.Open(Path.Combine(start, "model.safetensors"));
        using var expected = SafetensorsFile.Open(final);
        using var found = SafetensorsFile.Open(Path.Combine(trained, "model.safetensors"));
        Assert.Equal(before.Entries.Keys.Order(), found.Entries.Keys.Order());
        var decays = trace["decay_parameters"]!.AsArray().Select(name => (string)name!).ToHashSet();
        var gradients = InitialGradients(start, trace);
        var zero = ZeroGradient * gradients.Values.Max(values => values.Max(Math.Abs));
        var (worst, leftOut) = ((Share: 0.0, Name: ""), new List<string>());
        foreach (var name in before.Entries.Keys)
        {
            var initial = before.Read(name).To(DType.Float64);
            Assert.Equal(decays.Contains(name), AdamW.Decays(initial));
            var keep = gradients[name].Select(value => Math.Abs(value) >= zero ? 1.0 : 0).ToArray();
            if (keep.Contains(0))
            {
                leftOut.Add($"{name} {keep.Count(value => value == 0)} of {keep.Length}");
            }
            var mask = Tensor.From<double>(keep, [.. initial.Shape]);
            var theirs = (expected.Read(name).To(DType.Float64) - initial) * mask;
            var ours = (found.Read(name).To(DType.Float64) - initial) * mask;
            var difference = (ours - theirs).Norm().Item();
            var share = difference == 0 ? 0 : difference / theirs.Norm().Item();
            worst = share > worst.Share ? (share, name) : worst;
            Assert.True(share <= UpdateTolerance, $"{name}: the update differs from TRL's by {share:e2} of its size");
        }
        output.WriteLine($"largest share by which an update differs: {worst.Share:e2}, of {worst.Name}; elements left out: {string.Join(", ", leftOut)}");
        CheckUntouchedRows(before, found, trace, modelName);
    }

    /// <summary>Gradients in float64 of the loss over all rows at the initial weights.</summary>
    private static Dictionary<string, double[]> InitialGradients(string start, JsonNode trace)
    {
        using var scope = new TensorScope();
        using var model = RewardModel.Load(start, new LoadOptions { DType = DType.Float64, Trainable = true });
        var batch = model.NewBatch();
        var margins = new List<double>();
        foreach (var row in trace["dataset"]!.AsArray())
        {
            foreach (var key in new[] { "chosen_ids", "rejected_ids" })
            {
                int[] ids = [.. row![key]!.AsArray().Select(id => (int)id!)];
                batch.Add(new EncodedSequence([.. ids], [], 0), model.PooledPosition(ids));
            }
            margins.Add((double?)row!["margin"] ?? 0);
        }
        var sides = model.Forward(batch).Reshape(-1, 2).Split([1, 1], 1);
        var count = margins.Count;
        RewardLoss.PerComparison(
            sides[0].Reshape(-1), sides[1].Reshape(-1), Tensor.Full([count], 1, DType.Float64), Tensor.From<double>([.. margins]), (double?)trace["hparams"]!["center"] ?? 0).Sum().Backward();
        return model.Parameters.Names.ToDictionary(name => name, name => model.Parameters[name].Gradient()!.ToArray<double>());
    }

    /// <summary>Embedding rows that no token touched have a zero gradient and shrink by Π(1 − lr·wd), nothing else.</summary>
    private static void CheckUntouchedRows(SafetensorsFile before, SafetensorsFile found, JsonNode trace, string modelName)
    {
        var name = modelName == "llama" ? "model.embed_tokens.weight" : "distilbert.embeddings.word_embeddings.weight";
        var touched = trace["dataset"]!.AsArray().SelectMany(row => row!["chosen_ids"]!.AsArray().Concat(row["rejected_ids"]!.AsArray())).Select(id => (int)id!).ToHashSet();
        var (initial, final) = (before.Read(name), found.Read(name));
        var width = (int)initial.Shape[1];
        var (first, last) = (initial.ToArray<float>(), final.ToArray<float>());
        var rates = trace["logs"]!.AsArray().Select(log => (double)log!["learning_rate"]!).ToArray();
        var untouched = Enumerable.Range(0, (int)initial.Shape[0]).Where(row => !touched.Contains(row)).ToList();
        Assert.NotEmpty(untouched);
        foreach (var index in untouched.SelectMany(row => Enumerable.Range(row * width, width)))
        {
            var expected = first[index];
            foreach (var rate in rates)
            {
                expected *= (float)(1 - (rate * (double)trace["hparams"]!["wd"]!));
            }
            Assert.Equal(expected, last[index]);
        }
    }
}
