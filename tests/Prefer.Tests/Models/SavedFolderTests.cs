using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>What is written: Hugging Face's names, shapes, types and config keys; whole, or not loadable.</summary>
[Collection(ProcessWide.Name)]
public sealed class SavedFolderTests : IDisposable
{
    private static readonly EncodedSequence[] Sequences = [new([5, 6, 7, 8], [], 0), new([9, 30, 11], [], 0)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("roberta")]
    [InlineData("xlm-roberta")]
    [InlineData("electra")]
    [InlineData("deberta-v2")]
    [InlineData("modernbert")]
    [InlineData("gemma2")]
    [InlineData("gemma3")]
    [InlineData("gpt2")]
    [InlineData("gpt_neox")]
    [InlineData("llama")]
    [InlineData("llama-rope-dynamic")]
    [InlineData("llama-rope-linear")]
    [InlineData("llama-rope-llama3")]
    [InlineData("llama-rope-yarn")]
    [InlineData("mistral")]
    [InlineData("olmo2")]
    [InlineData("opt")]
    [InlineData("phi3")]
    [InlineData("phi3-longrope")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    public void A_folder_in_the_newer_spelling_comes_out_in_the_older_one(string family)
    {
        using var model = RewardModel.Load(ModelFixture.Folder(family));
        model.Save(folder.File("saved"));

        var saved = JsonNode.Parse(File.ReadAllText(folder.File("saved/config.json")))!.AsObject();
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config_v4.json")))!.AsObject();
        Assert.Equal(expected.Select(pair => pair.Key).Order(StringComparer.Ordinal), saved.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        foreach (var (key, value) in expected.Where(pair => pair.Key != "transformers_version"))
        {
            Assert.True(JsonNode.DeepEquals(value, saved[key]), $"{key}: {saved[key]?.ToJsonString()}, expected {value?.ToJsonString()}");
        }
        using var before = SafetensorsFile.Open(Path.Combine(ModelFixture.Folder(family), "model.safetensors"));
        using var after = SafetensorsFile.Open(folder.File("saved/model.safetensors"));
        using var scope = new TensorScope();
        Assert.Equal(before.Entries.Keys.Order(StringComparer.Ordinal), after.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, entry) in before.Entries)
        {
            Assert.Equal((entry.DType, string.Join('x', entry.Shape)), (after.Entries[name].DType, string.Join('x', after.Entries[name].Shape)));
            Assert.Equal(before.Read(name).ToArray<float>(), after.Read(name).ToArray<float>());
        }
        using var reloaded = RewardModel.Load(folder.File("saved"));
        Assert.Equal(model.Score(Sequences), reloaded.Score(Sequences));
    }

    /// <summary>Transformers 4 knows one pattern of ModernBERT's layers; a list that does not follow it stays one.</summary>
    [Theory]
    [InlineData("full sliding full sliding", 2, false)]
    [InlineData("full sliding sliding full", 3, false)]
    [InlineData("full full full full", 1, false)]
    [InlineData("full sliding sliding sliding", 4, false)]
    [InlineData("sliding full sliding full", 3, true)]
    public void Layer_types_become_a_period_where_they_have_one(string types, int period, bool isKept)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder("modernbert"), "config.json")))!.AsObject();
        config["layer_types"] = new JsonArray([.. types.Split(' ').Select(type => (JsonNode)$"{type}_attention")]);
        config["rope_parameters"]!["sliding_attention"]!["rope_theta"] = 50.0;
        using var model = SmallTextModel.Create("modernbert", folder.Path, change: changed => (changed["layer_types"], changed["rope_parameters"]) = (config["layer_types"]!.DeepClone(), config["rope_parameters"]!.DeepClone()));
        model.Save(folder.File("saved"));

        var saved = JsonNode.Parse(File.ReadAllText(folder.File("saved/config.json")))!.AsObject();
        Assert.Equal((period, isKept), ((int)saved["global_attn_every_n_layers"]!, saved.ContainsKey("layer_types")));
        Assert.Equal((160000.0, 50.0, false), ((double)saved["global_rope_theta"]!, (double)saved["local_rope_theta"]!, saved.ContainsKey("rope_parameters")));
        using var reloaded = RewardModel.Load(folder.File("saved"));
        EncodedSequence[] sequences = [new([.. Enumerable.Range(5, 30)], [], 0)];
        Assert.Equal(model.Score(sequences), reloaded.Score(sequences));
    }

    [Theory]
    [InlineData("distilbert")]
    [InlineData("llama")]
    public void A_fresh_model_s_folder_has_the_names_shapes_and_keys_of_its_family(string family)
    {
        using var model = SmallTextModel.Create(family, folder.Path);
        model.Save(folder.File("saved"));

        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config_v4.json")))!.AsObject();
        Assert.Equal(expected.Select(pair => pair.Key).Order(StringComparer.Ordinal), Keys(folder.File("saved")));
        using var recorded = SafetensorsFile.Open(Path.Combine(ModelFixture.Folder(family), "model.safetensors"));
        using var saved = SafetensorsFile.Open(folder.File("saved/model.safetensors"));
        Assert.Equal(recorded.Entries.Keys.Order(StringComparer.Ordinal), saved.Entries.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, entry) in saved.Entries)
        {
            // The vocabulary is the tokenizer's.
            var rows = entry.Shape[0] == model.Config.Count("vocab_size") ? recorded.Entries[name].Shape[0] : entry.Shape[0];
            Assert.Equal((DType.Float32, string.Join('x', recorded.Entries[name].Shape)), (entry.DType, string.Join('x', entry.Shape[1..].Prepend(rows))));
        }
    }

    [Theory]
    [InlineData("new:distilbert-mini", "distilbert")]
    [InlineData("new:llama-mini", "llama")]
    public void A_preset_has_the_config_keys_of_its_family(string preset, string family)
    {
        using var model = FreshModel.Create(preset, SmallTextModel.Tokenizer(family == "llama"), 1, new LoadOptions { AllowFreshHead = true });
        model.Save(folder.File("saved"));

        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config_v4.json")))!.AsObject();
        Assert.Equal(expected.Select(pair => pair.Key).Order(StringComparer.Ordinal), Keys(folder.File("saved")));
    }

    [Fact]
    public void Shards_come_back_and_a_smaller_model_replaces_them()
    {
        var saved = folder.File("saved");
        using var model = RewardModel.Load(ModelFixture.Folder("llama"));
        model.Save(saved, null, null, shardBytes: 50_000);

        var shards = Directory.GetFiles(saved, "model-*.safetensors");
        Assert.True(shards.Length > 2);
        Assert.False(File.Exists(Path.Combine(saved, "model.safetensors")));
        Assert.All(shards, shard => Assert.Matches($@"model-0000\d-of-0000{shards.Length}\.safetensors$", shard));
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "model.safetensors.index.json")))!;
        Assert.Equal(model.Parameters.Names.Sum(name => 4 * model.Parameters[name].ElementCount), (long)index["metadata"]!["total_size"]!);
        Assert.Equal(model.Parameters.Names.Order(), index["weight_map"]!.AsObject().Select(pair => pair.Key).Order());
        using (var reloaded = RewardModel.Load(saved))
        {
            Assert.Equal(model.Score(Sequences), reloaded.Score(Sequences));
        }

        model.Save(saved);
        Assert.Equal(["config.json", "model.safetensors", "prefer.json"], Directory.EnumerateFileSystemEntries(saved).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_that_lacks_any_of_its_files_does_not_load_as_another_model()
    {
        var saved = folder.File("saved");
        using var model = RewardModel.Load(ModelFixture.Folder("llama"));
        model.Save(saved, null, null, shardBytes: 50_000);

        foreach (var file in Directory.GetFiles(saved).Where(file => Path.GetFileName(file) != "prefer.json"))
        {
            File.Move(file, folder.File("taken"));
            Assert.Throws<ModelException>(() => RewardModel.Load(saved));
            File.Move(folder.File("taken"), file);
        }
        using var whole = RewardModel.Load(saved);
    }

    [Fact]
    public void A_save_that_is_cut_off_leaves_no_folder_that_loads_and_no_temporary()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        using var other = SmallTextModel.Create("llama", folder.Path, seed: 2);
        // The last thing that is moved into place cannot be.
        File.Delete(Path.Combine(saved, "model.safetensors"));
        Directory.CreateDirectory(Path.Combine(saved, "model.safetensors", "in the way"));

        Assert.ThrowsAny<Exception>(() => other.Save(saved));

        Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(saved), path => Path.GetFileName(path).StartsWith('.'));
    }

    [Fact]
    public void A_tokenizer_of_another_model_is_refused()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        SmallTextModel.Tokenizer(isCausal: true, size: 288).Save(saved);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.Contains("the model's vocabulary ids up to 279. The tokenizer belongs to another model.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_maximum_length_beyond_the_positions_is_refused()
    {
        var saved = SmallTextModel.Write("distilbert", folder.Path);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved, new LoadOptions { MaxLength = 65 }));
        Assert.Equal($"{saved}: a maximum length of 65 tokens was asked for, but the model has 64 positions. Ask for 64 or fewer.", error.Message);
    }

    [Theory]
    [InlineData("{ \"pad_token\":")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_tokenizer_config_that_is_no_object_is_named(string text)
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        File.WriteAllText(Path.Combine(saved, "tokenizer_config.json"), text);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
        Assert.StartsWith($"{Path.Combine(saved, "tokenizer_config.json")}: not a JSON object: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenizer_files_are_carried_along_byte_for_byte()
    {
        var saved = SmallTextModel.Write("distilbert", folder.Path);
        File.WriteAllText(Path.Combine(saved, "special_tokens_map.json"), "{ \"pad_token\"   : \"[PAD]\" }\n\n");
        using var model = RewardModel.Load(saved);

        model.Save(folder.File("again"));

        foreach (var file in new[] { "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(saved, file)), File.ReadAllBytes(folder.File($"again/{file}")));
        }
    }

    [Theory]
    [InlineData("distilbert", EncodingMode.Pair, true, "an end token cannot be appended to pairs")]
    [InlineData("distilbert", EncodingMode.Concat, true, "config.json names none (eos_token_id)")]
    [InlineData("llama", EncodingMode.Pair, false, "the tokenizer puts no special token between the texts of a pair")]
    public void Ways_of_encoding_that_cannot_be_are_refused(string family, EncodingMode mode, bool append, string message)
    {
        var saved = SmallTextModel.Write(family, folder.Path);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved, new LoadOptions { EncodingMode = mode, AppendEndToken = append }));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Keys(string saved) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "config.json")))!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal);
}
