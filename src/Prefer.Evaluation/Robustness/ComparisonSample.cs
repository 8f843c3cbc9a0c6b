using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Prefer.Data;

namespace Prefer.Evaluation.Robustness;

/// <summary>
/// A seeded sample of the comparisons that changes can be made to, collected in passing: one of each prompt before a second of any. Which are drawn depends on their texts and the seed, not on
/// their order. Ties, pairs that teach nothing, token ids and texts without turns (where the answer's beginning is not to be seen) are never drawn. It holds at most
/// <paramref name="count"/> prompts.
/// </summary>
/// <param name="count">Most comparisons that are drawn; positive.</param>
/// <param name="seed">Another seed draws others.</param>
public sealed class ComparisonSample(int count, int seed)
{
    // Hashes of prompts; of each prompt its comparisons by their hashes.
    private readonly SortedSet<ulong> keys = [];
    private readonly Dictionary<ulong, SortedDictionary<ulong, Comparison>> prompts = [];

    /// <summary>Considers a comparison.</summary>
    public void Add(Comparison comparison)
    {
        if (!IsEligible(comparison))
        {
            return;
        }

        var key = Hash(seed, PromptFingerprint.Of(comparison));
        if (!prompts.TryGetValue(key, out var ofPrompt))
        {
            if (keys.Count == count && key > keys.Max)
            {
                return;
            }

            prompts[key] = ofPrompt = [];
            keys.Add(key);
            if (keys.Count > count)
            {
                prompts.Remove(keys.Max);
                keys.Remove(keys.Max);
            }
        }

        // A repeat of a comparison says nothing new.
        ofPrompt.TryAdd(ContentHash(seed, comparison), comparison);
        if (ofPrompt.Count > count)
        {
            ofPrompt.Remove(ofPrompt.Keys.Last());
        }
    }

    /// <summary>The sample, in an order that depends on texts and seed alone.</summary>
    public IReadOnlyList<Comparison> Drawn() =>
    [
        .. keys.SelectMany(key => prompts[key].Values.Select((comparison, rank) => (rank, comparison)))
            .OrderBy(entry => entry.rank).Take(count).Select(entry => entry.comparison),
    ];

    internal static bool IsEligible(Comparison comparison) =>
        comparison is { TeachesNothing: false, IsTie: false, Prompt.IsEmpty: false } && IsAnswer(comparison.Chosen) && IsAnswer(comparison.Rejected);

    internal static ulong ContentHash(int seed, Comparison comparison) => Hash(seed, ComparisonWriter.ToJson(comparison with { Id = null, Extra = null, Subset = null }));

    internal static ulong Hash(int seed, string text) =>
        BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}:{text}"))));

    private static bool IsAnswer(Response response) => !response.IsTokenized && response.Turns is [.., { Role: not "text" } last] && !string.IsNullOrWhiteSpace(last.Content);
}
