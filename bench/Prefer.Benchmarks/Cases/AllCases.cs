using Prefer.Models;

namespace Prefer.Benchmarks.Cases;

/// <summary>Every case that a process of this program measures, in the order of a round. Start-up is measured from outside, by bench/run.</summary>
internal static class AllCases
{
    private static readonly Precision[] Precisions = [Precision.Fp32, Precision.Bf16];
    private static readonly Shape[] Shapes = [new(256, 256, 4), new(1024, 256, 2), new(4096, 64, 1)];

    internal static IReadOnlyList<Case> List { get; } = [.. Build()];

    /// <summary>Those whose name contains one of the words, or all; a quick round leaves the longer shapes out.</summary>
    internal static IEnumerable<Case> Choose(Amount amount, IReadOnlyList<string> words) => List
        .Where(item => words.Count == 0 || words.Any(word => item.Name.Contains(word, StringComparison.Ordinal)))
        .Where(item => amount != Amount.Quick || !Shapes.Skip(1).Any(shape => item.Name.Contains($"/{shape.Name}/", StringComparison.Ordinal)));

    private static IEnumerable<Case> Build()
    {
        foreach (var precision in Precisions)
        {
            var name = NameOf(precision);
            yield return new Case($"peak/{name}", preparation => PeakCase.Run(preparation.Amount, precision));
        }
        foreach (var precision in Precisions)
        {
            var name = NameOf(precision);
            foreach (var model in new[] { Preparation.Encoder, Preparation.Causal })
            {
                // An encoder shares nothing, so the best way of Prefer is packing.
                Way[] ways = model == Preparation.Causal ? [Way.Padded, Way.Sorted, Way.Packed, Way.Shared] : [Way.Padded, Way.Sorted, Way.Packed];
                foreach (var way in ways)
                {
                    yield return new Case($"train/{model}/data/{name}/{NameOf(way)}", preparation => TrainCase.Run(preparation, model, null, precision, way));
                }
                foreach (var way in new[] { Way.Padded, ways[^1] })
                {
                    yield return new Case($"score/{model}/{name}/{NameOf(way)}", preparation => ScoreCase.Run(preparation, model, precision, way));
                    yield return new Case($"best-of/{model}/{name}/{NameOf(way)}", preparation => BestOfCase.Run(preparation, model, precision, way));
                }
            }
            foreach (var shape in Shapes)
            {
                foreach (var way in new[] { Way.Padded, Way.Packed, Way.Shared })
                {
                    yield return new Case($"train/{Preparation.Causal}/{shape.Name}/{name}/{NameOf(way)}", preparation => TrainCase.Run(preparation, Preparation.Causal, shape, precision, way));
                }
            }
        }
        foreach (var model in new[] { Preparation.Encoder, Preparation.Causal })
        {
            yield return new Case($"tokenize/{model}", preparation => TokenizeCase.Run(preparation, model));
            yield return new Case($"load/{model}", preparation => LoadCase.Run(preparation, model));
        }
    }

    private static string NameOf<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>How a batch is computed.</summary>
internal enum Way
{
    /// <summary>A row a response, padded to the longest of the batch; batches of pairs in random order.</summary>
    Padded,

    /// <summary>The same in batches of like length.</summary>
    Sorted,

    /// <summary>Prefer without shared prefixes.</summary>
    Packed,

    /// <summary>Prefer as it is.</summary>
    Shared,
}
