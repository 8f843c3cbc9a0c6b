using Prefer.Tests.Text;

namespace Prefer.Tests.Evaluation;

/// <summary>A folder with the recorded DistilBERT and a hand-made tokenizer, so that it reads text. Its weights are random: what its rewards are is of no interest.</summary>
internal static class TextModel
{
    public static void WriteTo(string folder)
    {
        foreach (var file in (string[])["config.json", "model.safetensors"])
        {
            File.Copy(Path.Combine(RecordedRewards.Folder("distilbert"), file), Path.Combine(folder, file));
        }

        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), SmallTokenizers.WordPiece().ToJsonString());
    }
}
