using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Torch;

namespace Prefer.Models.Files;

/// <summary>
/// The weights of a model folder: <c>model.safetensors</c>, or the shards that its index names, and <c>value_head.safetensors</c>
/// where there is one. Names are without what wrappers left in them.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    private const string FileName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, (SafetensorsFile File, string Stored)> owners = new(StringComparer.Ordinal);

    private Checkpoint(string path) => Path = path;

    /// <summary>The file or index, for messages.</summary>
    internal string Path { get; }

    internal IEnumerable<string> Names => owners.Keys;

    /// <summary>Whether a value head stands in a file of its own, as LLaMA-Factory writes it.</summary>
    internal bool HasValueFile { get; private set; }

    /// <exception cref="ModelException">No weights, a shard is missing, or a file is damaged.</exception>
    internal static Checkpoint Open(string folder)
    {
        var single = System.IO.Path.Combine(folder, FileName);
        var index = System.IO.Path.Combine(folder, IndexName);
        var checkpoint = new Checkpoint(File.Exists(single) ? single : index);
        try
        {
            if (File.Exists(single))
            {
                var file = checkpoint.Add(single);
                foreach (var name in file.Entries.Keys)
                {
                    checkpoint.Own(name, file);
                }
            }
            else if (File.Exists(index))
            {
                checkpoint.AddShards(folder, index);
            }
            else
            {
                var other = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.bin").Select(System.IO.Path.GetFileName).FirstOrDefault() : null;
                throw new ModelException(
                    $"{folder}: neither {FileName} nor {IndexName} is there{(other is null ? "" : $", only {other}: convert it to safetensors first")}.");
            }
            checkpoint.AddValueHead(System.IO.Path.Combine(folder, WeightFiles.ValueHead));
            return checkpoint;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    internal bool Contains(string name) => owners.ContainsKey(name);

    internal long[] Shape(string name) => Entry(name).Shape;

    internal string Describe(string name) => $"{SafetensorsTypes.NameOf(Entry(name).DType)} [{string.Join(", ", Shape(name))}]";

    /// <summary>A tensor that is the file's memory, in the file's element type, on the CPU; it may outlive the checkpoint.</summary>
    internal Tensor Map(string name)
    {
        var (file, stored) = owners[name];
        var dtype = Entry(name).DType;
        return dtype.IsFloating()
            ? file.Map(stored)
            : throw new ModelException($"{file.Path}: {stored} has element type {SafetensorsTypes.NameOf(dtype)}; a weight is F64, F32, F16 or BF16");
    }

    /// <summary>Says that what <see cref="Map"/> gave is not needed any more.</summary>
    internal void Forget(string name) => owners[name].File.Forget(owners[name].Stored);

    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }

    private SafetensorsEntry Entry(string name) => owners[name].File.Entries[owners[name].Stored];

    private void Own(string stored, SafetensorsFile file, string prefix = "")
    {
        var name = prefix + WeightNames.Unwrapped(stored, file.Path);
        if (!owners.TryAdd(name, (file, stored)))
        {
            throw new ModelException($"{file.Path}: {stored} is {name}, which {owners[name].Stored} in {System.IO.Path.GetFileName(owners[name].File.Path)} is too. Keep one of them.");
        }
    }

    private void AddValueHead(string path)
    {
        if (File.Exists(path))
        {
            HasValueFile = true;
            var file = Add(path);
            foreach (var name in file.Entries.Keys)
            {
                Own(name, file, name.StartsWith("v_head.", StringComparison.Ordinal) ? "" : "v_head.");
            }
        }
    }

    private SafetensorsFile Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        files.Add(file);
        return file;
    }

    private void AddShards(string folder, string index)
    {
        JsonObject map;
        try
        {
            map = JsonNode.Parse(File.ReadAllText(index), documentOptions: ModelConfig.NoDuplicates)?["weight_map"]?.AsObject()
                ?? throw new ModelException($"{index}: has no weight_map, which names the shard of each weight");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ModelException($"{index}: not the JSON of a shard index: {error.Message}", error);
        }
        var shards = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach (var (name, node) in map)
        {
            var shard = node?.ToString() ?? "";
            if (shard.Length == 0 || shard != System.IO.Path.GetFileName(shard))
            {
                throw new ModelException($"{index}: {name} names the shard '{shard}'; a file name in the same folder was expected");
            }
            if (!shards.TryGetValue(shard, out var file))
            {
                file = Add(System.IO.Path.Combine(folder, shard));
                shards.Add(shard, file);
            }
            if (!file.Entries.ContainsKey(name))
            {
                throw new ModelException($"{index}: says that {shard} holds {name}, but it does not. The shards are of different versions: copy them again.");
            }
            Own(name, file);
        }
    }
}
