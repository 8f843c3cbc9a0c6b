using System.Text.Json.Nodes;

namespace Prefer.Tests.Evaluation;

/// <summary>Sequences of a folder in tests/fixtures/models, without their padding, and the rewards that the reference implementation gave them.</summary>
internal static class RecordedRewards
{
    /// <summary>
    /// How far fp32 rewards may be apart: the recording itself wobbles by up to 5e-6 between two ways of computing attention; rewards are of order one.
    /// </summary>
    public const double Tolerance = 2e-5;

    /// <summary>One sequence.</summary>
    public sealed record Sequence(string Case, int[] Ids, int[]? TokenTypes, double Reward);

    public static string Folder(string model) => Path.Combine(Repository.Root, "tests", "fixtures", "models", model);

    /// <summary>Those of all cases whose positions count from the first token that is not padding.</summary>
    public static IReadOnlyList<Sequence> Of(string model)
    {
        var inputs = Json(model, "inputs.json")["cases"]!.AsObject();
        var expected = Json(model, "expected.json")["cases"]!;
        var all = new List<Sequence>();
        foreach (var (name, given) in inputs)
        {
            if (model == "gpt2" && name == "padded_batch_left")
            {
                continue; // recorded without position ids, so that padding shifts the positions
            }

            for (var row = 0; row < given!["input_ids"]!.AsArray().Count; row++)
            {
                int[] mask = Numbers(given["attention_mask"]![row]!);
                int[] Kept(JsonNode values) => [.. Numbers(values).Where((_, column) => mask[column] == 1)];
                all.Add(new Sequence(name, Kept(given["input_ids"]![row]!), given["token_type_ids"] is { } types ? Kept(types[row]!) : null, (double)expected[name]!["logits"]![row]!));
            }
        }

        return all;
    }

    /// <summary>The rows of the padded batch, in order.</summary>
    public static IReadOnlyList<Sequence> Batch(string model) => [.. Of(model).Where(sequence => sequence.Case == "padded_batch")];

    public static JsonNode Json(string model, string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(model), file)))!;

    private static int[] Numbers(JsonNode list) => [.. list.AsArray().Select(value => (int)value!)];
}
