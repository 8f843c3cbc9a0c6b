using System.Text.Json.Nodes;
using Prefer.Models.Families;
using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>
/// What <see cref="LanguageModelGoldenTests"/> leaves out, because the recording took rotary frequencies from other rows than the sequence's own: with those
/// frequencies, the log-probabilities and the gradients of their mean are the recorded ones.
/// </summary>
public sealed class DecoderLogitsTests(ITestOutputHelper output)
{
    // The recorded greatest wobble between padded and unpadded rows is 1.1e-5 of log-probabilities around 10.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("llama-rope-dynamic-lm")]
    [InlineData("phi3-longrope-lm")]
    public void Log_probabilities_and_gradients_are_the_recorded_ones(string name)
    {
        var folder = ModelFixture.Folder(name);
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")))!;
        var sequences = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "inputs.json")))!["sequences"]!.AsArray().Select(row => row!.AsArray().Select(id => (int)id!).ToArray()).ToArray();
        using var model = ModelFixture.Load(folder, DType.Float32, new Head.Vocabulary());
        using var scope = new TensorScope();
        // Recorded behind the padded batch, whose frequencies short rows were left with; see GoldenTests.
        var longest = sequences.Max(sequence => sequence.Length);
        var forest = model.Pack(sequences, groupOf: name == "llama-rope-dynamic-lm" ? length => length <= model.Config.Count("max_position_embeddings") ? longest : length : null);
        var (values, width) = (LogProbabilities(model, forest).To(DType.Float64).ToArray<double>(), model.Network.VocabularySize);

        var worst = 0.0;
        foreach (var (sequence, index) in sequences.Select((sequence, index) => (sequence, index)))
        {
            var recorded = expected["logprobs"]![index]!.AsArray().Select(value => (double)value!).ToArray();
            var scale = recorded.Max(Math.Abs);
            for (var position = 0; position < recorded.Length; position++)
            {
                var at = (forest.PackedIndex(index, position) * width) + sequence[position + 1];
                worst = Math.Max(worst, Math.Abs(values[at] - recorded[position]) / scale);
            }
        }
        output.WriteLine($"log-probabilities: largest deviation {worst:g2} of the largest value");
        Assert.True(worst <= Tolerance, $"log-probabilities deviate by {worst:g2} of the largest");

        // The mean over the padded batch, which had one set of frequencies.
        forest = model.Pack(sequences, groupOf: _ => model.Network.FrequencyGroup(longest));
        var chosen = new double[forest.Tokens.Length * width];
        foreach (var (sequence, index) in sequences.Select((sequence, index) => (sequence, index)))
        {
            for (var position = 0; position + 1 < sequence.Length; position++)
            {
                chosen[(forest.PackedIndex(index, position) * width) + sequence[position + 1]]++;
            }
        }
        var loss = -(LogProbabilities(model, forest) * Tensor.From<double>(chosen, [forest.Tokens.Length, width]).To(DType.Float32)).Sum() / chosen.Sum();
        var meanDeviation = Math.Abs(loss.Item() - (double)expected["nll"]!) / (double)expected["nll"]!;
        Assert.True(meanDeviation <= Tolerance, $"the mean is {loss.Item():r}, recorded {expected["nll"]}");
        loss.Backward();
        var norms = Gradients.Take(model.Parameters).ToDictionary(pair => pair.Key, pair => Math.Sqrt(pair.Value.Sum(value => value * value)));
        var total = (double)expected["nll_total_grad_norm"]!;
        Assert.Equal(expected["nll_grads"]!.AsObject().Select(pair => pair.Key).Order(), norms.Keys.Order());
        var used = 0.0;
        foreach (var (parameter, recorded) in expected["nll_grads"]!.AsObject())
        {
            var norm = (double)recorded!["l2"]!;
            // As in GoldenTests: a gradient that is zero in exact arithmetic is recorded as rounding.
            var deviation = Math.Abs(norms[parameter] - norm) / Math.Max(1e-5 * norm, 1e-7 * total);
            used = Math.Max(used, deviation);
            Assert.True(deviation <= 1, $"the gradient of {parameter} has norm {norms[parameter]:r}, recorded {norm:r}");
        }
        output.WriteLine($"gradients: norms use {used:p1} of what is allowed");
    }

    // log softmax of every token's logits, [T, V]
    private static Tensor LogProbabilities(ModelFixture model, TokenForest forest)
    {
        var pass = new ForestPass(forest, DType.Float32, "cpu");
        var logits = model.Network.Logits(model.Network.Hidden(pass), pass);
        return logits - logits.Exp().Sum([-1], keep: true).Log();
    }
}
