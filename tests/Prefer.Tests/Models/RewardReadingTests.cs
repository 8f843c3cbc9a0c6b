using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Heads with several labels. Each label's logit is held against a model with one label that has only that row of the head.</summary>
[Collection(ProcessWide.Name)]
public sealed class RewardReadingTests : IDisposable
{
    private static readonly EncodedSequence[] Sequences = [new([5, 6, 7, 8], [], 0), new([9, 30, 11], [], 0), new([4, 4], [], 0)];
    private static readonly string[] Attributes = ["helpfulness", "correctness", "verbosity"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama", "correctness", null, 0.0, 1.0, 0.0)]
    [InlineData("bert", "2", null, 0.0, 0.0, 1.0)]
    [InlineData("distilbert", "Helpfulness", null, 1.0, 0.0, 0.0)]
    [InlineData("gpt2", null, "helpfulness=0.7, verbosity=-0.25", 0.7, 0.0, -0.25)]
    [InlineData("bert", null, "0=1,1=1e-1,2=3", 1.0, 0.1, 3.0)]
    public void The_reward_is_the_asked_for_combination(string family, string? label, string? weights, params double[] expected)
    {
        var path = Labelled(family, Attributes);
        using var model = RewardModel.Load(path, new LoadOptions { RewardLabel = label, RewardWeights = weights });

        Assert.Equal(expected, model.Reading!.Weights);
        Check(family, expected, model);
        Assert.DoesNotContain(model.Notices, notice => notice.Contains("label", StringComparison.Ordinal));

        model.Save(folder.File("saved"));

        using var reloaded = RewardModel.Load(folder.File("saved"));
        Assert.True(reloaded.Reading!.SameAs(model.Reading));
        Assert.Equal(model.Score(Sequences), reloaded.Score(Sequences));
        var config = JsonNode.Parse(File.ReadAllText(folder.File("saved/config.json")))!;
        Assert.Equal("""{"0":"helpfulness","1":"correctness","2":"verbosity"}""", config["id2label"]!.ToJsonString());
        Assert.Equal("""{"helpfulness":0,"correctness":1,"verbosity":2}""", config["label2id"]!.ToJsonString());
        using var saved = SafetensorsFile.Open(folder.File("saved/model.safetensors"));
        Assert.Equal([3, 48], saved.Entries[reloaded.Parameters.Names.Single(name => name is "score.weight" or "classifier.weight")].Shape);
    }

    [Theory]
    [InlineData("LABEL_0", "LABEL_1", -1, 1, "; their names do not tell which is the better one, so the second is taken for it")]
    [InlineData("NEGATIVE", "POSITIVE", -1, 1, "")]
    [InlineData("positive", "negative", 1, -1, "")]
    [InlineData("chosen", "other", 1, -1, "")]
    [InlineData("other", "toxic", 1, -1, "")]
    public void Of_two_labels_the_reward_is_the_difference(string first, string second, double firstWeight, double secondWeight, string reason)
    {
        using var model = RewardModel.Load(Labelled("bert", first, second));

        Check("bert", [firstWeight, secondWeight], model);
        var (better, worse) = firstWeight > 0 ? (first, second) : (second, first);
        Assert.Equal([$"The head has two labels: the reward is the logit of {better} minus that of {worse}{reason}. --reward-label or --reward-weights says otherwise."], model.Notices);
    }

    [Fact]
    public void Labels_that_the_config_does_not_name_are_counted_in_the_weights()
    {
        // Hugging Face leaves two labels with its own names out of the config.
        var path = Labelled("llama", "a", "b");
        FolderCopy.EditConfig(path, config => (config.Remove("id2label"), config.Remove("label2id")).ToString());

        using var model = RewardModel.Load(path, new LoadOptions { RewardLabel = "LABEL_1" });

        Check("llama", [0, 1], model);
    }

    [Fact]
    public void Several_labels_without_a_choice_are_refused()
    {
        var path = Labelled("llama", Attributes);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path));
        Assert.Equal(
            $"{path}: the head has 3 labels (helpfulness, correctness, verbosity), and which of them is the reward is for you to say: --reward-label NAME, or --reward-weights NAME=WEIGHT,NAME=WEIGHT.",
            error.Message);
    }

    [Theory]
    [InlineData("honesty", null, "--reward-label: found 'honesty', but the head of {folder} has 3 labels (helpfulness, correctness, verbosity). Give one of these names, or a number from 0.")]
    [InlineData("3", null, "--reward-label: found '3'")]
    [InlineData(null, "helpfulness", "--reward-weights: found 'helpfulness', expected NAME=WEIGHT, such as helpfulness=0.5")]
    [InlineData(null, "helpfulness=much", "--reward-weights: found 'helpfulness=much'")]
    [InlineData(null, "helpfulness=NaN", "--reward-weights: found 'helpfulness=NaN'")]
    [InlineData(null, "helpfulness=1,0=2", "--reward-weights: helpfulness stands there twice.")]
    [InlineData(null, "helpfulness=0", "--reward-weights: all weights are 0")]
    [InlineData("0", "helpfulness=1", "--reward-label and --reward-weights were both given")]
    public void Choices_that_cannot_be_are_refused(string? label, string? weights, string message)
    {
        var path = Labelled("llama", Attributes);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path, new LoadOptions { RewardLabel = label, RewardWeights = weights }));
        Assert.StartsWith(message.Replace("{folder}", path, StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recorded_reading_is_guarded_by_the_probe_and_replaced_by_a_choice()
    {
        using (var model = RewardModel.Load(Labelled("llama", Attributes), new LoadOptions { RewardLabel = "helpfulness" }))
        {
            model.Save(folder.File("saved"));
        }
        using (var other = RewardModel.Load(folder.File("saved"), new LoadOptions { RewardLabel = "verbosity" }))
        {
            Check("llama", [0, 0, 1], other);
        }
        var record = folder.File("saved/prefer.json");
        SmallTextModel.Edit(record, json => json["reading"]!["weights"] = new JsonArray(0, 1, 0));
        Assert.Contains("probe 1 of prefer.json was rewarded", Assert.Throws<ModelException>(() => RewardModel.Load(folder.File("saved"))).Message, StringComparison.Ordinal);

        SmallTextModel.Edit(record, json => json["reading"]!["labels"] = new JsonArray("a", "b", "c"));
        Assert.Contains("prefer.json reads the labels a, b, c", Assert.Throws<ModelException>(() => RewardModel.Load(folder.File("saved"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_moves_the_labels_that_are_in_the_reward()
    {
        var path = Labelled("llama", Attributes);
        File.WriteAllLines(folder.File("data.jsonl"), Enumerable.Range(0, 8).Select(index => $$"""{"chosen_ids": [5, {{10 + index}}, 7], "rejected_ids": [5, {{40 + index}}, 9]}"""));

        RewardTrainer.Train(new TrainOptions
        {
            Model = path, Data = [folder.File("data.jsonl")], Output = folder.File("run"), MaxSteps = 3, BatchSize = 4, LearningRate = 1e-2, RewardWeights = "helpfulness=1,verbosity=-0.5",
        }, null, TestContext.Current.CancellationToken);

        using var before = RewardModel.Load(path, new LoadOptions { RewardLabel = "0" });
        using var after = RewardModel.Load(folder.File("run"));
        Assert.Equal([1, 0, -0.5], after.Reading!.Weights);
        var (old, now) = (before.Parameters["score.weight"].ToArray<float>(), after.Parameters["score.weight"].ToArray<float>());
        Assert.NotEqual(old[..48], now[..48]);
        Assert.Equal(old[48..96], now[48..96]);
        Assert.NotEqual(old[96..], now[96..]);
    }

    [Fact]
    public void A_fresh_head_has_one_label_whatever_the_config_of_the_body_says()
    {
        var path = HeadlessModel.Write(folder.File("body"), "llama");
        FolderCopy.EditConfig(path, config => config["id2label"] = new JsonObject { ["0"] = "LABEL_0", ["1"] = "LABEL_1" });

        using var model = RewardModel.Load(path, new LoadOptions { AllowFreshHead = true });

        Assert.Equal([1, 48], model.Parameters["score.weight"].Shape.ToArray());
        model.Save(folder.File("saved"));
        Assert.Equal("""{"0":"LABEL_0"}""", JsonNode.Parse(File.ReadAllText(folder.File("saved/config.json")))!["id2label"]!.ToJsonString());
    }

    /// <summary>A recorded folder with a head of these labels, each with a row of its own.</summary>
    private string Labelled(string family, params string[] labels)
    {
        var path = FolderCopy.Of(family, folder.File("labelled"), weights => weights.Select(weight => IsHead(weight.Name)
            ? (weight.Name, Tensor.Cat([.. labels.Select((_, index) => Row(weight.Tensor, index))]))
            : weight).ToList());
        FolderCopy.EditConfig(path, config =>
        {
            config["id2label"] = new JsonObject(labels.Select((label, index) => KeyValuePair.Create($"{index}", (JsonNode?)label)));
            config["label2id"] = new JsonObject(labels.Select((label, index) => KeyValuePair.Create(label, (JsonNode?)index)));
        });
        return path;
    }

    private void Check(string family, double[] weights, RewardModel model)
    {
        var logits = weights.Select((_, index) =>
        {
            using var single = RewardModel.Load(FolderCopy.Of(family, folder.File($"row{index}"), all => all.Select(weight => IsHead(weight.Name) ? (weight.Name, Row(weight.Tensor, index)) : weight).ToList()));
            return single.Score(Sequences).ToArray();
        }).ToArray();
        double[] expected = [.. Sequences.Select((_, sequence) => weights.Select((weight, index) => weight * logits[index][sequence]).Sum())];
        Assert.Equal(0, Deviation.OfLargest(expected, [.. model.Score(Sequences)]), 1e-6);
    }

    /// <summary>The weight or bias of label n: another one for each, so that none can be taken for another.</summary>
    private static Tensor Row(Tensor head, int index) => (head * (1 + index)) + (0.01 * index);

    private static bool IsHead(string name) => name is "score.weight" or "classifier.weight" or "classifier.bias";
}
