using System.Globalization;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// The token budget of a run that names none. It decides nothing but memory and the order of sums; so that the sums stay the same, a run keeps
/// the one it began with in run.json.
/// </summary>
internal static class TokenBudget
{
    /// <summary>More tokens in a pass make no processor faster.</summary>
    private const int Most = 16384;

    /// <summary>Fewer make every one slower.</summary>
    private const int Fewest = 1024;

    /// <summary>What a pass may have on a device whose free memory is not asked for.</summary>
    private const int OnDevice = 4096;

    /// <summary>
    /// At least the longest comparison; otherwise as many tokens as six tenths of the free memory hold beside what the weights need. Where an estimate says that
    /// this is less than what a pass may have, a few small passes measure it.
    /// </summary>
    /// <param name="model">The model, whose weights are in memory already. Weights and generator stay as they are; gradients may be dropped.</param>
    /// <param name="options">Dropout and checkpointing.</param>
    /// <param name="training">What it will be trained on.</param>
    /// <param name="freeBytes">See <see cref="FreeBytes"/>.</param>
    internal static int Choose(RewardModel model, TrainOptions options, TrainingSet training, long freeBytes)
    {
        var alone = model.NewBatch();
        var longestItem = training.Items.Max(item => alone.CountNew(item.Sequences));
        if (model.Device != "cpu")
        {
            return Math.Max(longestItem, OnDevice);
        }
        var longest = training.Items.Max(item => item.Sequences.Max(sequence => sequence.Ids.Length));
        var weights = model.Parameters.Names.Sum(name => MemoryForecast.BytesOf(model.Parameters[name]));
        // Gradient, two moments, and the copy that is loaded to probe a saved folder.
        var fitting = ((0.6 * freeBytes) - (4 * weights)) / BytesPerToken(model, longest);
        if (fitting < Most)
        {
            var held = TorchRuntime.AllocatedBytes;
            fitting = MemoryForecast.Measure(model, options, Fewest, training.Items).LargestBudget(held + (long)(0.6 * freeBytes) - (3 * weights));
        }
        return Math.Max(longestItem, (int)Math.Clamp(fitting, Fewest, Most) / 256 * 256);
    }

    /// <summary>
    /// A generous estimate of what a token's activations keep for the backward pass. A layer of a usual transformer has 12h² weights and keeps about 34h numbers
    /// (Korthikanti et al. 2022), so 3 for each h weights outside the embedding; its attention scores grow with the length, and are as much again at 1024 tokens.
    /// </summary>
    private static double BytesPerToken(RewardModel model, int longest)
    {
        var embedding = model.Parameters.Names.Select(name => model.Parameters[name]).First(weight => weight.Shape.Count == 2 && weight.Shape[0] == model.Network.VocabularySize);
        var others = model.Parameters.Names.Sum(name => model.Parameters[name].ElementCount) - embedding.ElementCount;
        return model.DType.Size() * 3.0 * others / embedding.Shape[1] * (1 + (longest / 1024.0));
    }

    /// <summary>Bytes that the system can give this process without swapping: what Linux calls available, or what the container's limit leaves.</summary>
    /// <param name="root">The root of the file system, elsewhere in tests.</param>
    internal static long FreeBytes(string root = "/")
    {
        var available = Number("proc/meminfo", "MemAvailable:") * 1024 ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var limit = Number("sys/fs/cgroup/memory.max") - Number("sys/fs/cgroup/memory.current") + Number("sys/fs/cgroup/memory.stat", "inactive_file")
            ?? Number("sys/fs/cgroup/memory/memory.limit_in_bytes") - Number("sys/fs/cgroup/memory/memory.usage_in_bytes") + Number("sys/fs/cgroup/memory/memory.stat", "total_inactive_file");
        return Math.Max(0, Math.Min(available, limit ?? long.MaxValue));

        long? Number(string file, string? key = null)
        {
            var path = Path.Combine(root, file);
            var line = File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => key is null || line.Split(' ')[0] == key) : null;
            return long.TryParse(line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(key is null ? 0 : 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        }
    }
}
