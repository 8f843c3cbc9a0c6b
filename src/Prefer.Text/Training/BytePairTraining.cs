using Prefer.Text.Training;
using Prefer.Text.Unicode;

namespace Prefer.Text;

/// <summary>
/// Trains a byte-level BPE as GPT-2's: its words, its bytes, and the most frequent pair merged again and again. The same texts give the same
/// tokenizer in whatever order they come: of equally frequent pairs the one of the smaller ids is merged.
/// </summary>
public static class BytePairTraining
{
    /// <summary>A tokenizer of the texts; its <see cref="Tokenizer.Json"/> is a complete tokenizer.json.</summary>
    /// <exception cref="TokenizerException">The options contradict each other, or there is no text.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, BpeTrainingOptions options)
    {
        options.Check();
        var counts = WordCounts.Count(texts);
        if (counts.Count == 0)
        {
            throw new TokenizerException("there is no text to train a tokenizer on");
        }

        var (vocabulary, merges) = Learn(counts, options);
        return Tokenizer.FromJson(TokenizerJson.Write(vocabulary, merges, options), "the trained tokenizer");
    }

    /// <summary>Tokens in the order of their ids, and merges in the order they were made.</summary>
    internal static (List<string> Vocabulary, List<(string Left, string Right)> Merges) Learn(
        IReadOnlyDictionary<string, long> wordCounts, BpeTrainingOptions options)
    {
        // Bytes come in the order of the characters that stand for them, as the reference has it.
        List<string> vocabulary =
        [
            .. options.SpecialTokens,
            .. Enumerable.Range(0, 256).Select(value => ByteCharacters.Of((byte)value)).Order().Select(character => character.ToString()),
        ];
        var ids = vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id, StringComparer.Ordinal);
        var byteIds = Enumerable.Range(0, 256).Select(value => ids[ByteCharacters.Of((byte)value).ToString()]).ToArray();

        var merger = new PairMerger(wordCounts.Select(word =>
            (System.Text.Encoding.UTF8.GetBytes(word.Key).Select(value => byteIds[value]).ToArray(), word.Value)));
        var merges = new List<(string Left, string Right)>();
        while (vocabulary.Count < options.VocabularySize && merger.MostFrequent(options.MinFrequency) is var (left, right))
        {
            var token = vocabulary[left] + vocabulary[right];
            if (!ids.TryGetValue(token, out var id))
            {
                id = vocabulary.Count;
                vocabulary.Add(token);
                ids.Add(token, id);
            }

            merges.Add((vocabulary[left], vocabulary[right]));
            merger.Merge(left, right, id);
        }

        return (vocabulary, merges);
    }
}
