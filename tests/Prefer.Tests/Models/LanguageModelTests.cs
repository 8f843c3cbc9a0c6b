using Prefer.Models;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Heads of language models, tied and not; what is no language model; where a continuation ends.</summary>
[Collection(ProcessWide.Name)]
public sealed class LanguageModelTests : IDisposable
{
    private static readonly EncodedSequence[] Sequences = [new([5, 6, 7, 8], [], 0), new([9, 30, 11], [], 0), new([4], [], 0)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_tied_head_that_is_in_the_file_too_changes_nothing()
    {
        var path = FolderCopy.Of("gpt2-lm", folder.File("equal"), weights => weights.ToList() is var all ? [.. all, ("lm_head.weight", all.Single(weight => weight.Name == "transformer.wte.weight").Tensor)] : []);
        using var plain = LanguageModel.Load(ModelFixture.Folder("gpt2-lm"));
        using var model = LanguageModel.Load(path);

        Assert.Equal(plain.LogProbs(Sequences), model.LogProbs(Sequences));
        Assert.Empty(model.Notices);
    }

    [Fact]
    public void A_head_that_the_config_ties_and_the_file_has_otherwise_is_used_and_told()
    {
        (string, Tensor)[] WithHead(IEnumerable<(string Name, Tensor Tensor)> weights) =>
            weights.ToList() is var all ? [.. all, ("lm_head.weight", all.Single(weight => weight.Name == "transformer.wte.weight").Tensor * 0.5)] : [];
        using var model = LanguageModel.Load(FolderCopy.Of("gpt2-lm", folder.File("tied"), WithHead));
        var untied = FolderCopy.Of("gpt2-lm", folder.File("untied"), WithHead);
        FolderCopy.EditConfig(untied, config => config["tie_word_embeddings"] = false);
        using var expected = LanguageModel.Load(untied);

        Assert.Equal(expected.LogProbs(Sequences), model.LogProbs(Sequences));
        Assert.Empty(expected.Notices);
        Assert.Equal(["The config ties the head to the embedding, but lm_head.weight in the file differs from it: it is used as it stands, as Hugging Face's transformers 5 does (transformers 4 would take the embedding)."], model.Notices);
    }

    [Fact]
    public void A_missing_head_that_nothing_ties_is_refused()
    {
        var path = FolderCopy.Of("llama-lm", folder.File("headless"), weights => weights.Where(weight => weight.Name != "lm_head.weight"));

        var error = Assert.Throws<ModelException>(() => LanguageModel.Load(path));
        Assert.Equal($"{path}: has no language-model head (missing: lm_head.weight), and the config does not tie it to the embedding (tie_word_embeddings). It is a bare body, or the weights are not whole.", error.Message);
    }

    [Theory]
    [InlineData("llama", "is a reward model (it has score.weight), which gives no next token")]
    [InlineData("bert", "bert reads texts both ways; it gives no next token. A language model (")]
    public void A_reward_model_is_refused(string name, string message) =>
        Assert.Contains(message, Assert.Throws<ModelException>(() => LanguageModel.Load(ModelFixture.Folder(name))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_language_model_is_refused_as_a_reward_model() =>
        Assert.Contains("has no reward head (missing: score.weight)", Assert.Throws<ModelException>(() => RewardModel.Load(ModelFixture.Folder("llama-lm"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "eos_token_id": 114 }""", 3)]
    [InlineData("""{ "eos_token_id": [7, 30] }""", 6)]
    [InlineData("{}", 16)]
    public void A_continuation_ends_behind_an_end_token(string generation, int length)
    {
        var path = FolderCopy.Of("llama-lm", folder.File("ending"));
        File.WriteAllText(Path.Combine(path, "generation_config.json"), generation);
        using var model = LanguageModel.Load(path);
        var golden = new LanguageGolden("llama-lm");

        Assert.Equal(golden.Greedy[..length], model.Continue([[.. golden.GreedyPrompt]], 16).Single());
    }

    [Fact]
    public void The_config_s_end_tokens_hold_where_there_is_no_generation_config()
    {
        var path = FolderCopy.Of("llama-lm", folder.File("ending"));
        FolderCopy.EditConfig(path, config => config["eos_token_id"] = new System.Text.Json.Nodes.JsonArray(180, 99));
        using var model = LanguageModel.Load(path);
        var golden = new LanguageGolden("llama-lm");

        Assert.Equal(golden.Greedy[..4], model.Continue([[.. golden.GreedyPrompt]], 16).Single());
    }

    [Fact]
    public void Many_sequences_in_many_passes_give_what_each_gives_alone()
    {
        using var model = LanguageModel.Load(ModelFixture.Folder("gpt2-lm"));
        var random = new Random(5);
        // Some 9000 tokens, three passes; many share a beginning.
        EncodedSequence[] sequences = [.. Enumerable.Range(0, 300).Select(index => new EncodedSequence([.. Enumerable.Range(0, 10).Select(position => (index % 7 * 11) + position), .. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(256))], [], 0))];

        var together = model.LogProbs(sequences).ToArray();

        Assert.Equal(sequences.Length, together.Length);
        foreach (var index in new[] { 0, 1, 7, 150, 298, 299 })
        {
            var alone = model.LogProbs([sequences[index]]).Single();
            Assert.Equal(alone.Length, together[index].Length);
            Assert.True(Deviation.OfLargest(alone, together[index]) < 1e-5);
        }
    }
}
