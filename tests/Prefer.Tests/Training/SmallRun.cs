using System.Text.Json.Nodes;
using Prefer.Training;

namespace Prefer.Tests.Training;

/// <summary>
/// Files of a run that takes a fraction of a second: a one-layer DistilBERT, comparisons of token ids, evaluation, checkpoints every
/// three steps, a log line every two. Chosen responses have smaller ids than rejected ones, so that there is something to learn.
/// </summary>
internal sealed class SmallRun : IDisposable
{
    internal const int TotalSteps = 24;

    private readonly TemporaryFolder folder = new();

    /// <param name="vocabularySize">Rows of the embedding, most of the weights; the data has ids below 40.</param>
    internal SmallRun(int vocabularySize = 40)
    {
        System.IO.File.WriteAllText(File("config.json"), $$"""
            {
              "activation": "gelu", "attention_dropout": 0.1, "dim": 8, "dropout": 0.1, "hidden_dim": 16, "initializer_range": 0.02, "max_position_embeddings": 16,
              "model_type": "distilbert", "n_heads": 2, "n_layers": 1, "pad_token_id": 0, "seq_classif_dropout": 0.2, "sinusoidal_pos_embds": false,
              "vocab_size": {{vocabularySize}}
            }
            """);
        System.IO.File.WriteAllLines(File("train.jsonl"), Rows("train", 60, seed: 1));
        System.IO.File.WriteAllLines(File("eval.jsonl"), Rows("eval", 20, seed: 2));
    }

    /// <summary>Options of a run in this process.</summary>
    internal TrainOptions Options(string output) => new()
    {
        Model = $"new:{File("config.json")}", Data = [File("train.jsonl")], EvalData = [File("eval.jsonl")], Output = File(output), MaxSteps = TotalSteps, BatchSize = 8,
        SaveSteps = 3, EvalSteps = 4, LoggingSteps = 2, Dropout = 0.2, LearningRate = 3e-3,
    };

    /// <summary>The same as arguments of the real command line.</summary>
    internal string[] Arguments(string output, params string[] more) =>
    [
        "train", "--model", $"new:{File("config.json")}", "--data", File("train.jsonl"), "--eval-data", File("eval.jsonl"), "--output", File(output),
        "--max-steps", $"{TotalSteps}", "--batch-size", "8", "--save-steps", "3", "--eval-steps", "4", "--logging-steps", "2", "--dropout", "0.2", "--learning-rate", "3e-3", .. more,
    ];

    internal string File(string name) => folder.File(name);

    /// <summary>Comparisons of token ids; some are ties, some have weights and margins.</summary>
    internal static IEnumerable<string> Rows(string name, int count, int seed)
    {
        var random = new Random(seed);
        for (var index = 0; index < count; index++)
        {
            var row = new JsonObject { ["id"] = $"{name}-{index}", ["chosen_ids"] = Ids(random, 2, 25), ["rejected_ids"] = Ids(random, 15, 40) };
            if (index % 7 == 3)
            {
                row["y"] = 0.5;
            }
            if (index % 5 == 2)
            {
                (row["weight"], row["margin"]) = (0.5, 0.25);
            }
            yield return row.ToJsonString();
        }
    }

    /// <summary>Makes of a finished run one that was killed after its last checkpoint.</summary>
    internal static void Reopen(string output)
    {
        System.IO.File.Delete(Path.Combine(output, "model.safetensors"));
        var path = Path.Combine(output, "run.json");
        var run = JsonNode.Parse(System.IO.File.ReadAllText(path))!;
        run["result"] = null;
        System.IO.File.WriteAllText(path, run.ToJsonString());
    }

    public void Dispose() => folder.Dispose();

    private static JsonArray Ids(Random random, int from, int to) =>
        [.. Enumerable.Range(0, random.Next(4, 10)).Select(_ => (JsonNode)random.Next(from, to))];
}
