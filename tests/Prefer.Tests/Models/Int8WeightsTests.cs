using System.Globalization;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Models with int8 weights: exactly what their codes stand for, near to the full model, and only for scoring.</summary>
public sealed class Int8WeightsTests(ITestOutputHelper output) : IDisposable
{
    // What stays as it is, beside everything that is no matrix: heads, and tables other than the token embedding.
    private static readonly string[] Full =
    [
        "score.", "classifier.", "pooler.", "pre_classifier.", "position_embeddings", "token_type_embeddings", "rel_embeddings", "wpe.", "embed_positions.",
    ];

    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Folders => [.. RecordedFolders.Rewards];

    public void Dispose() => folder.Dispose();

    /// <summary>The oracle is a folder whose matrices went through int8 and back, element by element.</summary>
    [Theory]
    [MemberData(nameof(Folders))]
    public void Rewards_are_those_of_the_weights_that_the_codes_stand_for(string name)
    {
        var copy = WithoutShards(name);
        HeadlessModel.Rewrite(Path.Combine(copy, "model.safetensors"), Path.Combine(copy, "model.safetensors"), weights => weights.Select(weight => (weight.Name, IsQuantized(weight) ? ThereAndBack(weight) : weight.Tensor)).ToList());
        using var expected = RewardModel.Load(copy, new LoadOptions { DType = DType.Float64 });
        using var found = RewardModel.Load(ModelFixture.Folder(name), new LoadOptions { DType = DType.Float64, Weights = WeightStorage.Int8 });
        using var full = RewardModel.Load(ModelFixture.Folder(name));
        var sequences = RecordedFolders.Sequences(name);

        var (rewards, exact) = (found.Score(sequences).ToArray(), full.Score(sequences).ToArray());
        // The oracle's weights are rounded to fp32 once more: 6e-8 of each, a few thousand of them.
        Assert.InRange(Deviation.OfLargest([.. expected.Score(sequences)], rewards), 0, 1e-5);

        var spread = exact.Max() - exact.Min();
        var deviations = exact.Zip(rewards, (one, other) => Math.Abs(one - other) / spread).ToArray();
        var pairs = Enumerable.Range(0, exact.Length).SelectMany(one => Enumerable.Range(0, one).Select(other => (one, other))).ToArray();
        var changed = pairs.Count(pair => Math.Sign(exact[pair.one] - exact[pair.other]) != Math.Sign(rewards[pair.one] - rewards[pair.other]));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {exact.Length} | {deviations.Max():p2} | {deviations.Average():p2} | {changed} of {pairs.Length} |"));
        Assert.InRange(deviations.Max(), 1e-6, 0.2);
    }

    [Fact]
    public void A_model_in_int8_is_neither_trained_nor_saved()
    {
        var path = ModelFixture.Folder("llama");
        var error = Assert.Throws<ModelException>(() => RewardModel.Load(path, new LoadOptions { Trainable = true, Weights = WeightStorage.Int8 }));
        Assert.Equal($"{path}: int8 weights are for scoring and cannot be trained. Load the model in full.", error.Message);

        using var model = RewardModel.Load(path, new LoadOptions { Weights = WeightStorage.Int8 });
        error = Assert.Throws<ModelException>(() => model.Save(folder.File("saved")));
        Assert.Equal($"{folder.File("saved")}: the model was not saved: its weights were loaded as int8, which is not what was trained. Load it in full to save it.", error.Message);
        Assert.False(Directory.Exists(folder.File("saved")));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void The_probe_leaves_room_for_int8_and_not_for_other_weights(string family)
    {
        var saved = SmallTextModel.Write(family, folder.Path);
        using (var model = RewardModel.Load(saved, new LoadOptions { Weights = WeightStorage.Int8 }))
        {
            Assert.Equal(WeightStorage.Int8, model.Parameters.Weights);
        }
        var weights = Path.Combine(saved, "model.safetensors");
        HeadlessModel.Rewrite(weights, weights, all => all.Select(weight => weight.Tensor.Shape.Count == 2 ? (weight.Name, weight.Tensor * 1.5) : weight).ToList());

        var error = Assert.Throws<ModelException>(() => RewardModel.Load(saved, new LoadOptions { Weights = WeightStorage.Int8 }));
        Assert.Contains(" now with int8 weights, which may move it by ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Load the model in full; if it is refused then too, weights, head, tokenizer or encoding are not those that were saved: restore the folder, or delete prefer.json to load it as a foreign one.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama-lm")]
    [InlineData("gpt2-lm")] // its head is the embedding
    public void A_language_model_in_int8_is_near_the_full_one(string name)
    {
        using var full = LanguageModel.Load(ModelFixture.Folder(name));
        using var model = LanguageModel.Load(ModelFixture.Folder(name), new LoadOptions { Weights = WeightStorage.Int8 });
        EncodedSequence[] sequences = [.. new LanguageGolden(name).Sequences.Select(ids => new EncodedSequence([.. ids], [], 0))];

        var deviation = Deviation.OfLargest([.. full.LogProbs(sequences).SelectMany(row => row)], [.. model.LogProbs(sequences).SelectMany(row => row)]);
        output.WriteLine(deviation.ToString("g2", CultureInfo.InvariantCulture));
        Assert.InRange(deviation, 1e-6, 0.05);
    }

    private string WithoutShards(string name)
    {
        var copy = FolderCopy.Of(name, folder.File("oracle"));
        if (!File.Exists(Path.Combine(copy, "model.safetensors")))
        {
            using var scope = new TensorScope();
            using var checkpoint = Checkpoint.Open(copy);
            SafetensorsWriter.Write(Path.Combine(copy, "model.safetensors"), checkpoint.Names.Select(key => (key, checkpoint.Map(key).To(DType.Float32))).ToList());
        }
        return copy;
    }

    private static bool IsQuantized((string Name, Tensor Tensor) weight) =>
        weight.Tensor.Shape.Count == 2 && weight.Tensor.DType.IsFloating() && !Array.Exists(Full, part => weight.Name.Contains(part, StringComparison.Ordinal))
        // ModernBERT's head has a matrix of its own, under the bare name.
        && weight.Name != "head.dense.weight";

    private static Tensor ThereAndBack((string Name, Tensor Tensor) weight)
    {
        var isColumns = weight.Name.Contains(".c_", StringComparison.Ordinal); // GPT-2's [in, out]
        var values = (isColumns ? weight.Tensor.Transpose(0, 1) : weight.Tensor).ToArray<float>();
        var (rows, columns) = isColumns ? (weight.Tensor.Shape[1], weight.Tensor.Shape[0]) : (weight.Tensor.Shape[0], weight.Tensor.Shape[1]);
        for (var row = 0; row < rows; row++)
        {
            var ofRow = values.AsSpan(row * (int)columns, (int)columns);
            var scale = 0f;
            foreach (var value in ofRow)
            {
                scale = Math.Max(scale, Math.Abs(value));
            }
            scale /= 127;
            for (var column = 0; column < ofRow.Length && scale > 0; column++)
            {
                ofRow[column] = MathF.Round(ofRow[column] / scale) * scale;
            }
        }
        var back = Tensor.From<float>(values, [rows, columns]);
        return isColumns ? back.Transpose(0, 1) : back;
    }
}
