namespace Prefer.Data;

/// <summary>How long something is, over a data set.</summary>
/// <param name="Count">How many were measured.</param>
/// <param name="Min">The shortest.</param>
/// <param name="Median">The middle one, or the mean of the two in the middle.</param>
/// <param name="Mean">The mean.</param>
/// <param name="P95">The 95th percentile: the smallest length that at least 95 % do not exceed.</param>
/// <param name="Max">The longest.</param>
public sealed record LengthSummary(int Count, int Min, double Median, double Mean, int P95, int Max)
{
    /// <summary>The summary of the lengths, or null when there are none.</summary>
    public static LengthSummary? Of(IEnumerable<int> lengths)
    {
        int[] sorted = [.. lengths.Order()];
        if (sorted.Length == 0)
        {
            return null;
        }

        int half = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + (double)sorted[half]) / 2;
        int rank = (int)((95L * sorted.Length + 99) / 100); // ⌈0.95 n⌉, in whole numbers
        return new LengthSummary(sorted.Length, sorted[0], median, sorted.Sum(length => (long)length) / (double)sorted.Length, sorted[rank - 1], sorted[^1]);
    }
}
