using System.Text.Json.Nodes;
using Prefer.Torch;

namespace Prefer.Models.Files;

/// <summary>The weight files of a folder: one, or shards with an index where they are larger than a limit.</summary>
internal static class WeightFiles
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";

    /// <summary>A value head apart from the language model that it stands on; LLaMA-Factory's name.</summary>
    internal const string ValueHead = "value_head.safetensors";

    /// <summary>Writes parameters, and the weights that are carried along, as fp32.</summary>
    internal static void Write(string folder, ParameterSet parameters, long shardBytes)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var shards = new List<List<(string Name, Tensor Tensor)>> { new() };
        long inShard = 0;
        long total = 0;
        var all = parameters.Names.Select(name => (Name: name, Tensor: parameters[name])).Concat(parameters.Carried.Select(pair => (Name: pair.Key, Tensor: pair.Value))).ToLookup(IsApart);
        if (all[true].Any())
        {
            SafetensorsWriter.Write(Path.Combine(folder, ValueHead), all[true].Select(weight => (weight.Name, weight.Tensor.Detach().To(DType.Float32))));
        }
        foreach (var (name, parameter) in all[false])
        {
            var tensor = parameter.Detach().To(DType.Float32);
            var bytes = tensor.ElementCount * tensor.DType.Size();
            if (inShard > 0 && inShard + bytes > shardBytes)
            {
                shards.Add([]);
                inShard = 0;
            }
            shards[^1].Add((name, tensor));
            inShard += bytes;
            total += bytes;
        }
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(Path.Combine(folder, Single), shards[0]);
            return;
        }
        var map = new JsonObject();
        for (var index = 0; index < shards.Count; index++)
        {
            var name = $"model-{index + 1:d5}-of-{shards.Count:d5}.safetensors";
            SafetensorsWriter.Write(Path.Combine(folder, name), shards[index]);
            foreach (var (parameter, _) in shards[index])
            {
                map[parameter] = name;
            }
        }
        var json = new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = total }, ["weight_map"] = map };
        AtomicFile.WriteText(Path.Combine(folder, Index), json.ToJsonString(ModelRecord.JsonOptions) + "\n");

        bool IsApart((string Name, Tensor) weight) => parameters.HasValueFile && weight.Name.StartsWith("v_head.", StringComparison.Ordinal);
    }

    /// <summary>Deletes the weight files of an older model in the folder.</summary>
    internal static void Remove(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "model*.safetensors").Append(Path.Combine(folder, Index)).Append(Path.Combine(folder, ValueHead)))
        {
            File.Delete(file);
        }
    }
}
