using Prefer.Models;
using Prefer.Tests.Text;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>The tokenizer of a model folder on its way into another.</summary>
public sealed class TokenizerFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_converted_vocabulary_is_saved_as_a_tokenizer_json_beside_its_files()
    {
        (string, double, int)[] pieces = [("<pad>", 0, 3), ("</s>", 0, 3), ("<unk>", 0, 2), ("▁a", -1, 1), ("b", -2, 1)];
        var model = FolderOfFiles.SentencePiece(pieces, model: 1, unknownId: 2);
        FolderOfFiles.Write(folder, ("spiece.model", model), ("tokenizer_config.json", new { tokenizer_class = "T5Tokenizer", extra_ids = 2 }));
        var files = TokenizerFiles.Load(folder.Path);
        Assert.Equal([3, 4, 1, 5, 1], files.Tokenizer!.Encode("ab</s><extra_id_1>"));

        var saved = Directory.CreateDirectory(folder.File("saved")).FullName;
        files.Save(saved);
        Assert.Equal(
            ["spiece.model", "tokenizer.json", "tokenizer_config.json"], Directory.GetFiles(saved).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(model, File.ReadAllBytes(Path.Combine(saved, "spiece.model")));
        File.Delete(Path.Combine(saved, "spiece.model"));
        Assert.Equal(files.Tokenizer.Json.ToArray(), TokenizerFiles.Load(saved).Tokenizer!.Json.ToArray());
    }
}
