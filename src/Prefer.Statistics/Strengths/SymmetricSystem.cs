namespace Prefer.Statistics;

/// <summary>Linear equations with a symmetric, positive definite matrix.</summary>
internal static class SymmetricSystem
{
    /// <summary>The x with A x = b, by Cholesky's factors.</summary>
    /// <param name="matrix">A [n, n]; its lower half is overwritten.</param>
    /// <param name="right">b [n].</param>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        var size = right.Length;
        double[] solution = [.. right];
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                var sum = matrix[row, column];
                for (var inner = 0; inner < column; inner++)
                {
                    sum -= matrix[row, inner] * matrix[column, inner];
                }

                // Rounding may take a pivot to 0 where the curvature has all but vanished; a huge step is then halved by the caller.
                matrix[row, column] = row == column ? Math.Sqrt(Math.Max(sum, double.Epsilon)) : sum / matrix[column, column];
            }

            for (var column = 0; column < row; column++)
            {
                solution[row] -= matrix[row, column] * solution[column];
            }

            solution[row] /= matrix[row, row];
        }

        for (var row = size - 1; row >= 0; row--)
        {
            for (var below = row + 1; below < size; below++)
            {
                solution[row] -= matrix[below, row] * solution[below];
            }

            solution[row] /= matrix[row, row];
        }

        return solution;
    }
}
