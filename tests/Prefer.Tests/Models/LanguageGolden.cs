using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>What the reference implementation gave for a language model in tests/fixtures/models.</summary>
internal sealed class LanguageGolden
{
    private readonly string name;
    private readonly JsonNode inputs;
    private readonly JsonNode expected;

    internal LanguageGolden(string name)
    {
        this.name = name;
        inputs = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(name), "inputs.json")))!;
        expected = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(name), "expected.json")))!;
    }

    /// <summary>The folders with such recordings.</summary>
    internal static IEnumerable<string> Folders { get; } =
        [.. Directory.EnumerateDirectories(ModelFixture.Folder("")).Where(folder => File.Exists(Path.Combine(folder, "expected.safetensors"))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    internal bool HasPaddedBatch => !RecordedFolders.DependsOnPadding(name);

    /// <summary>Whether the continuation is what the prompt gives by itself.</summary>
    internal bool HasGreedy => IsOwn(GreedyPrompt);

    internal int[][] Sequences => [.. Rows<int>(inputs["sequences"]!).Where(IsOwn)];

    internal double[][] LogProbs => Own(Rows<double>(expected["logprobs"]!));

    internal double[] Sums => Own(Row<double>(expected["sum_logprobs"]!));

    internal int[] LastArgMax => Own(Row<int>(expected["argmax_last"]!));

    internal double NegativeLogLikelihood => (double)expected["nll"]!;

    internal double TotalGradientNorm => (double)expected["nll_total_grad_norm"]!;

    internal IReadOnlyDictionary<string, GoldenGradient> Gradients => expected["nll_grads"]!.AsObject()
        .ToDictionary(pair => pair.Key, pair => new GoldenGradient((double)pair.Value!["l2"]!, (double)pair.Value["sum"]!, (double)pair.Value["absmax"]!));

    internal int[] GreedyPrompt => Row<int>(inputs["greedy_prompt"]!);

    internal int[] Greedy => Row<int>(expected["greedy"]!["tokens"]!);

    internal PaddedBatch Batch => new(Rows<int>(inputs["cases"]!["padded_batch"]!["input_ids"]!), Rows<int>(inputs["cases"]!["padded_batch"]!["attention_mask"]!));

    /// <summary>The recorded logits at the real tokens of the padded batch, rows after each other, and their number of columns.</summary>
    internal (double[] Values, int Columns) Logits()
    {
        using var scope = new TensorScope();
        using var file = SafetensorsFile.Open(Path.Combine(ModelFixture.Folder(name), "expected.safetensors"));
        var all = file.Read("logits");
        var columns = (int)all.Shape[2];
        var real = Batch.Mask.SelectMany(row => row).Select((one, index) => (one, index)).Where(pair => pair.one == 1).Select(pair => (long)pair.index).ToArray();
        return (all.Reshape(-1, columns).IndexSelect(0, Tensor.From<long>(real)).To(DType.Float64).ToArray<double>(), columns);
    }

    /// <summary>The mean over all tokens but the first of each sequence, and what is needed for its gradient: part of the graph.</summary>
    internal Tensor MeanLoss(LanguageModel model)
    {
        var builder = new TokenForestBuilder(sharePrefixes: true);
        var sequences = Batch.Sequences();
        foreach (var sequence in sequences)
        {
            builder.Add(sequence, group: model.Network.FrequencyGroup(sequence.Length));
        }
        var forest = builder.Build();
        var (predicted, values) = model.Predict(new ForestPass(forest, model.DType, "cpu"));
        // A token of a shared prefix counts in each sequence that has it.
        var indices = sequences.SelectMany((sequence, row) => Enumerable.Range(1, sequence.Length - 1).Select(position => (long)Array.IndexOf(predicted, forest.PackedIndex(row, position))));
        return -values!.IndexSelect(0, Tensor.From<long>([.. indices])).Mean([0]);
    }

    // Whether a sequence was recorded with its own rotary frequencies and not with those that the batch before it had left.
    private bool IsOwn(int[] sequence) => !RecordedFolders.IsStale(name, sequence.Length);

    private T[] Own<T>(T[] values) => [.. values.Zip(Rows<int>(inputs["sequences"]!)).Where(pair => IsOwn(pair.Second)).Select(pair => pair.First)];

    private static T[] Row<T>(JsonNode list) => [.. list.AsArray().Select(value => value!.GetValue<T>())];

    private static T[][] Rows<T>(JsonNode lists) => [.. lists.AsArray().Select(list => Row<T>(list!))];
}
