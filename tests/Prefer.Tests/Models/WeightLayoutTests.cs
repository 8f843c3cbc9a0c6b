using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Weight files as they are found: each way of naming, splitting and storing them rewards as the plain file does.</summary>
[Collection(ProcessWide.Name)]
public sealed class WeightLayoutTests : IDisposable
{
    private static readonly EncodedSequence[] Sequences = [new([5, 6, 7, 8], [], 0), new([9, 30, 11], [], 0), new([4, 4], [], 0)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama", "module.{0}")]
    [InlineData("llama", "_orig_mod.{0}")]
    [InlineData("llama", "module._orig_mod.{0}")]
    [InlineData("llama", "base_model.model.{0}")]
    [InlineData("llama", "pretrained_model.{0}")]
    [InlineData("llama", "model.{0}")]
    [InlineData("bert", "model.{0}")]
    [InlineData("bert", "bert.{0}")]
    [InlineData("gpt2", "module.{0}")]
    [InlineData("gpt2", "transformer.{0}")]
    [InlineData("distilbert", "_orig_mod.{0}")]
    public void Wrappers_around_all_names_are_looked_through(string family, string form)
    {
        // A body's own prefix twice stands before the body's names only.
        var isPrefix = form is "bert.{0}" or "transformer.{0}";
        Check(family, name => isPrefix && !name.StartsWith(form[..^3], StringComparison.Ordinal) ? name : string.Format(null, form, name));
    }

    [Theory]
    [InlineData("llama", ".layers.0.", ".layers.0._fsdp_wrapped_module.")]
    [InlineData("llama", "model.", "_fsdp_wrapped_module.model.")]
    [InlineData("bert", ".layer.1.", ".layer.1._checkpoint_wrapped_module.")]
    [InlineData("gpt2", "transformer.h.1.", "transformer._orig_mod.h.1._orig_mod.")]
    [InlineData("bert", "LayerNorm.weight", "LayerNorm.gamma")]
    [InlineData("bert", "LayerNorm.bias", "LayerNorm.beta")]
    [InlineData("llama", "model.", "")]
    [InlineData("gpt2", "transformer.", "")]
    [InlineData("bert", "bert.", "")]
    [InlineData("distilbert", "distilbert.", "")]
    public void Parts_of_names_that_were_put_in_changed_or_left_out_are_looked_through(string family, string part, string instead) =>
        Check(family, name => name.Replace(part, instead, StringComparison.Ordinal));

    [Fact]
    public void Shards_may_have_wrapped_names()
    {
        var path = FolderCopy.Of("llama", folder.File("sharded"));
        var map = new JsonObject();
        using (var scope = new TensorScope())
        {
            using var whole = SafetensorsFile.Open(Path.Combine(path, "model.safetensors"));
            foreach (var (shard, names) in whole.Entries.Keys.Order(StringComparer.Ordinal).GroupBy(name => name.Length % 3).ToDictionary(group => $"model-{group.Key + 1:d5}-of-00003.safetensors"))
            {
                SafetensorsWriter.Write(Path.Combine(path, shard), names.Select(name => ($"module.{name}", whole.Read(name))));
                foreach (var name in names)
                {
                    map[$"module.{name}"] = shard;
                }
            }
        }
        File.Delete(Path.Combine(path, "model.safetensors"));
        File.WriteAllText(Path.Combine(path, "model.safetensors.index.json"), new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());

        CheckSame("llama", path);
    }

    [Theory]
    [InlineData(DType.Float64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    public void Files_of_another_precision_reward_as_the_fp32_file_of_the_same_numbers(DType dtype)
    {
        using var half = RewardModel.Load(FolderCopy.Of("gpt2", folder.File("other"), weights => weights.Select(weight => (weight.Name, weight.Tensor.To(dtype)))));
        using var single = RewardModel.Load(FolderCopy.Of("gpt2", folder.File("single"), weights => weights.Select(weight => (weight.Name, weight.Tensor.To(dtype).To(DType.Float32)))));

        Assert.Equal(single.Score(Sequences), half.Score(Sequences));
    }

    [Fact]
    public void A_file_with_notes_of_its_own_is_read()
    {
        var path = FolderCopy.Of("llama", folder.File("noted"));
        var file = Path.Combine(path, "model.safetensors");
        var bytes = File.ReadAllBytes(file);
        var length = (int)BitConverter.ToUInt64(bytes);
        var header = JsonNode.Parse(bytes.AsSpan(8, length))!.AsObject();
        header["__metadata__"] = new JsonObject { ["format"] = "pt", ["written_by"] = "a test", ["total_size"] = "7" };
        var json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        File.WriteAllBytes(file, [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. bytes[(8 + length)..]]);

        CheckSame("llama", path);
    }

    [Fact]
    public void Two_names_for_one_weight_are_refused()
    {
        var path = FolderCopy.Of("llama", folder.File("twice"), weights => weights.ToList() is var all ? [.. all, .. all.Where(weight => weight.Name == "score.weight").Select(weight => ("module.score.weight", weight.Tensor))] : []);

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path));
        Assert.Contains("score.weight in model.safetensors is too. Keep one of them.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")]
    [InlineData("base_model.model.score.modules_to_save.weight")]
    [InlineData("model.layers.0.self_attn.q_proj.base_layer.weight")]
    public void Weights_of_an_adapter_are_refused(string name)
    {
        var path = FolderCopy.Of("llama", folder.File("adapted"), weights => weights.Append((name, Tensor.Zeros([1, 3]))));

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path));
        Assert.Equal($"{Path.Combine(path, "model.safetensors")}: {name} is a weight of an adapter (LoRA), which Prefer does not apply. Merge the adapter into its model first (merge_and_unload in PEFT) and save that.", error.Message);
    }

    [Fact]
    public void A_folder_of_an_adapter_is_refused()
    {
        Directory.CreateDirectory(folder.File("adapter"));
        File.WriteAllText(folder.File("adapter/adapter_config.json"), """{ "base_model_name_or_path": "somewhere/else" }""");

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(folder.File("adapter")));
        Assert.Equal($"{folder.File("adapter")}: holds an adapter (adapter_config.json), which Prefer does not apply. Merge it into its model first (merge_and_unload in PEFT) and save that.", error.Message);
    }

    [Fact]
    public void Pickles_are_refused()
    {
        var path = FolderCopy.Of("llama", folder.File("pickled"));
        File.Move(Path.Combine(path, "model.safetensors"), Path.Combine(path, "pytorch_model.bin"));

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path));
        Assert.Equal($"{path}: neither model.safetensors nor model.safetensors.index.json is there, only pytorch_model.bin: convert it to safetensors first.", error.Message);
    }

    private void Check(string family, Func<string, string> rename) =>
        CheckSame(family, FolderCopy.Of(family, folder.File("renamed"), weights => weights.Select(weight => (rename(weight.Name), weight.Tensor))));

    private static void CheckSame(string family, string path)
    {
        using var plain = RewardModel.Load(ModelFixture.Folder(family));
        using var model = RewardModel.Load(path);
        Assert.Equal(plain.Score(Sequences), model.Score(Sequences));
        Assert.Equal(plain.Notices, model.Notices);
    }
}
