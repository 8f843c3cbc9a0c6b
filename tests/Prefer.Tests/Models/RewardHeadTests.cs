using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Heads other than Hugging Face's: value heads, heads under other names. Their rewards against those of the same weights in a known layout.</summary>
[Collection(ProcessWide.Name)]
public sealed class RewardHeadTests : IDisposable
{
    private const double Bias = 0.375;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Families => ["llama", "gpt2"];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_value_head_among_the_weights_is_read_at_the_last_token(string family)
    {
        var path = ValueHead(family, apart: false);

        using var model = RewardModel.Load(path);

        Assert.Equal("The reward is that of the value head (v_head), read at the last token.", model.Notices[0]);
        CheckValues(family, model);
        // The end token is the pad token of many such models, and the reward is read there.
        Assert.Equal(3, model.PooledPosition([5, 6, 7, model.PadTokenId!.Value]));
        Assert.Null(model.Reading);
    }

    [Theory]
    [InlineData("llama", "v_head.summary.weight")]
    [InlineData("gpt2", "v_head.summary.weight")]
    [InlineData("llama", "summary.weight")]
    public void A_value_head_in_a_file_of_its_own_is_read_and_saved_there(string family, string spelling)
    {
        var path = ValueHead(family, apart: true, spelling[..spelling.IndexOf("summary", StringComparison.Ordinal)]);
        using var model = RewardModel.Load(path);
        CheckValues(family, model);

        model.Save(folder.File("saved"));

        using var head = SafetensorsFile.Open(folder.File("saved/value_head.safetensors"));
        Assert.Equal(["v_head.summary.bias", "v_head.summary.weight"], head.Entries.Keys.Order(StringComparer.Ordinal));
        using var body = SafetensorsFile.Open(folder.File("saved/model.safetensors"));
        Assert.DoesNotContain(body.Entries.Keys, name => name.StartsWith("v_head", StringComparison.Ordinal));
        Assert.Equal(family == "llama", body.Entries.ContainsKey("lm_head.weight"));
        CheckReload(model, folder.File("saved"));
    }

    [Fact]
    public void A_value_head_is_saved_with_its_language_model()
    {
        using var model = RewardModel.Load(ValueHead("llama", apart: false));
        model.Save(folder.File("saved"));

        Assert.False(File.Exists(folder.File("saved/value_head.safetensors")));
        var config = JsonNode.Parse(File.ReadAllText(folder.File("saved/config.json")))!;
        Assert.Equal("LlamaForCausalLM", (string)config["architectures"]![0]!);
        CheckReload(model, folder.File("saved"));
        using var before = LanguageModel.Load(folder.File("valued"));
        using var after = LanguageModel.Load(folder.File("saved"));
        Assert.Equal(before.LogProbs([Ids(5, 6, 7, 8)]).Single(), after.LogProbs([Ids(5, 6, 7, 8)]).Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_value_head_that_was_changed_or_lost_is_refused(bool apart)
    {
        using (var model = RewardModel.Load(ValueHead("llama", apart)))
        {
            model.Save(folder.File("saved"));
        }
        var file = folder.File(apart ? "saved/value_head.safetensors" : "saved/model.safetensors");
        HeadlessModel.Rewrite(file, file, weights => weights.Select(weight => weight.Name == "v_head.summary.bias" ? (weight.Name, weight.Tensor + 1) : weight));
        Assert.Contains("probe 1 of prefer.json was rewarded", Assert.Throws<ModelException>(() => RewardModel.Load(folder.File("saved"))).Message, StringComparison.Ordinal);

        HeadlessModel.Rewrite(file, file, weights => weights.Where(weight => !weight.Name.StartsWith("v_head", StringComparison.Ordinal)));
        Assert.Contains("has no reward head", Assert.Throws<ModelException>(() => RewardModel.Load(folder.File("saved"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_head_is_trained_and_stays_one()
    {
        var path = ValueHead("llama", apart: true);
        File.WriteAllLines(folder.File("data.jsonl"), Enumerable.Range(0, 8).Select(index => $$"""{"chosen_ids": [5, {{10 + index}}, 7], "rejected_ids": [5, {{40 + index}}, 9]}"""));

        RewardTrainer.Train(new TrainOptions { Model = path, Data = [folder.File("data.jsonl")], Output = folder.File("run"), MaxSteps = 3, BatchSize = 4, LearningRate = 1e-2, SaveSteps = 2 }, null, TestContext.Current.CancellationToken);

        using var before = RewardModel.Load(path);
        using var after = RewardModel.Load(folder.File("run"));
        Assert.True(File.Exists(folder.File("run/value_head.safetensors")));
        Assert.Equal(before.Parameters.Names, after.Parameters.Names);
        Assert.NotEqual(before.Parameters["v_head.summary.weight"].ToArray<float>(), after.Parameters["v_head.summary.weight"].ToArray<float>());
        Assert.Equal(before.Parameters.Carried["lm_head.weight"].ToArray<float>(), after.Parameters.Carried["lm_head.weight"].ToArray<float>());
    }

    [Fact]
    public void A_value_head_that_only_a_pickle_holds_is_refused_for_training_too()
    {
        var path = HeadlessModel.Write(folder.File("body"), "llama");
        File.WriteAllBytes(Path.Combine(path, "value_head.bin"), [0x80]);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path, new LoadOptions { AllowFreshHead = true }));
        Assert.Equal($"{path}: the value head is in value_head.bin, which is read by running what it contains. Convert it to value_head.safetensors first.", error.Message);
    }

    [Theory]
    [InlineData("value_head.weight", null)]
    [InlineData("regression_head.weight", null)]
    [InlineData("reward_head.weight", null)]
    [InlineData("v_head.weight", null)]
    [InlineData("my_head.weight", "my_head")]
    public void A_head_under_another_name_is_read_at_the_last_token_and_saved_as_score(string name, string? prefix)
    {
        var path = FolderCopy.Of("llama", folder.File("named"), weights => weights.Select(weight => weight.Name == "score.weight" ? (name, weight.Tensor) : weight));
        FolderCopy.EditConfig(path, config => config["value_head_prefix"] = prefix);
        using var model = RewardModel.Load(path);
        using var known = RewardModel.Load(LastToken("llama"));
        var sequences = Sequences(model);
        Assert.Equal([$"The reward head is {name}, read at the last token; a saved model has it as score."], model.Notices);
        Assert.Equal(known.Score(sequences), model.Score(sequences));

        model.Save(folder.File("saved"));

        var record = JsonNode.Parse(File.ReadAllText(folder.File("saved/prefer.json")))!["reading"]!;
        Assert.True((bool)record["reads_last_token"]!);
        using var weights = SafetensorsFile.Open(folder.File("saved/model.safetensors"));
        Assert.Contains("score.weight", weights.Entries.Keys);
        CheckReload(model, folder.File("saved"));
    }

    [Fact]
    public void Normalised_rewards_are_refused()
    {
        var path = FolderCopy.Of("llama", folder.File("normal"));
        FolderCopy.EditConfig(path, config => config["normalize_reward"] = true);

        Assert.Contains("normalize_reward is true", Assert.Throws<ModelException>(() => RewardModel.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_not_chosen_of_a_value_head()
    {
        var path = ValueHead("llama", apart: true);
        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path, new LoadOptions { RewardLabel = "0" }));
        Assert.Equal($"{path}: --reward-label and --reward-weights choose among labels, and a value head (v_head) has none: it gives one number.", error.Message);
    }

    /// <summary>A recorded folder as TRL and LLaMA-Factory write it: its score as a value head with a bias, beside a language model's head.</summary>
    private string ValueHead(string family, bool apart, string prefix = "v_head.")
    {
        using var scope = new TensorScope();
        using var random = ModelFixture.Draw(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config.json")), DType.Float32, seed: 8);
        var path = folder.File("valued");
        (string, Tensor)[] head = [];
        FolderCopy.Of(family, path, weights =>
        {
            var all = weights.ToList();
            head = [($"{prefix}summary.weight", TensorScope.Release(all.Single(weight => weight.Name == "score.weight").Tensor.Clone())), ($"{prefix}summary.bias", TensorScope.Release(Tensor.Full([1], Bias)))];
            // GPT-2's head is tied.
            var lm = family == "llama" ? [("lm_head.weight", random.Parameters[random.Family.TokenEmbedding].Detach())] : Array.Empty<(string, Tensor)>();
            return all.Where(weight => weight.Name != "score.weight").Concat(lm).Concat(apart ? [] : head).ToList();
        });
        if (apart)
        {
            SafetensorsWriter.Write(Path.Combine(path, "value_head.safetensors"), head);
        }
        foreach (var (_, tensor) in head)
        {
            tensor.Dispose();
        }
        FolderCopy.EditConfig(path, config => config["architectures"] = new JsonArray(family == "llama" ? "LlamaForCausalLM" : "GPT2LMHeadModel"));
        return path;
    }

    /// <summary>A recorded folder whose config names no pad token, so that Hugging Face's way of pooling reads the last token.</summary>
    private string LastToken(string family)
    {
        var path = FolderCopy.Of(family, folder.File("last"));
        FolderCopy.EditConfig(path, config => config["pad_token_id"] = null);
        return path;
    }

    private void CheckValues(string family, RewardModel model)
    {
        using var known = RewardModel.Load(LastToken(family));
        var sequences = Sequences(model);
        foreach (var (reward, value) in known.Score(sequences).Zip(model.Score(sequences)))
        {
            Assert.Equal(reward + Bias, value, 1e-6);
        }
        // And the recorded rewards, where a sequence does not end in the pad token.
        var golden = new Golden(family).Case("padded_batch");
        var found = model.Score(golden.Batch.Sequences().Select(ids => Ids(ids))).ToArray();
        Assert.Equal(0, Deviation.OfLargest([.. golden.Logits.Select(logit => logit + Bias)], found), 1e-5);
    }

    private static void CheckReload(RewardModel model, string saved)
    {
        using var reloaded = RewardModel.Load(saved);
        Assert.Equal(4, JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "prefer.json")))!["probe"]!.AsArray().Count);
        Assert.Equal(model.Score(Sequences(model)), reloaded.Score(Sequences(reloaded)));
    }

    private static EncodedSequence[] Sequences(RewardModel model) =>
        [Ids(5, 6, 7, 8), Ids(9, 30, 11), Ids(5, 6, 7, model.PadTokenId!.Value), Ids(12, model.PadTokenId!.Value, model.PadTokenId!.Value)];

    private static EncodedSequence Ids(params int[] ids) => new([.. ids], [], 0);
}
