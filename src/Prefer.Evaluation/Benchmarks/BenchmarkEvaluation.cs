using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>Measures a scorer on a published benchmark.</summary>
public static class BenchmarkEvaluation
{
    /// <summary>Reads all rows, which tells of a bad one before anything is scored, and counts those that are good.</summary>
    /// <exception cref="DataException">A row is not of the benchmark's layout.</exception>
    public static long CountItems(BenchmarkKind kind, IEnumerable<RowFields> rows, OnBadRow onBadRow) => Items(Benchmark.Of(kind), rows, onBadRow == OnBadRow.Skip ? [] : null).LongCount();

    /// <summary>Scores every response once, in one pass over the rows.</summary>
    /// <param name="kind">Which benchmark.</param>
    /// <param name="rows">Read as they are needed; of each a few numbers are kept.</param>
    /// <param name="scorer">What is measured. Equal rewards are wrong, also of a baseline, as in the benchmarks' own code.</param>
    /// <param name="skipped">Takes rows that cannot be read; null to stop at the first.</param>
    /// <param name="clock">Time, for the rate.</param>
    /// <param name="onScored">Called with the number of items behind us.</param>
    /// <exception cref="DataException">A row is not of the benchmark's layout or cannot be read by the scorer, or there is none.</exception>
    /// <exception cref="Models.ModelException">A reward is not finite.</exception>
    public static BenchmarkResult Run(BenchmarkKind kind, IEnumerable<RowFields> rows, IScorer scorer, ICollection<BadRow>? skipped, TimeProvider clock, Action<long>? onScored = null)
    {
        var benchmark = Benchmark.Of(kind);
        // Filled by the thread that reads ahead, so apart from what the scorer skips.
        List<BadRow>? unread = skipped is null ? null : [];
        var items = new List<ScoredItem>();
        var prompts = new Dictionary<string, int>(StringComparer.Ordinal);
        long equal = 0, truncated = 0, becameIdentical = 0;
        long? tokens = null;

        var started = clock.GetTimestamp();
        foreach (var (item, responses) in scorer.Score(Items(benchmark, rows, unread), item => item.Candidates(), skipped))
        {
            var rewards = Rewards(responses, out var isMadeIdentical);
            becameIdentical += isMadeIdentical ? 1 : 0;
            equal += rewards.Distinct().Count() < rewards.Length ? 1 : 0;
            truncated += responses.Count(response => response.Tokens is { RemovedCount: > 0 });
            foreach (var response in responses)
            {
                tokens = response.Tokens is { } sequence ? (tokens ?? 0) + sequence.Ids.Length : tokens;
            }

            var fingerprint = PromptFingerprint.OfMessages(item.Prompt);
            if (!prompts.TryGetValue(fingerprint, out var prompt))
            {
                prompts[fingerprint] = prompt = prompts.Count;
            }

            items.Add(new ScoredItem(item.Subset, prompt, rewards, item.Right, item.Id));
            onScored?.Invoke(items.Count);
        }

        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        foreach (var row in unread ?? [])
        {
            skipped!.Add(row);
        }

        return items.Count == 0
            ? throw new DataException($"found no row that can be scored; expected at least one{(skipped?.FirstOrDefault() is { } first ? $"; repair the rows, beginning with {first}" : "")}")
            : benchmark.Score(items) with
            {
                Items = items.Count,
                EqualRewards = equal,
                Truncated = truncated,
                BecameIdenticalByTruncation = becameIdentical,
                Tokens = tokens,
                Seconds = seconds,
            };
    }

    private static IEnumerable<BenchmarkItem> Items(Benchmark benchmark, IEnumerable<RowFields> rows, List<BadRow>? unread)
    {
        foreach (var row in rows)
        {
            BenchmarkItem item;
            try
            {
                item = benchmark.Read(row);
            }
            catch (DataException bad) when (unread is not null)
            {
                unread.Add(new BadRow(row.Origin, bad.Message[(row.Origin.ToString().Length + 2)..]));
                continue;
            }

            yield return item;
        }
    }

    /// <summary>The rewards; the same tokens have one, whatever a difference in rounding between two places of a pass says.</summary>
    private static ImmutableArray<double> Rewards(ImmutableArray<ScoredResponse> responses, out bool isMadeIdentical)
    {
        isMadeIdentical = false;
        var rewards = responses.Select(response => response.Reward).ToArray();
        for (var later = 1; later < rewards.Length; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                if (responses[later].Tokens is { } own && responses[earlier].Tokens is { } other && own.SameAs(other))
                {
                    rewards[later] = rewards[earlier];
                    isMadeIdentical |= own.RemovedCount > 0 || other.RemovedCount > 0;
                    break;
                }
            }
        }

        return [.. rewards];
    }
}
