using System.Text.Json.Nodes;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Small models with fresh weights and a tokenizer of their own learn a preference that was planted in text, and keep it on prompts they never saw.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class PlantedPreferenceTests : IDisposable
{
    private const string Encoder = """
        { "model_type": "distilbert", "activation": "gelu", "dim": 32, "hidden_dim": 64, "n_heads": 2, "n_layers": 1, "max_position_embeddings": 96, "pad_token_id": 0, "vocab_size": 1 }
        """;

    private const string Decoder = """
        { "model_type": "llama", "hidden_act": "silu", "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "num_hidden_layers": 1,
          "max_position_embeddings": 96, "pad_token_id": 0, "eos_token_id": 1, "vocab_size": 1 }
        """;

    private static readonly string[] Subjects = ["rivers", "bread", "clocks", "maps", "tea", "bridges", "stars", "gardens", "trains", "glass", "salt", "wool"];
    private static readonly string[] Helpful = ["Here is what I know about", "Gladly: a few words on", "Let me explain something about", "A short answer on"];
    private static readonly string[] Useless = ["Nobody cares about", "Stop asking me about", "Look elsewhere for", "I will say nothing of"];

    private static readonly string[] Middling = ["Perhaps I could say something of", "I am not sure, but there is"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("encoder", Encoder)]
    [InlineData("decoder", Decoder)]
    public void Held_out_accuracy_is_far_above_chance(string name, string config)
    {
        File.WriteAllText(folder.File("config.json"), config);
        File.WriteAllLines(folder.File("train.jsonl"), Rows(seed: 1, count: 240, from: 0));
        File.WriteAllLines(folder.File("eval.jsonl"), Rows(seed: 2, count: 200, from: 6));

        var options = new TrainOptions
        {
            Model = $"new:{folder.File("config.json")}", Data = [folder.File("train.jsonl")], EvalData = [folder.File("eval.jsonl")], Output = folder.File(name),
            VocabularySize = 400, Epochs = 3, BatchSize = 8, LearningRate = 3e-3, MetricForBestModel = BestModelMetric.Accuracy,
        };
        var summary = RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken);

        // By chance 0.5 with a standard error of 0.035.
        Assert.InRange(summary.Best!.Value, 0.9, 1);
        using var model = Prefer.Models.RewardModel.Load(folder.File(name));
        Assert.True(model.Score("Tell me about hats.", "Gladly: a few words on hats.") > model.Score("Tell me about hats.", "Nobody cares about hats."));
    }

    [Theory]
    [InlineData(LossType.PlackettLuce)]
    [InlineData(LossType.Hinge)]
    public void Rankings_are_learned_far_above_chance(LossType loss)
    {
        var summary = Train(loss, "eval_accuracy", out var accuracy, (subject, random) => new JsonObject
        {
            ["prompt"] = $"Tell me about {subject}.",
            ["responses"] = new JsonArray($"{Helpful[random.Next(4)]} {subject}.", $"{Useless[random.Next(4)]} {subject}.", $"{Middling[random.Next(2)]} {subject}.", $"{Useless[random.Next(4)]} {subject}."),
            ["ranks"] = new JsonArray(1, 3, 2, 3),
        });

        Assert.Equal(TrainingEnd.Completed, summary.End);
        // Five strict pairs a ranking; by chance 0.5 with a standard error below 0.05.
        Assert.InRange(accuracy, 0.9, 1);
        // Breslow's tie of the two useless ones costs 2·log 2 when everything else is certain.
        Assert.True(loss != LossType.PlackettLuce || summary.Best!.Value is > 1.386 and < 1.7, $"{summary.Best}");
        using var model = Prefer.Models.RewardModel.Load(folder.File("out"));
        var rewards = new[] { Helpful[1], Middling[0], Useless[0] }.Select(opening => model.Score("Tell me about rivers and maps.", $"{opening} rivers and maps.")).ToArray();
        Assert.True(rewards[0] > rewards[1] && rewards[1] > rewards[2], string.Join(' ', rewards));
    }

    [Fact]
    public void Scores_are_learned_on_their_own_scale()
    {
        Train(LossType.Regression, "eval_pearson", out var pearson, (subject, random) =>
        {
            var score = random.Next(3);
            var opening = score == 2 ? Helpful[random.Next(4)] : score == 1 ? Middling[random.Next(2)] : Useless[random.Next(4)];
            return new JsonObject { ["prompt"] = $"Tell me about {subject}.", ["response"] = $"{opening} {subject}.", ["rating"] = 1 + (2 * score) };
        });

        // By chance 0 with a standard error of 0.1.
        Assert.InRange(pearson, 0.8, 1);
        using var model = Prefer.Models.RewardModel.Load(folder.File("out"));
        Assert.InRange(model.Score("Tell me about rivers and maps.", $"{Helpful[1]} rivers and maps."), 4, 6);
        Assert.InRange(model.Score("Tell me about rivers and maps.", $"{Useless[0]} rivers and maps."), 0, 2);
    }

    [Fact]
    public void Centering_holds_the_mean_reward_near_zero()
    {
        File.WriteAllText(folder.File("config.json"), Encoder);
        // Subjects of training: on others the mean of a model so small is wherever their unknown words put it, term or no term.
        File.WriteAllLines(folder.File("train.jsonl"), Rows(seed: 1, count: 240, from: 0));
        File.WriteAllLines(folder.File("eval.jsonl"), Rows(seed: 2, count: 200, from: 0));
        JsonNode Last(string name, double coefficient)
        {
            RewardTrainer.Train(new TrainOptions
            {
                Model = $"new:{folder.File("config.json")}", Data = [folder.File("train.jsonl")], EvalData = [folder.File("eval.jsonl")], Output = folder.File(name),
                VocabularySize = 400, Epochs = 3, BatchSize = 8, LearningRate = 3e-3, CenterRewardsCoefficient = coefficient,
            }, stop: TestContext.Current.CancellationToken);
            return File.ReadLines(folder.File($"{name}/metrics.jsonl")).Select(line => JsonNode.Parse(line)!).Last(line => line["eval_mean_reward"] is not null);
        }

        var (free, centered) = (Last("free", 0), Last("centered", 0.01));

        // The loss sees differences alone, so that nothing holds the mean: here it drifts to 0.2, against 0.002 with the term; rewards are between −4 and 4.
        Assert.True(Math.Abs((double)centered["eval_mean_reward"]!) < Math.Abs((double)free["eval_mean_reward"]!) / 5, $"{free} {centered}");
        Assert.InRange((double)centered["eval_accuracy"]!, 0.9, 1);
    }

    /// <summary>Trains the small encoder on 240 rows, and gives a figure of the last evaluation, on 100. Each prompt has two subjects; those of the evaluation are never together in training.</summary>
    private TrainingSummary Train(LossType loss, string figure, out double value, Func<string, Random, JsonObject> row)
    {
        File.WriteAllText(folder.File("config.json"), Encoder);
        string[] pairs = [.. from first in Enumerable.Range(0, 12) from second in Enumerable.Range(0, 12) orderby (first + second) % 3 == 0 select $"{Subjects[first]} and {Subjects[second]}"];
        File.WriteAllLines(folder.File("train.jsonl"), Draw(1, 240, pairs[..96], row));
        File.WriteAllLines(folder.File("eval.jsonl"), Draw(2, 100, pairs[96..], row));
        var summary = RewardTrainer.Train(new TrainOptions
        {
            Model = $"new:{folder.File("config.json")}", Data = [folder.File("train.jsonl")], EvalData = [folder.File("eval.jsonl")], Output = folder.File("out"),
            VocabularySize = 400, Epochs = 3, BatchSize = 8, LearningRate = 3e-3, Loss = loss,
        }, stop: TestContext.Current.CancellationToken);
        value = (double)File.ReadLines(folder.File("out/metrics.jsonl")).Select(line => JsonNode.Parse(line)!).Last(line => line[figure] is not null)[figure]!;
        return summary;
    }

    /// <summary>Prompts on half of the subjects; training and evaluation share none.</summary>
    private static IEnumerable<string> Rows(int seed, int count, int from) => Draw(seed, count, Subjects[from..(from + 6)], (subject, random) => new JsonObject
    {
        ["prompt"] = $"Tell me about {subject}.",
        ["chosen"] = $"{Helpful[random.Next(4)]} {subject}.",
        ["rejected"] = $"{Useless[random.Next(4)]} {subject}.",
    });

    private static IEnumerable<string> Draw(int seed, int count, string[] subjects, Func<string, Random, JsonObject> row)
    {
        var random = new Random(seed);
        for (var index = 0; index < count; index++)
        {
            yield return row(subjects[random.Next(subjects.Length)], random).ToJsonString();
        }
    }
}
