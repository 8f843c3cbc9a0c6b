using System.Diagnostics;
using System.Text.Json;
using Prefer.Text;

namespace Prefer.Benchmarks;

/// <summary>
/// Passes of a tokenizer over texts, one JSON object each: texts per second, the tokens and a checksum of them (so that two
/// tools can be seen to have done the same work) and bytes allocated per token. On as many cores as the process is given.
/// </summary>
internal static class TokenizerSpeed
{
    /// <param name="tokenizerPath">A tokenizer.json.</param>
    /// <param name="textsPath">JSON lines, each a string.</param>
    /// <param name="passCount">Passes over all texts.</param>
    internal static int Run(string tokenizerPath, string textsPath, int passCount)
    {
        var tokenizer = Tokenizer.Load(tokenizerPath);
        var texts = File.ReadLines(textsPath).Select(line => JsonSerializer.Deserialize<string>(line)!).ToArray();
        for (var pass = 0; pass < passCount; pass++)
        {
            var allocated = GC.GetTotalAllocatedBytes(precise: true);
            var clock = Stopwatch.StartNew();
            var ids = tokenizer.EncodeBatch(texts);
            var seconds = clock.Elapsed.TotalSeconds;
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            var (tokens, checksum) = (0L, 0L);
            foreach (var id in ids.SelectMany(row => row))
            {
                (tokens, checksum) = (tokens + 1, ((checksum * 31) + id) % 1_000_000_007);
            }
            Console.WriteLine(JsonSerializer.Serialize(new
            {
                texts_per_second = texts.Length / seconds, tokens, checksum, bytes_per_token = (double)allocated / tokens,
            }));
        }
        return 0;
    }
}
