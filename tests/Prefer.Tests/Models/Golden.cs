using System.Text.Json.Nodes;

namespace Prefer.Tests.Models;

/// <summary>What the reference implementation gave for one padded batch.</summary>
/// <param name="Batch">The inputs as they were fed.</param>
/// <param name="Logits">Rewards, a row each.</param>
/// <param name="Hidden">Recorded last hidden states: the columns they were read at, a row each, and the values, rows after each other.</param>
/// <param name="SelectedColumns">Where a decoder's rewards were read; null for an encoder, which reads column 0.</param>
internal sealed record GoldenCase(PaddedBatch Batch, double[] Logits, IReadOnlyList<(int[] Columns, double[] Values)> Hidden, int[]? SelectedColumns);

/// <summary>Sizes of a recorded gradient.</summary>
internal sealed record GoldenGradient(double Norm, double Sum, double Largest);

/// <summary>The recorded Bradley–Terry step over the pairs of one case.</summary>
internal sealed record GoldenStep(string Case, (int Chosen, int Rejected)[] Pairs, double Loss, double TotalNorm, IReadOnlyDictionary<string, GoldenGradient> Gradients);

/// <summary>The recorded numbers of a folder in tests/fixtures/models.</summary>
internal sealed class Golden
{
    private readonly JsonNode inputs;
    private readonly JsonNode expected;

    internal Golden(string name)
    {
        var folder = ModelFixture.Folder(name);
        inputs = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "inputs.json")))!;
        expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!;
    }

    internal IEnumerable<string> CaseNames => expected["cases"]!.AsObject().Select(pair => pair.Key);

    /// <summary>The largest reward of any case.</summary>
    internal double LargestReward => CaseNames.Max(name => Case(name).Logits.Max(Math.Abs));

    internal bool HasStep => expected["bradley_terry"] is not null;

    internal GoldenCase Case(string name)
    {
        var (given, found) = (inputs["cases"]![name]!, expected["cases"]![name]!);
        var batch = new PaddedBatch(Rows(given["input_ids"])!, Rows(given["attention_mask"])!, Rows(given["position_ids"]), Rows(given["token_type_ids"]));
        int[]? Columns(string key) => found[key]?.AsArray().Select(value => (int)value!).ToArray();
        var hidden = new List<(int[], double[])>();
        void Add(string key, int[]? columns)
        {
            if (found[key] is JsonArray rows)
            {
                hidden.Add((columns!, [.. rows.SelectMany(row => row!.AsArray()).Select(value => (double)value!)]));
            }
        }
        Add("last_hidden_last_token", Columns("last_real_index"));
        Add("last_hidden_first_token", [.. Enumerable.Range(0, batch.RowCount).Select(batch.FirstColumn)]);
        Add("last_hidden_selected_token", Columns("selected_index"));
        return new(batch, [.. found["logits"]!.AsArray().Select(value => (double)value!)], hidden, Columns("selected_index"));
    }

    internal GoldenStep Step()
    {
        var found = expected["bradley_terry"]!;
        return new(
            (string)found["case"]!,
            [.. found["pairs"]!.AsArray().Select(pair => ((int)pair![0]!, (int)pair[1]!))],
            (double)found["loss"]!,
            (double)found["total_grad_norm"]!,
            found["grads"]!.AsObject().ToDictionary(pair => pair.Key, pair => new GoldenGradient((double)pair.Value!["l2"]!, (double)pair.Value["sum"]!, (double)pair.Value["absmax"]!)));
    }

    private static int[][]? Rows(JsonNode? node) =>
        node?.AsArray().Select(row => row!.AsArray().Select(value => (int)value!).ToArray()).ToArray();
}
