using Prefer.Models.Files;
using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>Copies of recorded folders as language models are published: without a reward head, some with a head for words.</summary>
internal static class HeadlessModel
{
    private static readonly string[] HeadNames =
    [
        "score.weight", "classifier.weight", "classifier.bias", "pre_classifier.weight", "pre_classifier.bias", "pooler.dense.weight", "pooler.dense.bias",
        "classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias",
    ];

    /// <summary>Writes a copy without its head.</summary>
    /// <param name="folder">Made.</param>
    /// <param name="name">The recorded folder.</param>
    /// <param name="extra">Weights the copy has besides; each is a row of zeros.</param>
    /// <returns>The folder.</returns>
    internal static string Write(string folder, string name, params string[] extra)
    {
        Directory.CreateDirectory(folder);
        File.Copy(Path.Combine(ModelFixture.Folder(name), "config.json"), Path.Combine(folder, "config.json"));
        Rewrite(Path.Combine(ModelFixture.Folder(name), "model.safetensors"), Path.Combine(folder, "model.safetensors"),
            weights => weights.Where(weight => !HeadNames.Contains(weight.Name)).Concat(extra.Select(added => (added, Tensor.Zeros([1, 4])))));
        return folder;
    }

    /// <summary>Reads a weight file and writes what a function makes of it.</summary>
    internal static void Rewrite(string from, string to, Func<IEnumerable<(string Name, Tensor Tensor)>, IEnumerable<(string Name, Tensor Tensor)>> change)
    {
        using var scope = new TensorScope();
        List<(string, Tensor)> changed;
        using (var file = SafetensorsFile.Open(from))
        {
            changed = [.. change([.. file.Entries.Keys.Select(name => (name, file.Read(name)))])];
        }
        SafetensorsWriter.Write(to, changed);
    }
}
