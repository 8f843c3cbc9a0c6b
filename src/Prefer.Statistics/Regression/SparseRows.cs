namespace Prefer.Statistics;

/// <summary>A matrix of mostly zeros, row after row, added one at a time.</summary>
public sealed class SparseRows
{
    private readonly List<int> starts = [0];
    private readonly List<int> columns = [];
    private readonly List<double> values = [];

    /// <summary>Rows added.</summary>
    public int RowCount => starts.Count - 1;

    /// <summary>One more than the largest column of any row.</summary>
    public int ColumnCount { get; private set; }

    /// <summary>Adds a row.</summary>
    /// <param name="entries">Its non-zero values, each column at most once.</param>
    public void Add(IEnumerable<(int Column, double Value)> entries)
    {
        foreach (var (column, value) in entries)
        {
            columns.Add(column);
            values.Add(value);
            ColumnCount = Math.Max(ColumnCount, column + 1);
        }
        starts.Add(columns.Count);
    }

    /// <summary>Every row's product with a vector.</summary>
    /// <param name="vector">One value a column.</param>
    /// <param name="products">One value a row, overwritten.</param>
    public void Multiply(ReadOnlySpan<double> vector, Span<double> products)
    {
        for (var row = 0; row < RowCount; row++)
        {
            var sum = 0.0;
            for (var entry = starts[row]; entry < starts[row + 1]; entry++)
            {
                sum += values[entry] * vector[columns[entry]];
            }
            products[row] = sum;
        }
    }

    /// <summary>Adds every row, times its weight, to a vector of one value a column.</summary>
    public void AddTransposed(ReadOnlySpan<double> weights, Span<double> vector)
    {
        for (var row = 0; row < RowCount; row++)
        {
            for (var entry = starts[row]; entry < starts[row + 1]; entry++)
            {
                vector[columns[entry]] += values[entry] * weights[row];
            }
        }
    }
}
