using Prefer.Models;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>A folder that Prefer wrote is refused when its rewards do not come back.</summary>
[Collection(ProcessWide.Name)]
public sealed class ProbeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void An_untouched_folder_loads_and_rewards_as_before(string family)
    {
        using var model = SmallTextModel.Create(family, folder.Path);
        model.Save(folder.File("saved"));
        using var loaded = RewardModel.Load(folder.File("saved"));

        Assert.Equal(model.Score("Say hello.", "Hello!"), loaded.Score("Say hello.", "Hello!"));
        Assert.Equal(model.Encoder.Options, loaded.Encoder.Options);
        Assert.Empty(loaded.Notices);
    }

    [Theory]
    [InlineData("llama", "score.weight")]
    [InlineData("distilbert", "classifier.weight")]
    [InlineData("distilbert", "classifier.bias")]
    [InlineData("llama", "model.layers.1.mlp.up_proj.weight")]
    public void Changed_weights_are_refused(string family, string name)
    {
        var saved = SmallTextModel.Write(family, folder.Path);
        Change(saved, name, weight => (weight * 1.05) + 0.05);

        Refused(saved);
    }

    [Theory]
    [InlineData("llama", "score.weight")]
    [InlineData("distilbert", "distilbert.embeddings.LayerNorm.weight")]
    public void Weights_that_are_no_numbers_are_refused(string family, string name)
    {
        var saved = SmallTextModel.Write(family, folder.Path);
        Change(saved, name, weight => weight * double.NaN);

        Refused(saved, "and NaN now");
    }

    [Theory]
    [InlineData("llama", "score.weight")]
    [InlineData("distilbert", "classifier.weight")]
    public void A_lost_head_is_refused(string family, string name)
    {
        var saved = SmallTextModel.Write(family, folder.Path);
        HeadlessModel.Rewrite(Weights(saved), Weights(saved), weights => weights.Where(weight => weight.Name != name));

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.Equal($"{saved}: has no reward head (missing: {name}), so its rewards would mean nothing. Train one with prefer train --model {saved}.", error.Message);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void Another_tokenizer_of_the_same_size_is_refused(string family)
    {
        var saved = SmallTextModel.Write(family, folder.Path);
        SmallTextModel.Tokenizer(family == "llama", seed: 4).Save(saved);

        Refused(saved);
    }

    [Theory]
    [InlineData("llama", "mode", "concat")]
    [InlineData("distilbert", "mode", "template")]
    [InlineData("distilbert", "mode", "concat")]
    [InlineData("llama", "append_end_token", "false")]
    [InlineData("llama", "max_length", "20")]
    public void Another_way_of_encoding_is_refused(string family, string key, string value)
    {
        var saved = SmallTextModel.Write(family, folder.Path);
        SmallTextModel.Edit(Path.Combine(saved, "prefer.json"), json => json["encoding"]![key] = bool.TryParse(value, out var truth) ? truth : int.TryParse(value, null, out var number) ? number : value);

        Refused(saved);
    }

    [Fact]
    public void A_template_that_is_not_there_is_named()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        SmallTextModel.Edit(Path.Combine(saved, "prefer.json"), json => json["encoding"]!["template"] = "chatml");

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.Equal($"{saved}: prefer.json names the template chatml; this version has plain and chat", error.Message);
    }

    [Fact]
    public void Options_that_change_the_encoding_skip_the_probe()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);

        using var concatenating = RewardModel.Load(saved, new LoadOptions { EncodingMode = EncodingMode.Concat, MaxLength = 20 });

        Assert.Equal((EncodingMode.Concat, 20, true), (concatenating.Encoder.Options.Mode, concatenating.Encoder.Options.MaxLength, concatenating.Encoder.Options.AppendEndToken));
    }

    [Fact]
    public void Without_its_record_a_folder_is_a_foreign_one()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        Change(saved, "score.weight", weight => weight * 2);
        File.Delete(Path.Combine(saved, "prefer.json"));

        using var foreign = RewardModel.Load(saved);

        Assert.False(foreign.Encoder.Options.AppendEndToken);
    }

    [Theory]
    [InlineData("{ \"format\": 1", "not a record that Prefer wrote")]
    [InlineData("{ \"format\": 1, \"encoding\": { \"mode\": \"pair\" }, \"surprise\": 1 }", "not a record that Prefer wrote")]
    [InlineData("{ \"format\": 1, \"encoding\": { \"mode\": \"poem\" } }", "not a record that Prefer wrote")]
    [InlineData("{ \"format\": 1 }", "not a record that Prefer wrote")]
    [InlineData("{ \"format\": 2, \"encoding\": { \"mode\": \"pair\" } }", "format 2; this version reads format 1")]
    [InlineData("null", "this version reads format 1")]
    public void A_record_that_is_not_one_is_refused(string json, string message)
    {
        var saved = SmallTextModel.Write("distilbert", folder.Path);
        File.WriteAllText(Path.Combine(saved, "prefer.json"), json);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.StartsWith(Path.Combine(saved, "prefer.json"), error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static string Weights(string saved) => Path.Combine(saved, "model.safetensors");

    private static void Change(string saved, string name, Func<Tensor, Tensor> change) =>
        HeadlessModel.Rewrite(Weights(saved), Weights(saved), weights => weights.Select(weight => weight.Name == name ? (name, change(weight.Tensor)) : weight));

    private static void Refused(string saved, string detail = "when the model was saved and")
    {
        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.StartsWith($"{saved}: probe ", error.Message, StringComparison.Ordinal);
        Assert.Contains(detail, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("restore the folder, or delete prefer.json to load it as a foreign one.", error.Message, StringComparison.Ordinal);
    }
}
