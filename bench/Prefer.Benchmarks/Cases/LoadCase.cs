using System.Diagnostics;
using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Cases;

/// <summary>Loading a saved model, its probe included, with libtorch loaded before and the file in the system's cache.</summary>
internal static class LoadCase
{
    internal static JsonObject Run(Preparation preparation, string name)
    {
        MatrixSpeed.Gflops(DType.Float32, 64, 1);
        var started = Stopwatch.GetTimestamp();
        using var model = RewardModel.Load(preparation.FolderOf(name));
        return new JsonObject
        {
            ["seconds"] = Stopwatch.GetElapsedTime(started).TotalSeconds,
            ["weight_bytes"] = model.Parameters.Names.Sum(parameter => model.Parameters[parameter].ElementCount * model.Parameters[parameter].DType.Size()),
        };
    }
}
