using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Training;

/// <summary>The rows of <c>--data</c> or <c>--eval-data</c>, of the kind that the loss takes.</summary>
/// <param name="Parts">One list for each source of a mixture; a single one without weights.</param>
/// <param name="Sources">The sources of a mixture; empty without weights.</param>
/// <param name="BadRowCount">Rows that were skipped.</param>
internal sealed record TrainingRows(IReadOnlyList<IReadOnlyList<Judgement>> Parts, ImmutableArray<WeightedFiles> Sources, int BadRowCount)
{
    internal IEnumerable<Judgement> All => Parts.SelectMany(part => part);

    /// <param name="data">Files, globs, <c>-</c>; with weights where <paramref name="mixes"/>.</param>
    /// <param name="mixes">Whether weights make a mixture.</param>
    /// <param name="options">The loss, the columns, and what becomes of bad rows.</param>
    /// <param name="note">Is told of each row that was skipped.</param>
    /// <exception cref="DataException">A file or row cannot be read, or is of another kind than the loss takes.</exception>
    internal static TrainingRows Read(IReadOnlyList<string> data, bool mixes, TrainOptions options, Action<string> note)
    {
        var columns = ColumnMap.Parse(options.Columns);
        var files = mixes ? WeightedFiles.ParseAll(data) : [.. data.Select(pattern => new WeightedFiles(pattern, null))];
        var isMixture = files.Any(part => part.Weight is not null);
        var badRowCount = 0;
        var parts = new List<IReadOnlyList<Judgement>>();
        foreach (var patterns in isMixture ? files.Select(part => new[] { part.Pattern }) : [[.. files.Select(part => part.Pattern)]])
        {
            var source = DataSource.Open(patterns, options.OnBadRow, columns: columns);
            parts.Add([.. options.Loss switch
            {
                LossType.PlackettLuce => source.Rankings(),
                LossType.Regression => source.Ratings(),
                _ => source.Comparisons(),
            }]);
            foreach (var row in source.Report.BadRows)
            {
                note($"skipped {row}");
            }
            badRowCount += source.Report.BadRows.Length;
        }
        return new TrainingRows(parts, isMixture ? files : [], badRowCount);
    }
}
