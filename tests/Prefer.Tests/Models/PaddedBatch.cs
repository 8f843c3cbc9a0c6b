namespace Prefer.Tests.Models;

/// <summary>A batch as other libraries feed it: B rows of L tokens, a mask that says which are real, positions, segments.</summary>
/// <param name="Ids">Token ids, B rows of L.</param>
/// <param name="Mask">1 where a token is real, 0 where it is padding.</param>
/// <param name="Positions">Position of each token; 0, 1, …, L − 1 in every row unless given, as Hugging Face counts.</param>
/// <param name="TokenTypes">Segments; all 0 unless given.</param>
internal sealed record PaddedBatch(int[][] Ids, int[][] Mask, int[][]? Positions = null, int[][]? TokenTypes = null)
{
    internal int RowCount => Ids.Length;

    internal int Length => Ids[0].Length;

    /// <summary>Pads on the right with token 0.</summary>
    internal static PaddedBatch Right(IReadOnlyList<int[]> sequences, IReadOnlyList<int[]>? tokenTypes = null)
    {
        var length = sequences.Max(sequence => sequence.Length);
        int[] Pad(IEnumerable<int> row) => [.. row.Concat(new int[length]).Take(length)];
        return new(
            [.. sequences.Select(Pad)],
            [.. sequences.Select(sequence => Pad(sequence.Select(_ => 1)))],
            TokenTypes: tokenTypes is null ? null : [.. tokenTypes.Select(Pad)]);
    }

    /// <summary>The rows without their padding.</summary>
    internal int[][] Sequences() => Real(Ids);

    /// <summary>The segments without padding, or null where the batch has none.</summary>
    internal int[][]? RealTokenTypes() => TokenTypes is null ? null : Real(TokenTypes);

    /// <summary>Column of a row's first real token.</summary>
    internal int FirstColumn(int row) => Array.IndexOf(Mask[row], 1);

    internal long[] Flat(int[][]? rows, Func<int, long> otherwise) =>
        [.. Enumerable.Range(0, RowCount * Length).Select(index => rows is null ? otherwise(index % Length) : rows[index / Length][index % Length])];

    private int[][] Real(int[][] values) => [.. values.Select((row, index) => row.Where((_, column) => Mask[index][column] == 1).ToArray())];
}
