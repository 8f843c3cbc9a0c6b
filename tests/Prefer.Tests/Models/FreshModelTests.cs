using Prefer.Models;
using Prefer.Tests.Torch;
using Prefer.Text;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Fresh weights begin as Hugging Face's do: N(0, initializer_range²), biases and the pad row 0, norms 1, GPT-2's residual projections scaled.</summary>
[Collection(ProcessWide.Name)]
public sealed class FreshModelTests : IDisposable
{
    /// <summary>Standard errors that a mean or deviation of draws may be off.</summary>
    private const double Errors = 5;

    private static readonly LoadOptions ForTraining = new() { AllowFreshHead = true };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("new:distilbert-mini", false)]
    [InlineData("new:llama-mini", true)]
    public void A_preset_has_a_few_million_weights_that_begin_as_they_should(string preset, bool isCausal)
    {
        using var model = FreshModel.Create(preset, SmallTextModel.Tokenizer(isCausal), 42, ForTraining);

        // As many with the usual 8,192 tokens.
        var size = model.Config.Count("vocab_size");
        Assert.InRange(model.Parameters.Names.Sum(name => model.Parameters[name].ElementCount) + ((8192 - size) * 192), 2_000_000, 5_000_000);
        Assert.Equal(isCausal, FreshModel.IsCausal(preset));
        CheckStart(model, 0.02);
    }

    [Fact]
    public void GPT2_scales_its_residual_projections_by_the_number_of_layers()
    {
        using var model = SmallTextModel.Create("gpt2", folder.Path, change: config => (config["initializer_range"], config["n_layer"]) = (0.02, 3));

        Assert.Equal(6, model.Parameters.Names.Count(IsResidual));
        CheckStart(model, 0.02);
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("roberta")]
    [InlineData("electra")]
    [InlineData("deberta-v2")]
    public void Encoders_begin_as_they_should(string family)
    {
        using var model = SmallTextModel.Create(family, folder.Path, change: config => (config["initializer_range"], config["conv_kernel_size"]) = (0.02, 3));

        CheckStart(model, 0.02);
    }

    [Fact]
    public void ModernBERT_begins_with_normal_distributions_that_are_cut_off()
    {
        using var model = SmallTextModel.Create("modernbert", folder.Path, change: config => config["initializer_range"] = 0.02);
        var outgoing = 0.02 / Math.Sqrt(2 * 4);
        foreach (var name in model.Parameters.Names.Where(name => model.Parameters[name].Shape.Count == 2))
        {
            var values = model.Parameters[name].ToArray<float>();
            var deviation = name == "classifier.weight" ? 1 / Math.Sqrt(48) : name.EndsWith("Wo.weight", StringComparison.Ordinal) || name == "head.dense.weight" ? outgoing : 0.02;
            Assert.All(values, value => Assert.InRange(Math.Abs(value), 0, 2 * deviation * (1 + 1e-6)));
            // A standard normal distribution between -2 and 2 has the variance 1 - 4·φ(2)/(2·Φ(2) - 1).
            var expected = deviation * Math.Sqrt(1 - (4 * 0.05399097 / 0.95449974));
            var found = Math.Sqrt(values.Average(value => (double)value * value));
            Assert.True(Math.Abs(found - expected) <= Errors * expected / Math.Sqrt(2.0 * values.Length), $"{name}: deviation {found}, expected {expected}");
        }
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void A_seed_gives_the_same_weights(string family)
    {
        float[] Weights(ulong seed)
        {
            using var model = SmallTextModel.Create(family, folder.Path, seed: seed);
            return [.. model.Parameters.Names.SelectMany(name => model.Parameters[name].ToArray<float>())];
        }

        Assert.Equal(Weights(1), Weights(1));
        Assert.NotEqual(Weights(1), Weights(2));
    }

    [Fact]
    public void Vocabulary_and_special_tokens_are_those_of_the_tokenizer()
    {
        using var model = FreshModel.Create("new:llama-mini", SmallTextModel.Tokenizer(isCausal: true), 1, ForTraining);

        Assert.Equal((280, 0, 1), (model.Config.Count("vocab_size"), model.PadTokenId!.Value, model.EndTokenId!.Value));
        Assert.True(model.Encoder.Options is { Mode: EncodingMode.Template, AppendEndToken: true, MaxLength: 1024 });
    }

    /// <summary>As GPT-2's tokenizer is, whose ids 0 and 1 are an exclamation mark and a quotation mark.</summary>
    [Fact]
    public void A_tokenizer_that_names_no_pad_token_gets_one_and_the_preset_s_ids_are_not_taken()
    {
        var tokenizer = BytePairTraining.Train(["hello"], new BpeTrainingOptions { VocabularySize = 257, SpecialTokens = ["<|endoftext|>"] });
        using var model = FreshModel.Create("new:llama-mini", TokenizerFiles.Fresh(tokenizer, new Dictionary<string, string>()), 1, ForTraining);

        Assert.Equal((257, null), (model.PadTokenId, model.EndTokenId));
        Assert.Equal("<|pad|>", model.Tokenizer!.IdToToken(257));
        Assert.Equal(258, model.Parameters["model.embed_tokens.weight"].Shape[0]);
        Assert.False(model.Encoder.Options.AppendEndToken);
    }

    [Theory]
    [InlineData("new:llama-maxi", "neither a preset (new:distilbert-mini, new:llama-mini) nor the path of a config.json")]
    [InlineData("new:", "neither a preset")]
    public void A_name_that_is_neither_preset_nor_file_is_refused(string name, string message)
    {
        var error = Assert.Throws<ModelException>(() => FreshModel.Create(name, SmallTextModel.Tokenizer(isCausal: true), 1, ForTraining));

        Assert.StartsWith($"{name}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preset_for_ids_alone_is_refused()
    {
        var error = Assert.Throws<ModelException>(() => FreshModel.Create("new:llama-mini", TokenizerFiles.None, 1, ForTraining));

        Assert.Contains("Name one with --tokenizer, or use new:FILE, a config.json with its vocab_size.", error.Message, StringComparison.Ordinal);
    }

    private static void CheckStart(RewardModel model, double deviation)
    {
        using var scope = new TensorScope();
        foreach (var name in model.Parameters.Names)
        {
            var parameter = model.Parameters[name];
            var values = parameter.ToArray<float>();
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                Assert.All(values, value => Assert.Equal(0, value));
            }
            else if (parameter.Shape.Count == 1)
            {
                Assert.All(values, value => Assert.Equal(1, value));
            }
            else
            {
                CheckNormal(name, IsPadded(name) ? WithoutPadRow(model, values, (int)parameter.Shape[1]) : values, IsResidual(name) ? deviation / Math.Sqrt(2 * model.Config.Count("n_layer")) : deviation);
            }
        }
    }

    private static void CheckNormal(string name, float[] values, double deviation)
    {
        var mean = values.Average(value => (double)value);
        var found = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        Assert.True(Math.Abs(mean) <= Errors * deviation / Math.Sqrt(values.Length), $"{name}: mean {mean}");
        Assert.True(Math.Abs(found - deviation) <= Errors * deviation / Math.Sqrt(2.0 * values.Length), $"{name}: deviation {found}, expected {deviation}");
        // A normal distribution has 4.55 % beyond two deviations; a uniform one of the same deviation none.
        var beyond = values.Count(value => Math.Abs(value) > 2 * deviation) / (double)values.Length;
        Assert.True(Math.Abs(beyond - 0.0455) <= Errors * Math.Sqrt(0.0455 / values.Length), $"{name}: {beyond:p2} beyond two deviations");
    }

    private static bool IsResidual(string name) => name.Contains("c_proj.weight", StringComparison.Ordinal);

    private static bool IsPadded(string name) => name.Contains("word_embeddings", StringComparison.Ordinal) || name.StartsWith("roberta.embeddings.position", StringComparison.Ordinal) || name.Contains("embed_tokens", StringComparison.Ordinal);

    private static float[] WithoutPadRow(RewardModel model, float[] values, int width)
    {
        var start = model.PadTokenId!.Value * width;
        Assert.All(values[start..(start + width)], value => Assert.Equal(0, value));
        return [.. values[..start], .. values[(start + width)..]];
    }
}
