using Prefer.Statistics;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>A subset in its section.</summary>
/// <param name="Name">Of the stratum that <see cref="BenchmarkTally"/> collects.</param>
/// <param name="Weight">In the section's mean.</param>
/// <param name="PublishedItems">How many items the published files have.</param>
internal sealed record WeightedSubset(string Name, double Weight, long? PublishedItems = null);

/// <summary>A section in the overall score.</summary>
/// <param name="Name">As it is reported.</param>
/// <param name="Weight">In the overall mean.</param>
/// <param name="Subsets">What it is the mean of.</param>
/// <param name="PublishedItems">How many items the published files have.</param>
internal sealed record WeightedSection(string Name, double Weight, IReadOnlyList<WeightedSubset> Subsets, long? PublishedItems = null);

/// <summary>
/// Values of items by stratum, and the scores that are means of them. Every score of a benchmark but the precision, recall and F1 of PandaLM is a weighted sum of
/// means of strata, which is what its interval is computed from.
/// </summary>
internal sealed class BenchmarkTally
{
    private readonly Dictionary<string, (List<double> Values, List<int> Prompts)> strata = new(StringComparer.Ordinal);

    public void Add(string stratum, double value, int prompt)
    {
        if (!strata.TryGetValue(stratum, out var own))
        {
            strata[stratum] = own = ([], []);
        }

        own.Values.Add(value);
        own.Prompts.Add(prompt);
    }

    public bool Has(string stratum) => strata.ContainsKey(stratum);

    /// <summary>The mean of a stratum whose values are shares, with Wilson's interval.</summary>
    public BenchmarkPart Share(string stratum, long? publishedItems = null)
    {
        var values = strata[stratum].Values;
        var sum = CompensatedSum.Of(values.ToArray());
        return new BenchmarkPart(sum / values.Count, Proportion.Wilson(sum, values.Count), values.Count, publishedItems);
    }

    /// <summary>The weighted mean of the strata that are there, one at least, with its interval clustered by prompt.</summary>
    /// <param name="items">Items that it is of: fewer than values where an item has one in several strata.</param>
    public BenchmarkPart Mean(IEnumerable<WeightedSubset> subsets, long items, long? publishedItems = null)
    {
        WeightedSubset[] present = [.. subsets.Where(subset => Has(subset.Name))];
        var total = CompensatedSum.Of([.. present.Select(subset => subset.Weight)]);
        double[] values = [.. present.SelectMany(subset => strata[subset.Name].Values)];
        int[] prompts = [.. present.SelectMany(subset => strata[subset.Name].Prompts)];
        int[] indices = [.. present.SelectMany((subset, index) => Enumerable.Repeat(index, strata[subset.Name].Values.Count))];
        var mean = StratifiedMean.Of(values, indices, prompts, [.. present.Select(subset => subset.Weight / total)]);
        return new BenchmarkPart(mean.Mean, double.IsNaN(mean.StandardError) ? null : mean.Interval, items, publishedItems);
    }

    /// <summary>The result of sections and their subsets. Of sections that are there in part the score is of that part; those that are not there are left out of the overall score.</summary>
    /// <param name="kind">What it is the result of.</param>
    /// <param name="sections">All that the benchmark has.</param>
    /// <param name="itemsOf">Items of a section.</param>
    /// <param name="subsets">What is reported as subsets.</param>
    public BenchmarkResult Result(BenchmarkKind kind, IReadOnlyList<WeightedSection> sections, Func<WeightedSection, long> itemsOf, IReadOnlyDictionary<string, BenchmarkPart> subsets)
    {
        WeightedSection[] present = [.. sections.Where(section => section.Subsets.Any(subset => Has(subset.Name)))];
        var missing = sections.SelectMany(section => !present.Contains(section) ? [section.Name] : section.Subsets.Where(subset => !Has(subset.Name)).Select(subset => subset.Name));
        var overall = present.SelectMany(section =>
        {
            var own = section.Subsets.Where(subset => Has(subset.Name)).ToArray();
            var total = CompensatedSum.Of([.. own.Select(subset => subset.Weight)]);
            return own.Select(subset => subset with { Weight = section.Weight * (subset.Weight / total) });
        });
        var score = present.Length == 0 ? null : Mean(overall, present.Sum(itemsOf));
        return new BenchmarkResult
        {
            Benchmark = kind,
            Score = score?.Score,
            ScoreCi95 = score?.ScoreCi95,
            ScoreOf = [.. present.Select(section => section.Name)],
            Missing = [.. missing],
            Sections = present.ToDictionary(section => section.Name, section => Mean(section.Subsets, itemsOf(section), section.PublishedItems), StringComparer.Ordinal),
            Subsets = subsets,
        };
    }
}
