using System.Text.Json.Nodes;
using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>Copies of recorded folders with another config or other weight files.</summary>
internal static class FolderCopy
{
    /// <summary>The config and weights of a recorded folder, with one of its config files as config.json.</summary>
    /// <returns>The new folder.</returns>
    internal static string Of(string name, string folder, string configFile = "config.json")
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(ModelFixture.Folder(name), "model*"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }
        File.Copy(Path.Combine(ModelFixture.Folder(name), configFile), Path.Combine(folder, "config.json"), overwrite: true);
        return folder;
    }

    /// <summary>The same with other weights.</summary>
    internal static string Of(string name, string folder, Func<IEnumerable<(string Name, Tensor Tensor)>, IEnumerable<(string Name, Tensor Tensor)>> change)
    {
        Of(name, folder);
        HeadlessModel.Rewrite(Path.Combine(folder, "model.safetensors"), Path.Combine(folder, "model.safetensors"), change);
        return folder;
    }

    internal static void EditConfig(string folder, Action<JsonObject> change) => SmallTextModel.Edit(Path.Combine(folder, "config.json"), change);
}
