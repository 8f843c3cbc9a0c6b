using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Tests.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Every recorded reward model is saved and loaded again: it rewards as before, and its probe guards head and body.</summary>
[Collection(ProcessWide.Name)]
public sealed class SavedFamiliesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Folders() => [.. RecordedFolders.Rewards];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_saved_model_rewards_as_before_and_refuses_changed_weights(string name)
    {
        using var model = RewardModel.Load(ModelFixture.Folder(name));
        var saved = folder.File("saved");
        model.Save(saved);
        var sequences = RecordedFolders.Sequences(name);

        using (var reloaded = RewardModel.Load(saved))
        {
            Assert.Equal(0, Deviation.OfLargest([.. model.Score(sequences)], [.. reloaded.Score(sequences)]), 1e-6);
        }
        Assert.Equal(4, JsonNode.Parse(File.ReadAllText(Path.Combine(saved, "prefer.json")))!["probe"]!.AsArray().Count);

        var file = Path.Combine(saved, "model.safetensors");
        var head = model.Parameters.Names.Where(weight => weight.StartsWith("score.", StringComparison.Ordinal) || weight.StartsWith("classifier", StringComparison.Ordinal)).First(weight => weight.EndsWith("weight", StringComparison.Ordinal));
        foreach (var changed in new[] { head, model.Parameters.Names[0] })
        {
            // Squares, because a norm behind the embedding takes back what is the same for all columns.
            HeadlessModel.Rewrite(file, Path.Combine(saved, "kept"), weights => weights);
            HeadlessModel.Rewrite(file, file, weights => weights.Select(weight => weight.Name == changed ? (changed, weight.Tensor + (weight.Tensor * weight.Tensor) + 0.05) : weight));
            var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved));
            Assert.Contains("of prefer.json was rewarded", error.Message, StringComparison.Ordinal);
            File.Move(Path.Combine(saved, "kept"), file, overwrite: true);
        }
        using var whole = RewardModel.Load(saved);
    }
}
