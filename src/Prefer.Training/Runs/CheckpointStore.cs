using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// The checkpoints of a run: folders <c>checkpoint-N</c>, each a model folder with the optimizer's moments and the run's state.
/// A checkpoint is written under another name and renamed when all of it is on disk, and renamed away before it is deleted; its
/// files are hashed, so one that was torn by something else is not picked up either.
/// </summary>
/// <param name="output">The run's output folder.</param>
internal sealed class CheckpointStore(string output)
{
    private const string Prefix = "checkpoint-";
    private const string StateName = "state.json";
    private const string OptimizerName = "optimizer.safetensors";

    internal string PathOf(int step) => Path.Combine(output, Prefix + step.ToString(CultureInfo.InvariantCulture));

    /// <summary>Steps of the checkpoints there are, the latest first.</summary>
    internal IReadOnlyList<int> Steps() =>
        Directory.Exists(output)
            ? [.. Directory.EnumerateDirectories(output, Prefix + "*").Select(path => StepOf(Path.GetFileName(path))).OfType<int>().OrderDescending()]
            : [];

    /// <exception cref="IOException">The disk is full, say; no half checkpoint is left.</exception>
    internal void Save(RewardModel model, AdamW optimizer, RunState state)
    {
        var staging = Path.Combine(output, $".{Prefix}{state.Step}-{Environment.ProcessId}");
        try
        {
            model.Save(staging);
            SafetensorsWriter.Write(Path.Combine(staging, OptimizerName), optimizer.State());
            var files = Directory.EnumerateFiles(staging).Order(StringComparer.Ordinal).ToDictionary(path => Path.GetFileName(path), HashOf);
            AtomicFile.Write(Path.Combine(staging, StateName), stream => JsonSerializer.Serialize(stream, state with { Files = files }, RunState.JsonOptions));
            Remove(state.Step);
            Directory.Move(staging, PathOf(state.Step));
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    /// <summary>The latest whole checkpoint's state, or null. Torn ones are named to <paramref name="note"/> and passed over.</summary>
    internal RunState? Latest(Action<string> note)
    {
        foreach (var step in Steps())
        {
            var (state, fault) = TryRead(step);
            if (state is not null)
            {
                return state;
            }
            note($"{PathOf(step)} is not whole ({fault}) and is passed over.");
        }
        return null;
    }

    /// <summary>Takes the optimizer's moments from a checkpoint.</summary>
    internal void Restore(RunState state, AdamW optimizer)
    {
        using var file = SafetensorsFile.Open(Path.Combine(PathOf(state.Step), OptimizerName));
        optimizer.Restore(state.Step, file.Map);
    }

    /// <summary>Copies a checkpoint's weights into a model of the same shapes.</summary>
    internal void LoadWeights(int step, RewardModel model)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        if (TryRead(step) is (null, var fault))
        {
            throw new ModelException($"{PathOf(step)}, the best checkpoint, is not whole: {fault}. Restore it, or begin anew with --overwrite.");
        }
        using var checkpoint = Checkpoint.Open(PathOf(step));
        foreach (var name in model.Parameters.Names)
        {
            model.Parameters[name].CopyFrom(checkpoint.Map(name));
        }
    }

    /// <summary>Deletes all but the latest checkpoints and the best one. Those after the current step are torn, or the run would be past them.</summary>
    internal void Prune(int currentStep, int keep, int? bestStep)
    {
        foreach (var step in Steps().SkipWhile(step => step > currentStep).Skip(keep).Where(step => step != bestStep))
        {
            Remove(step);
        }
    }

    /// <summary>Deletes a checkpoint, if it is there.</summary>
    internal void Remove(int step)
    {
        if (Directory.Exists(PathOf(step)))
        {
            var doomed = Path.Combine(output, $".deleting-{step}-{Environment.ProcessId}");
            Directory.Move(PathOf(step), doomed);
            Directory.Delete(doomed, recursive: true);
        }
    }

    /// <summary>Deletes what a killed run left unfinished.</summary>
    internal void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(output, ".*").Where(path => Path.GetFileName(path).StartsWith($".{Prefix}", StringComparison.Ordinal)
            || Path.GetFileName(path).StartsWith(".deleting-", StringComparison.Ordinal) || Path.GetFileName(path).StartsWith(".saving-", StringComparison.Ordinal)))
        {
            Directory.Delete(folder, recursive: true);
        }
        foreach (var file in Directory.EnumerateFiles(output, "*.tmp").Where(AtomicFile.IsTemporary))
        {
            File.Delete(file);
        }
    }

    private (RunState? State, string Fault) TryRead(int step)
    {
        try
        {
            var state = JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(Path.Combine(PathOf(step), StateName)), RunState.JsonOptions);
            if (state?.Files is null || state.Step != step || !state.Files.ContainsKey(OptimizerName))
            {
                return (null, $"{StateName} is of another step");
            }
            foreach (var (name, hash) in state.Files)
            {
                if (HashOf(Path.Combine(PathOf(step), name)) != hash)
                {
                    return (null, $"{name} is not the file that was saved");
                }
            }
            return (state, "");
        }
        catch (JsonException error)
        {
            return (null, $"{StateName}: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, error.Message);
        }
    }

    private static int? StepOf(string folder) =>
        int.TryParse(folder.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;

    private static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
