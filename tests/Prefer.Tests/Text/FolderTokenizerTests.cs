using System.Text.Json.Nodes;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>
/// Published tokenizers taken apart into the files of checkpoints that have no tokenizer.json, and put together again: every recorded text has
/// the recorded ids.
/// </summary>
public sealed class FolderTokenizerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Bert_from_a_vocab_txt()
    {
        var json = Published("bert-base-uncased");
        FolderOfFiles.Write(folder, ("vocab.txt", Lines(InOrder(json))), ("config.json", new { model_type = "bert" }));
        Check("bert-base-uncased");
    }

    [Fact]
    public void Gpt2_from_vocab_and_merges()
    {
        var json = Published("gpt2");
        FolderOfFiles.Write(
            folder, ("vocab.json", json["model"]!["vocab"]!), ("merges.txt", "#version: 0.2\n" + Lines(Merges(json))),
            ("tokenizer_config.json", new { tokenizer_class = "GPT2TokenizerFast", model_max_length = 1024 }));
        Check("gpt2");
    }

    [Fact]
    public void Qwen2_from_vocab_and_merges_and_its_own_settings()
    {
        var json = Published("qwen2.5");
        FolderOfFiles.Write(
            folder, ("vocab.json", json["model"]!["vocab"]!), ("merges.txt", Lines(Merges(json))),
            ("tokenizer_config.json", File.ReadAllBytes(Repository.Shared("fixtures", "tokenizers", "qwen2.5", "tokenizer_config.json"))));
        Check("qwen2.5");
    }

    [Fact]
    public void Llama_from_a_sentencepiece_model()
    {
        var json = Published("stories260k");
        var ranks = Merges(json).Select((merge, rank) => (Token: merge.Replace(" ", "", StringComparison.Ordinal), rank))
            .GroupBy(entry => entry.Token).ToDictionary(group => group.Key, group => group.Min(entry => entry.rank));
        var pieces = InOrder(json).Select((token, id) => (token, ranks.TryGetValue(token, out var rank) ? -(double)rank : 0, id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1));
        FolderOfFiles.Write(
            folder, ("tokenizer.model", FolderOfFiles.SentencePiece(pieces, model: 2, unknownId: 0, bytes: true)),
            ("tokenizer_config.json", new { tokenizer_class = "LlamaTokenizer", add_bos_token = true, add_eos_token = false, legacy = true }));
        Check("stories260k");
    }

    [Fact]
    public void T5_from_a_sentencepiece_model()
    {
        var json = Published("t5-small");
        var pieces = Scores(json).Take(32000).Select((piece, id) => (piece.Token, piece.Score, id == 2 ? 2 : id < 2 ? 3 : 1));
        FolderOfFiles.Write(
            folder, ("spiece.model", FolderOfFiles.SentencePiece(pieces, model: 1, unknownId: 2, CharacterMap(json["normalizer"]!))),
            ("tokenizer_config.json", File.ReadAllBytes(Repository.Shared("fixtures", "tokenizers", "t5-small", "tokenizer_config.json"))));
        Check("t5-small");
    }

    [Fact]
    public void Deberta_v3_from_a_sentencepiece_model()
    {
        var json = Published("deberta-v3");
        var pieces = Scores(json).Select((piece, id) => (piece.Token, piece.Score, id < 3 ? 3 : id == 3 ? 2 : id < 260 ? 6 : 1));
        FolderOfFiles.Write(
            folder, ("spm.model", FolderOfFiles.SentencePiece(pieces, model: 1, unknownId: 3, CharacterMap(json["normalizer"]!["normalizers"]![1]!))),
            ("config.json", new { model_type = "deberta-v2" }));
        Check("deberta-v3");
    }

    private void Check(string name)
    {
        var tokenizer = Tokenizer.LoadFolder(folder.Path)!;
        foreach (var expected in TokenizerFixtures.Texts(name))
        {
            Assert.Equal(expected.Ids, tokenizer.Encode(expected.Text));
            Assert.Equal(expected.DecodedSkipSpecial, tokenizer.Decode(expected.Ids, skipSpecialTokens: true));
        }

        foreach (var expected in TokenizerFixtures.Pairs(name))
        {
            var encoding = tokenizer.EncodeWithOffsets(expected.A, expected.B);
            Assert.Equal(expected.Ids, encoding.Ids);
            Assert.Equal(expected.TypeIds, encoding.TypeIds);
        }

        Assert.Equal(TokenizerFixtures.Load(name).VocabularySize, tokenizer.VocabularySize);

        // What is saved is an ordinary tokenizer.json, which the same settings leave as it is.
        tokenizer.Save(folder.File("tokenizer.json"));
        Assert.True(tokenizer.Json.Span.SequenceEqual(Tokenizer.LoadFolder(folder.Path)!.Json.Span));
    }

    private static JsonObject Published(string name) =>
        JsonNode.Parse(File.ReadAllBytes(Repository.Shared("fixtures", "tokenizers", name, "tokenizer.json")))!.AsObject();

    private static IEnumerable<string> InOrder(JsonObject json) =>
        json["model"]!["vocab"]!.AsObject().OrderBy(entry => entry.Value!.GetValue<int>()).Select(entry => entry.Key);

    private static IEnumerable<(string Token, double Score)> Scores(JsonObject json) =>
        json["model"]!["vocab"]!.AsArray().Select(entry => (entry![0]!.GetValue<string>(), entry[1]!.GetValue<double>()));

    private static IEnumerable<string> Merges(JsonObject json) => json["model"]!["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : merge!.GetValue<string>());

    private static byte[] CharacterMap(JsonNode normalizer) => Convert.FromBase64String(normalizer["precompiled_charsmap"]!.GetValue<string>());

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
