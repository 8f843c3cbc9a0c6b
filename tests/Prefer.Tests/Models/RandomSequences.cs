using FsCheck;
using FsCheck.Fluent;

namespace Prefer.Tests.Models;

/// <summary>
/// Random batches that meet each other in every way a forest knows: sequences that branch in the middle of another, one a
/// prefix of another, equal sequences, single tokens.
/// </summary>
internal static class RandomSequences
{
    /// <summary>Up to eight sequences of up to 20 tokens from a vocabulary of at most five; shrinks by leaving out sequences and tokens.</summary>
    internal static Arbitrary<int[][]> Batches { get; } =
        Arb.From(Gen.Choose(0, int.MaxValue - 1).Select(seed => Draw(new Random(seed))), Shrink);

    /// <summary>Checks a property on seeded batches: the same ones in every run.</summary>
    internal static void ForAll(int batchCount, Action<int[][]> property) =>
        Prop.ForAll(Batches, property).Check(Config.QuickThrowOnFailure.WithMaxTest(batchCount).WithReplay(20_250_101, 1).WithQuietOnSuccess(true));

    internal static int[][] Draw(Random random)
    {
        var vocabulary = random.Next(2, 6);
        var sequences = new List<int[]>();
        int[] Fresh(int length) => [.. Enumerable.Range(0, length).Select(_ => 1 + random.Next(vocabulary))];
        for (var left = random.Next(1, 9); left > 0; left--)
        {
            var other = sequences.Count == 0 ? Fresh(random.Next(1, 12)) : sequences[random.Next(sequences.Count)];
            var cut = random.Next(1, other.Length + 1);
            sequences.Add(random.Next(5) switch
            {
                0 => Fresh(1),
                1 => other,
                2 => other[..cut],
                3 => [.. other[..cut], .. Fresh(random.Next(1, 9))],
                _ => Fresh(random.Next(1, 12)),
            });
        }
        return [.. sequences];
    }

    private static IEnumerable<int[][]> Shrink(int[][] batch)
    {
        for (var index = 0; index < batch.Length; index++)
        {
            if (batch.Length > 1)
            {
                yield return [.. batch[..index], .. batch[(index + 1)..]];
            }
            if (batch[index].Length > 1)
            {
                yield return [.. batch[..index], batch[index][..^1], .. batch[(index + 1)..]];
            }
        }
    }
}
