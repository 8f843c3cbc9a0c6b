using System.Text.Json;
using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>
/// PandaLM's test set: pairs with three votes for response 1, response 2, or neither. What most voted for is the label, neither where all three differ. The
/// score is accuracy over the three labels; precision, recall and F1 are means over the labels, as published. A reward model says "neither" at equal rewards only.
/// </summary>
internal sealed class PandaLm : Benchmark
{
    private const string All = "accuracy";

    // Index: what the votes say, 0 neither.
    private static readonly string[] Labels = ["tie", "response 1", "response 2"];

    private static readonly string[] Annotators = ["annotator1", "annotator2", "annotator3"];

    public override BenchmarkItem Read(RowFields row)
    {
        var votes = Annotators.Select(name => row.Whole(name, 0, 2)).ToArray();
        var label = votes.FirstOrDefault(vote => votes.Count(other => other == vote) > 1);
        var input = row.Text("input");
        return new BenchmarkItem
        {
            Subset = Labels[label],
            Prompt = BenchmarkItem.Asked(input.Length == 0 ? row.Text("instruction") : $"{row.Text("instruction")}\n\n{input}"),
            Responses = [Response(row, "response1"), Response(row, "response2")],
            Right = label == 0 ? [] : [label - 1],
            Origin = row.Origin,
        };
    }

    public override BenchmarkResult Score(IReadOnlyList<ScoredItem> items)
    {
        var tally = new BenchmarkTally();
        var confusion = new long[3, 3]; // [label, verdict]
        foreach (var item in items)
        {
            var label = item.Right.IsEmpty ? 0 : item.Right[0] + 1;
            var verdict = item.Rewards[0] > item.Rewards[1] ? 1 : item.Rewards[0] < item.Rewards[1] ? 2 : 0;
            confusion[label, verdict]++;
            tally.Add(All, label == verdict ? 1 : 0, item.Prompt);
            tally.Add(item.Subset, label == verdict ? 1 : 0, item.Prompt);
        }

        var accuracy = tally.Mean([new WeightedSubset(All, 1)], items.Count, 999);
        return new BenchmarkResult
        {
            Benchmark = BenchmarkKind.Pandalm,
            Score = accuracy.Score,
            ScoreCi95 = accuracy.ScoreCi95,
            ScoreOf = [All],
            Missing = [.. Labels.Where(label => !tally.Has(label))],
            Sections = Macro(confusion).Prepend((All, accuracy)).ToDictionary(StringComparer.Ordinal),
            Subsets = Labels.Where(tally.Has).ToDictionary(label => label, label => tally.Share(label), StringComparer.Ordinal),
        };
    }

    /// <summary>A response; in the published file six that read "True" are the JSON value true.</summary>
    private static string Response(RowFields row, string name) => row.Find(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } truth ? truth.GetBoolean().ToString() : row.Text(name);

    /// <summary>Precision, recall and F1 as means over the labels that occur among labels or verdicts; one without verdicts has precision 0, one without labels recall 0.</summary>
    private static IEnumerable<(string Name, BenchmarkPart Part)> Macro(long[,] confusion)
    {
        List<double> precisions = [], recalls = [], harmonics = [];
        for (var label = 0; label < 3; label++)
        {
            var (right, given, said) = (confusion[label, label], 0L, 0L);
            for (var other = 0; other < 3; other++)
            {
                given += confusion[label, other];
                said += confusion[other, label];
            }

            if (given + said > 0)
            {
                precisions.Add(said == 0 ? 0 : (double)right / said);
                recalls.Add(given == 0 ? 0 : (double)right / given);
                harmonics.Add(2.0 * right / (given + said));
            }
        }

        return [("precision", Part(precisions)), ("recall", Part(recalls)), ("f1", Part(harmonics))];

        BenchmarkPart Part(List<double> values) => new(CompensatedSum.Mean(values.ToArray()), null, confusion.Cast<long>().Sum());
    }
}
