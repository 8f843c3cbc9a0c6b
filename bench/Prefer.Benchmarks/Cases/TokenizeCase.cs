using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Prefer.Benchmarks.Cases;

/// <summary>Texts to ids in one batch, on all cores; the second of two passes counts.</summary>
internal static class TokenizeCase
{
    internal static JsonObject Run(Preparation preparation, string model)
    {
        var tokenizer = Text.Tokenizer.LoadFolder(preparation.FolderOf(model))!;
        string[] texts = [.. preparation.Comparisons().SelectMany(pair => pair.AllResponses, (pair, response) => string.Join("\n\n", pair.Prompt.Concat(response.Turns).Select(turn => turn.Content)))];
        tokenizer.EncodeBatch(texts);
        var started = Stopwatch.GetTimestamp();
        var ids = tokenizer.EncodeBatch(texts);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new JsonObject { ["texts_per_second"] = texts.Length / seconds, ["tokens_per_second"] = ids.Sum(row => (long)row.Length) / seconds };
    }
}
