using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Runs of each loss on token ids: which rows they take, what they log, and that they can be resumed.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class LossDataTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void Plackett_Luce_of_pairs_is_a_Bradley_Terry_run_bit_for_bit() =>
        Assert.Equal(End("pairs", small.Options("")), End("rankings", small.Options("") with { Loss = LossType.PlackettLuce }));

    [Theory]
    [InlineData(LossType.PlackettLuce, true)]
    [InlineData(LossType.Hinge, true)]
    [InlineData(LossType.Regression, false)]
    public void A_run_of_each_loss_resumes_bit_for_bit(LossType loss, bool isOrdered)
    {
        Write("rows.jsonl", 40, isOrdered ? RankingRow : RatingRow);
        Write("held.jsonl", 10, isOrdered ? RankingRow : RatingRow);
        var options = small.Options("") with { Loss = loss, Model = $"new:{small.File("config.json")}", Tokenizer = Tokenizer(), Data = [small.File("rows.jsonl")], EvalData = [small.File("held.jsonl")] };
        var whole = End("whole", options);
        foreach (var step in new[] { 5, 13 })
        {
            using var stop = new CancellationTokenSource();
            RewardTrainer.Train(options with { Output = small.File("parts"), Resume = true }, new StopAt(step, stop), stop.Token);
        }

        Assert.Equal(whole, End("parts", options with { Resume = true }));
        var lines = File.ReadLines(small.File("whole/metrics.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        string[] expected = isOrdered ? ["loss", "accuracy", "margin", "mean_reward", "min_reward", "max_reward"] : ["loss", "pearson", "mean_score", "mean_reward", "min_reward", "max_reward"];
        Assert.Equal(expected, lines[0].Select(field => field.Key).Skip(2).Take(6));
        Assert.Equal(expected.Select(name => $"eval_{name}"), lines.First(line => line.ContainsKey("eval_loss")).Select(field => field.Key).Skip(2).Take(6));
    }

    [Fact]
    public void A_ranking_is_one_comparison_of_the_batch_or_all_its_pairs()
    {
        Write("rows.jsonl", 12, RankingRow);
        int Steps(LossType loss) => RewardTrainer.Train(
            small.Options("") with { Loss = loss, Output = small.File($"{loss}"), Tokenizer = Tokenizer(), Data = [small.File("rows.jsonl")], EvalData = [], EvalSteps = null, MaxSteps = null, Epochs = 1, BatchSize = 4 },
            stop: TestContext.Current.CancellationToken).TotalSteps;

        Assert.Equal((3, 9, 9), (Steps(LossType.PlackettLuce), Steps(LossType.BradleyTerry), Steps(LossType.Hinge)));
    }

    [Fact]
    public void Rows_of_another_kind_are_refused_with_the_loss_they_are_for()
    {
        Write("rankings.jsonl", 3, RankingRow);
        Write("ratings.jsonl", 3, RatingRow);
        string Refusal(LossType loss, string file) => Assert.Throws<DataException>(() => RewardTrainer.Train(
            small.Options("out") with { Loss = loss, Data = [small.File(file)], EvalData = [], EvalSteps = null, Overwrite = true }, stop: TestContext.Current.CancellationToken)).Message;

        Assert.StartsWith($"{small.File("train.jsonl")}:1: found a comparison (chosen_ids, rejected_ids); expected a response with a score; train on comparisons with --loss bradley-terry", Refusal(LossType.Regression, "train.jsonl"), StringComparison.Ordinal);
        Assert.StartsWith($"{small.File("rankings.jsonl")}:1: found ranks, which order responses and do not rate them;", Refusal(LossType.Regression, "rankings.jsonl"), StringComparison.Ordinal);
        foreach (var loss in new[] { LossType.BradleyTerry, LossType.PlackettLuce, LossType.Hinge })
        {
            Assert.StartsWith($"{small.File("ratings.jsonl")}:1: found a response with a score; expected a comparison; train on scores with --loss regression", Refusal(loss, "ratings.jsonl"), StringComparison.Ordinal);
        }
    }

    private static JsonObject RankingRow(int index) => new()
    {
        ["prompt"] = $"p{index % 5}", ["responses"] = new JsonArray($"a{index}", $"bb{index}", $"c c{index}"), ["ranks"] = new JsonArray(1, 2, index % 3 == 0 ? 2 : 3),
    };

    private static JsonObject RatingRow(int index) => new() { ["prompt"] = $"p{index % 5}", ["response"] = $"a{index}", ["score"] = index % 4, ["weight"] = 1 + (index % 2) };

    private void Write(string name, int count, Func<int, JsonObject> row) => File.WriteAllLines(small.File(name), Enumerable.Range(0, count).Select(index => row(index).ToJsonString()));

    /// <summary>A tokenizer of a few characters, so that responses of text fit the run's vocabulary.</summary>
    private string Tokenizer()
    {
        var config = JsonNode.Parse(File.ReadAllText(small.File("config.json")))!;
        config["vocab_size"] = 300;
        File.WriteAllText(small.File("config.json"), config.ToJsonString());
        var path = small.File("tokenizer");
        Directory.CreateDirectory(path);
        Prefer.Tests.Models.SmallTextModel.Tokenizer(isCausal: false).Tokenizer!.Save(Path.Combine(path, "tokenizer.json"));
        return path;
    }

    private RunEnd End(string name, TrainOptions options)
    {
        RewardTrainer.Train(options with { Output = small.File(name) }, stop: TestContext.Current.CancellationToken);
        return RunEnd.Of(small.File(name));
    }
}
