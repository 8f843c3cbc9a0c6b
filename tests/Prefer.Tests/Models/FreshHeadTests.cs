using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Tests.Torch;
using Prefer.Text;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Bodies without a reward head: refused for scoring, given a fresh head and, where it is a decoder, a pad token of its own for training.</summary>
[Collection(ProcessWide.Name)]
public sealed class FreshHeadTests : IDisposable
{
    private static readonly LoadOptions ForTraining = new() { AllowFreshHead = true };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama", "score.weight", "lm_head.weight")]
    [InlineData("gpt2", "score.weight", "lm_head.weight")]
    [InlineData("distilbert", "pre_classifier.weight, pre_classifier.bias, classifier.weight, classifier.bias", "vocab_projector.weight")]
    [InlineData("bert", "classifier.weight, classifier.bias", "cls.predictions.bias")]
    [InlineData("roberta", "classifier.dense.weight, classifier.dense.bias, classifier.out_proj.weight, classifier.out_proj.bias", "lm_head.bias")]
    [InlineData("electra", "classifier.dense.weight, classifier.dense.bias, classifier.out_proj.weight, classifier.out_proj.bias", "discriminator_predictions.dense.bias")]
    [InlineData("deberta-v2", "pooler.dense.weight, pooler.dense.bias, classifier.weight, classifier.bias", "lm_predictions.lm_head.bias")]
    // The masked language model's head begins as the reward's does, and is taken over, as Hugging Face does.
    [InlineData("modernbert", "classifier.weight, classifier.bias", "decoder.bias")]
    public void A_body_is_refused_for_scoring_and_gets_a_named_fresh_head_for_training(string family, string missing, string extra)
    {
        var body = HeadlessModel.Write(folder.File("body"), family, extra);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(body));
        Assert.Equal($"{body}: has no reward head (missing: {missing}), so its rewards would mean nothing. Train one with prefer train --model {body}.", error.Message);

        using var model = RewardModel.Load(body, ForTraining);
        Assert.Equal([$"The reward head is fresh, drawn at random: {missing}.", $"Weights in the file that a reward model does not use: {extra}."], model.Notices);
        model.Save(folder.File("saved"));
        using var reloaded = RewardModel.Load(folder.File("saved"));
        Assert.Empty(reloaded.Notices);
        Assert.Equal(Score(model), Score(reloaded));
    }

    [Fact]
    public void The_head_is_drawn_from_the_seed()
    {
        var body = HeadlessModel.Write(folder.File("body"), "llama");
        float[] Head(ulong seed)
        {
            TorchRuntime.ManualSeed(seed);
            using var model = RewardModel.Load(body, ForTraining);
            return model.Parameters["score.weight"].ToArray<float>();
        }

        Assert.Equal(Head(1), Head(1));
        Assert.NotEqual(Head(1), Head(2));
        Assert.InRange(Head(1).Select(value => value * value).Average(), 0.01 * 0.01, 0.03 * 0.03);
    }

    [Theory]
    [InlineData("the end token")]
    [InlineData("none")]
    public void A_decoder_whose_pad_token_is(string pad)
    {
        var body = Body(config => config["pad_token_id"] = pad == "none" ? null : config["eos_token_id"]!.DeepClone(), "<|endoftext|>");

        using var model = RewardModel.Load(body, ForTraining);

        // gets a new one behind the last, with a row of zeros in the embedding.
        var last = model.Tokenizer!.LargestId;
        Assert.Equal((last, "<|pad|>"), (model.PadTokenId!.Value, model.Tokenizer.IdToToken(last)));
        Assert.NotEqual(model.EndTokenId, model.PadTokenId);
        using (var before = SafetensorsFile.Open(Path.Combine(body, "model.safetensors")))
        {
            var embedding = model.Parameters["model.embed_tokens.weight"];
            Assert.Equal([before.Entries["model.embed_tokens.weight"].Shape[0] + 1, 48], embedding.Shape.ToArray());
            Assert.Equal(before.Read("model.embed_tokens.weight").ToArray<float>(), embedding.ToArray<float>()[..^48]);
            Assert.All(embedding.ToArray<float>()[^48..], value => Assert.Equal(0, value));
        }
        Assert.Equal(["The reward head is fresh, drawn at random: score.weight."], model.Notices);
        Assert.True(model.Encoder.Options.AppendEndToken);

        model.Save(folder.File("saved"));
        using var reloaded = RewardModel.Load(folder.File("saved"));
        Assert.Equal(model.Score("Say hello.", "Hello!"), reloaded.Score("Say hello.", "Hello!"));
        Assert.Equal((model.PadTokenId, last), (reloaded.PadTokenId, reloaded.Tokenizer!.LargestId));
        Assert.Equal("<|pad|>", (string)JsonNode.Parse(File.ReadAllText(folder.File("saved/tokenizer_config.json")))!["pad_token"]!);
        Assert.Equal(last + 1, (int)JsonNode.Parse(File.ReadAllText(folder.File("saved/config.json")))!["vocab_size"]!);
    }

    [Theory]
    [InlineData("<pad>")]
    [InlineData("[PAD]")]
    [InlineData("<|finetune_right_pad_id|>")]
    public void A_pad_token_that_the_tokenizer_has_is_used(string name)
    {
        var body = Body(config => config["pad_token_id"] = config["eos_token_id"]!.DeepClone(), "<|endoftext|>", name);

        using var model = RewardModel.Load(body, ForTraining);

        Assert.Equal(1, model.PadTokenId);
        Assert.Equal(model.Tokenizer!.LargestId + 1, model.Parameters["model.embed_tokens.weight"].Shape[0]);
        Assert.Equal(name, model.TokenizerFiles.SpecialTokens()["pad_token"]);
    }

    [Fact]
    public void A_spare_row_of_the_embedding_is_used_before_one_is_added()
    {
        // As many published models have them: rows up to a multiple of 64.
        var body = Body(config => (config["pad_token_id"], config["vocab_size"]) = (null, 320), "<|endoftext|>");

        using var model = RewardModel.Load(body, ForTraining);

        Assert.Equal(model.Tokenizer!.LargestId, model.PadTokenId);
        Assert.Equal("<|pad|>", model.Tokenizer.IdToToken(model.PadTokenId!.Value));
        Assert.Equal(320, model.Parameters["model.embed_tokens.weight"].Shape[0]);
    }

    [Fact]
    public void A_decoder_of_ids_gets_one_more_id()
    {
        var body = HeadlessModel.Write(folder.File("body"), "gpt2");

        using var model = RewardModel.Load(body, ForTraining);

        Assert.Equal((257, 256), (model.PadTokenId!.Value, model.EndTokenId!.Value));
        Assert.Equal([258, 48], model.Parameters["transformer.wte.weight"].Shape.ToArray());
    }

    [Fact]
    public void A_decoder_with_a_head_keeps_its_pad_token_and_says_where_it_reads()
    {
        using var model = RewardModel.Load(ModelFixture.Folder("gpt2"), ForTraining);

        Assert.Equal(model.EndTokenId, model.PadTokenId);
        Assert.Equal(["Pad and end are the same token, 256: the reward is read at the last token that is not 256, as Hugging Face reads it, so never at an end token."], model.Notices);
    }

    private static double Score(RewardModel model) => model.Score([new EncodedSequence([5, 6, 7, 8], [], 0)]).Single();

    /// <summary>A Llama that reads text, without a head, whose tokenizer has these special tokens, the first of them the end token.</summary>
    private string Body(Action<JsonObject> change, params string[] specialTokens)
    {
        var tokenizer = BytePairTraining.Train(["hello hello world"], new BpeTrainingOptions { VocabularySize = 260 + specialTokens.Length, SpecialTokens = [.. specialTokens] });
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder("llama"), "config.json")))!.AsObject();
        (config["vocab_size"], config["eos_token_id"], config["bos_token_id"]) = (tokenizer.LargestId + 1, 0, null);
        change(config);
        using var drawn = ModelFixture.Draw(config.ToJsonString(), DType.Float32, seed: 3);
        var body = folder.File("body");
        Directory.CreateDirectory(body);
        File.WriteAllText(Path.Combine(body, "config.json"), config.ToJsonString());
        TokenizerFiles.Fresh(tokenizer, new Dictionary<string, string> { ["eos_token"] = specialTokens[0], ["pad_token"] = specialTokens[0] }).Save(body);
        SafetensorsWriter.Write(Path.Combine(body, "model.safetensors"), drawn.Parameters.Names.Where(name => name != "score.weight").Select(name => (name, drawn.Parameters[name])));
        return body;
    }
}
