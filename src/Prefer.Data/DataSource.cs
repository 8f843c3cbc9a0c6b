using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>
/// Files of rows: JSON Lines or JSON arrays, gzip or plain, several files and globs, standard input. Rows are read while they are
/// enumerated, one at a time; each enumeration reads the files again (standard input can be read once).
/// </summary>
public sealed class DataSource
{
    private readonly OnBadRow onBadRow;
    private readonly Func<Stream> standardInput;
    private readonly ColumnMap columns;
    private readonly List<BadRow> badRows = [];
    private long rowCount;

    private DataSource(ImmutableArray<string> files, OnBadRow onBadRow, Func<Stream> standardInput, ColumnMap columns)
    {
        Files = files;
        this.onBadRow = onBadRow;
        this.standardInput = standardInput;
        this.columns = columns;
    }

    /// <summary>The files, in the order they are read: as the patterns give them, by name within a glob, none twice.</summary>
    public ImmutableArray<string> Files { get; }

    /// <summary>What the latest enumeration has met so far; whole once the enumeration is. Read one enumeration at a time.</summary>
    public ReadReport Report => new(rowCount, [.. badRows]);

    /// <summary>Rows that the latest enumeration has read so far, bad ones included.</summary>
    public long RowCount => rowCount;

    /// <summary>Finds the files; opens none.</summary>
    /// <param name="patterns">Paths, globs (<c>*</c>, <c>?</c>, <c>**</c>), or <c>-</c> for standard input.</param>
    /// <param name="onBadRow">What happens with rows that cannot be read.</param>
    /// <param name="standardInput">What <c>-</c> opens; the process's own standard input when null.</param>
    /// <param name="columns">Other names of columns; none when null.</param>
    /// <exception cref="DataException">A pattern matches no file.</exception>
    public static DataSource Open(IEnumerable<string> patterns, OnBadRow onBadRow = OnBadRow.Stop, Func<Stream>? standardInput = null, ColumnMap? columns = null) =>
        new(InputFiles.Find(patterns), onBadRow, standardInput ?? Console.OpenStandardInput, columns ?? ColumnMap.None);

    /// <summary>All rows as comparisons; a ranking gives all its pairs. Includes those that teach nothing (see <see cref="UsablePairs"/>).</summary>
    /// <exception cref="DataException">While enumerating: a file or row that cannot be read. Damage that hides where the next row begins (a
    /// cut gzip stream, broken JSON inside an array), an empty file, and files of bad rows only, stop under <see cref="OnBadRow.Skip"/> too.</exception>
    public IEnumerable<Comparison> Comparisons() => Read(row => ComparisonRows.Parse(row).Comparisons);

    /// <summary>All rows with rankings in one piece: each a <see cref="Comparison"/> or a <see cref="Ranking"/>.</summary>
    /// <exception cref="DataException">As for <see cref="Comparisons"/>.</exception>
    public IEnumerable<Judgement> Rankings() => Read<Judgement>(row => [ComparisonRows.ParseWhole(row).Judgement]);

    /// <summary>All rows as responses with a score; a ranking with scores gives one for each response.</summary>
    /// <exception cref="DataException">As for <see cref="Comparisons"/>; and a row has scores in several dimensions.</exception>
    public IEnumerable<Rating> Ratings() => Read(RatingRows.ParseOne);

    /// <summary>The same with one rating for each dimension of a row; those of a row follow one another and have the same <see cref="Rating.Response"/>.</summary>
    /// <exception cref="DataException">As for <see cref="Comparisons"/>.</exception>
    public IEnumerable<Rating> RatingsByDimension() => Read(RatingRows.Parse);

    /// <summary>All rows as candidates to be scored.</summary>
    /// <exception cref="DataException">As for <see cref="Comparisons"/>.</exception>
    public IEnumerable<Candidate> Candidates() => Read<Candidate>(row => [CandidateRows.Parse(row).Candidate]);

    /// <summary>All rows as a prompt and responses to choose from.</summary>
    /// <exception cref="DataException">As for <see cref="Comparisons"/>.</exception>
    public IEnumerable<Slate> Slates() => Read<Slate>(row => [SlateRows.Parse(row)]);

    /// <summary>Counts the rows of all files without looking into them, which takes as long as reading and unpacking them.</summary>
    /// <exception cref="DataException">A file cannot be read, is empty, or is cut short.</exception>
    public long CountRows()
    {
        long count = 0;
        foreach (string file in Files)
        {
            using RowStream rows = OpenFile(file);
            while (rows.TryRead(out _, out _))
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>All rows with their fields as they stand, for verbs that read fields of their own.</summary>
    /// <exception cref="DataException">As for <see cref="Comparisons"/>.</exception>
    public IEnumerable<RowFields> Fields() => Read<RowFields>(row => [row.Fields()]);

    internal RowStream OpenFile(string file) => RowStream.Open(file, standardInput);

    internal Row ParseRow(ReadOnlyMemory<byte> bytes, RowOrigin origin) => Row.Parse(bytes, columns, origin);

    private IEnumerable<T> Read<T>(Func<Row, IReadOnlyList<T>> parse)
    {
        rowCount = 0;
        badRows.Clear();
        foreach (string file in Files)
        {
            using RowStream rows = OpenFile(file);
            while (rows.TryRead(out ReadOnlyMemory<byte> bytes, out long line))
            {
                rowCount++;
                foreach (T item in ParseOne(rows, bytes, new RowOrigin(file, line), parse))
                {
                    yield return item;
                }
            }
        }

        if (badRows.Count == rowCount)
        {
            throw new DataException($"{badRows[0].Origin.File}: found {rowCount} rows, all of them bad; expected at least one good one; repair them, beginning with {badRows[0]}");
        }
    }

    private IReadOnlyList<T> ParseOne<T>(RowStream rows, ReadOnlyMemory<byte> bytes, RowOrigin origin, Func<Row, IReadOnlyList<T>> parse)
    {
        try
        {
            using Row row = ParseRow(bytes, origin);
            return parse(row);
        }
        catch (BadRowException bad) when (onBadRow == OnBadRow.Skip && !(bad.IsBrokenJson && rows.IsArray))
        {
            badRows.Add(new BadRow(At(origin, bad), bad.Message));
            return [];
        }
        catch (BadRowException bad)
        {
            string remedy = bad.IsBrokenJson && rows.IsArray
                ? " (nothing after it can be read: where the next row of the array begins is unknown)"
                : ", or leave such rows out with --on-bad-row skip";
            throw new DataException($"{At(origin, bad)}: {bad.Message}{remedy}", bad);
        }
    }

    private static RowOrigin At(RowOrigin origin, BadRowException bad) => origin with { Line = origin.Line + bad.LineOffset };
}
