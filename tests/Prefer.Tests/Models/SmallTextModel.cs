using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Text;

namespace Prefer.Tests.Models;

/// <summary>Tiny models that read text: fresh weights, wide enough that rewards differ, and a tokenizer trained on a few sentences.</summary>
internal static class SmallTextModel
{
    private static readonly string[] Sentences =
    [
        "At what temperature does water boil?", "Water boils at a hundred degrees.", "Say hello in three languages.", "Hello, and welcome to the languages.",
        "No idea. Look it up yourself.", "def add(a, b): return a + b", "The quick brown fox jumps over the lazy dog.", "Human: hello Assistant: hello",
    ];

    /// <summary>A byte-level BPE.</summary>
    /// <param name="isCausal">With an end token, or with [CLS] and [SEP].</param>
    /// <param name="size">Tokens; 280 leave some 20 merges.</param>
    /// <param name="seed">Another seed takes the sentences in part, and so merges others.</param>
    internal static TokenizerFiles Tokenizer(bool isCausal, int size = 280, int seed = 0)
    {
        var texts = Sentences.Skip(seed).Concat(Enumerable.Repeat(string.Concat(Sentences[0].Reverse()), seed));
        var tokenizer = BytePairTraining.Train(texts, isCausal ? BpeTrainingOptions.ForDecoder(size) : BpeTrainingOptions.ForEncoder(size));
        return TokenizerFiles.Fresh(tokenizer, isCausal
            ? new Dictionary<string, string> { ["pad_token"] = "<|pad|>", ["eos_token"] = "<|endoftext|>" }
            : new Dictionary<string, string> { ["pad_token"] = "[PAD]", ["cls_token"] = "[CLS]", ["sep_token"] = "[SEP]" });
    }

    /// <summary>A fresh model of a family, as training begins with.</summary>
    /// <param name="family">distilbert or llama.</param>
    /// <param name="folder">Where its config is written.</param>
    /// <param name="files">Its tokenizer; a usual one when null.</param>
    /// <param name="change">Changes the config.</param>
    internal static RewardModel Create(string family, string folder, TokenizerFiles? files = null, Action<JsonObject>? change = null, ulong seed = 1)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config.json")))!.AsObject();
        config["initializer_range"] = 0.3;
        change?.Invoke(config);
        var path = Path.Combine(folder, $"{family}.json");
        File.WriteAllText(path, config.ToJsonString());
        return FreshModel.Create($"new:{path}", files ?? Tokenizer(family is "llama" or "gpt2"), seed, new LoadOptions { AllowFreshHead = true });
    }

    /// <summary>Writes such a model and gives its folder.</summary>
    internal static string Write(string family, string folder)
    {
        using var model = Create(family, folder);
        var saved = Path.Combine(folder, family);
        model.Save(saved);
        return saved;
    }

    /// <summary>Changes a JSON file in place.</summary>
    internal static void Edit(string path, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
