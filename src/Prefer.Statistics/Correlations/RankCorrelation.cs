namespace Prefer.Statistics;

/// <summary>Correlations that look at the order of numbers only.</summary>
public static class RankCorrelation
{
    /// <summary>Ranks from 1 for the smallest; equal numbers share the mean of the ranks that they take up.</summary>
    /// <param name="values">Finite numbers.</param>
    public static double[] AverageRanks(ReadOnlySpan<double> values)
    {
        var order = Ascending(values);
        var ranks = new double[values.Length];
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && values[order[end]] == values[order[start]])
            {
                end++;
            }
            for (var place = start; place < end; place++)
            {
                ranks[order[place]] = (start + 1 + end) / 2.0;
            }
            start = end;
        }
        return ranks;
    }

    /// <summary>Spearman's rho, in [−1, 1]: Pearson's correlation of the average ranks, which is what ties ask for; null where x or y does not vary.</summary>
    /// <exception cref="ArgumentException">The lengths differ, or a number is not finite.</exception>
    /// <remarks>C. Spearman, American Journal of Psychology 15 (1904).</remarks>
    public static double? Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        FinitePairs.Require(x, y);
        return Correlation.Of(AverageRanks(x), AverageRanks(y)).Pearson();
    }

    /// <summary>
    /// Kendall's tau-b, in [−1, 1]: (concordant − discordant) / √((pairs untied in x)(pairs untied in y)) over all pairs of items; null where x or y does not vary.
    /// </summary>
    /// <exception cref="ArgumentException">The lengths differ, or a number is not finite.</exception>
    /// <remarks>M. G. Kendall, Biometrika 33 (1945). In O(n log n): sorted by x, the discordant pairs are the exchanges that sorting by y takes, W. R. Knight, JASA 61 (1966).</remarks>
    public static double? KendallTauB(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        FinitePairs.Require(x, y);
        var (xs, ys) = (x.ToArray(), y.ToArray());
        var order = Enumerable.Range(0, xs.Length).ToArray();
        Array.Sort(order, (left, right) => xs[left].CompareTo(xs[right]) is var byX and not 0 ? byX : ys[left].CompareTo(ys[right]));
        double[] sortedX = [.. order.Select(index => xs[index])], sortedY = [.. order.Select(index => ys[index])];
        var all = Pairs(xs.Length);
        var tiedX = TiedPairs(xs.Length, (left, right) => sortedX[left] == sortedX[right]);
        var tiedBoth = TiedPairs(xs.Length, (left, right) => sortedX[left] == sortedX[right] && sortedY[left] == sortedY[right]);
        var discordant = SortCountingExchanges(sortedY, new double[sortedY.Length]);
        var tiedY = TiedPairs(xs.Length, (left, right) => sortedY[left] == sortedY[right]);
        if (tiedX == all || tiedY == all)
        {
            return null;
        }
        double concordantLessDiscordant = all - tiedX - tiedY + tiedBoth - 2 * discordant;
        return Math.Clamp(concordantLessDiscordant / Math.Sqrt(all - tiedX) / Math.Sqrt(all - tiedY), -1, 1);
    }

    private static int[] Ascending(ReadOnlySpan<double> values)
    {
        var keys = values.ToArray();
        var order = Enumerable.Range(0, keys.Length).ToArray();
        Array.Sort(keys, order);
        return order;
    }

    private static long Pairs(long count) => count * (count - 1) / 2;

    // Pairs within the runs of equal items of a sorted list.
    private static long TiedPairs(int count, Func<int, int, bool> areEqual)
    {
        var tied = 0L;
        for (int start = 0, end; start < count; start = end)
        {
            for (end = start + 1; end < count && areEqual(start, end); end++)
            {
            }
            tied += Pairs(end - start);
        }
        return tied;
    }

    // Merge sort; how many pairs stood in the wrong order.
    private static long SortCountingExchanges(Span<double> values, Span<double> room)
    {
        if (values.Length < 2)
        {
            return 0;
        }
        var middle = values.Length / 2;
        var exchanges = SortCountingExchanges(values[..middle], room[..middle]) + SortCountingExchanges(values[middle..], room[middle..]);
        var (left, right) = (0, middle);
        for (var place = 0; place < values.Length; place++)
        {
            if (left < middle && (right == values.Length || values[left] <= values[right]))
            {
                room[place] = values[left++];
            }
            else
            {
                exchanges += middle - left;
                room[place] = values[right++];
            }
        }
        room.CopyTo(values);
        return exchanges;
    }
}
