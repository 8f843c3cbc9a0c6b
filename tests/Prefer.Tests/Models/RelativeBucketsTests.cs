using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Rows of DeBERTa's table of relative positions against their definition in exact arithmetic.</summary>
public sealed class RelativeBucketsTests
{
    [Theory]
    [InlineData(256, 512, 512)] // v3's sizes
    [InlineData(256, 512, 700)]
    [InlineData(8, 64, 64)]
    [InlineData(48, 128, 300)]
    [InlineData(7, 30, 40)]
    public void Buckets_are_exact_at_first_and_grow_with_the_logarithm(int buckets, int farthest, int length)
    {
        using var scope = new TensorScope();
        var rows = RowsOf(new RelativeBuckets(buckets, farthest), length, length);
        var middle = buckets / 2;
        for (var query = 0; query < length; query++)
        {
            for (var key = 0; key < length; key++)
            {
                var (distance, found) = (query - key, rows[(query * length) + key]);
                if (Math.Abs(distance) <= middle)
                {
                    Assert.Equal(buckets + distance, found);
                    continue;
                }
                var step = Math.Log((double)Math.Abs(distance) / middle) / Math.Log((farthest - 1.0) / middle) * (middle - 1);
                // Where the exact value is a whole number but for single precision's rounding, either neighbour's ceiling is right.
                long At(double value) => Math.Clamp(buckets + (Math.Sign(distance) * ((long)Math.Ceiling(value) + middle)), 0, (2 * buckets) - 1);
                Assert.True(found == At(step - (2e-6 * step)) || found == At(step + (2e-6 * step)), $"distance {distance} reads row {found}, expected {At(step)}");
            }
        }
        // The farthest distance is the last bucket to either side: no rounding may push it over.
        if (length >= farthest)
        {
            var last = (2 * middle) - 1;
            Assert.Equal((buckets - last, buckets + last), (rows[farthest - 1], rows[(farthest - 1) * length]));
        }
    }

    [Fact]
    public void Without_buckets_each_distance_has_its_row_up_to_the_farthest()
    {
        using var scope = new TensorScope();
        var buckets = new RelativeBuckets(null, 3);
        Assert.Equal(6, buckets.RowCount);
        Assert.Equal([3, 2, 1, 0, 0, 4, 3, 2, 1, 0, 5, 4, 3, 2, 1, 5, 5, 4, 3, 2, 5, 5, 5, 4, 3], RowsOf(buckets, 5, 5));
    }

    [Theory]
    [InlineData(8, 64)]
    [InlineData(null, 7)]
    public void A_shorter_sequence_reads_the_same_rows_within_its_range(int? buckets, int farthest)
    {
        using var scope = new TensorScope();
        var table = new RelativeBuckets(buckets, farthest);
        for (var length = 1; length <= 40; length++)
        {
            Assert.Equal(RowsOf(table, length, length), RowsOf(table, 40, length));
            var (first, count) = table.Rows(40, "cpu").RangeOf(length);
            var index = table.Rows(40, "cpu").IndexOf(length).ToArray<long>();
            Assert.Equal((0, count - 1), (index.Min(), index.Max()));
            Assert.InRange(first + count, 1, table.Rows(40, "cpu").Count);
        }
    }

    private static long[] RowsOf(RelativeBuckets buckets, int longest, int length)
    {
        var rows = buckets.Rows(longest, "cpu");
        return Array.ConvertAll(rows.IndexOf(length).ToArray<long>(), row => row + rows.First + rows.RangeOf(length).First);
    }
}
