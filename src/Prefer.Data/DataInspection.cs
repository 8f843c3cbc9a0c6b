using System.Collections.Immutable;
using System.Text;

namespace Prefer.Data;

/// <summary>How one file is written, and its first rows.</summary>
/// <param name="File">The path.</param>
/// <param name="IsArray">A JSON array; otherwise JSON Lines.</param>
/// <param name="IsGzip">Compressed.</param>
/// <param name="Layouts">The layouts among the rows looked at, in the order they were met.</param>
/// <param name="Fields">The field names among the rows looked at, in the order they were met.</param>
/// <param name="First">The comparisons of the rows looked at.</param>
public sealed record FileInspection(string File, bool IsArray, bool IsGzip, ImmutableArray<RowLayout> Layouts, ImmutableArray<string> Fields, ImmutableArray<Comparison> First);

/// <summary>A look at the beginning of each file, to see what a reading would make of it.</summary>
public static class DataInspection
{
    /// <summary>Reads the first rows of each file.</summary>
    /// <param name="source">The files; standard input is used up by this.</param>
    /// <param name="rowCount">Rows to look at in each, 1 or more.</param>
    /// <exception cref="DataException">A row among them cannot be read: an inspection shows the fault, whatever the source does with bad rows.</exception>
    public static ImmutableArray<FileInspection> Of(DataSource source, int rowCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowCount);
        return [.. source.Files.Select(file => OfFile(source, file, rowCount))];
    }

    /// <summary>A comparison as text to read: its turns under their roles, ids where there is no text.</summary>
    public static string Render(Comparison comparison)
    {
        var text = new StringBuilder();
        foreach (Message message in comparison.Prompt)
        {
            Append(text, message.Role, message.Content);
        }

        string preference = comparison.IsTie ? "tie" : FormattableString.Invariant($"P = {comparison.Label}");
        AppendSide(text, comparison.IsTie ? "first" : $"chosen, {preference}", comparison.Chosen);
        AppendSide(text, comparison.IsTie ? "second, tie" : "rejected", comparison.Rejected);
        return text.ToString();
    }

    private static FileInspection OfFile(DataSource source, string file, int rowCount)
    {
        using RowStream rows = source.OpenFile(file);
        var layouts = new List<RowLayout>();
        var fields = new List<string>();
        var first = ImmutableArray.CreateBuilder<Comparison>();
        for (int index = 0; index < rowCount && rows.TryRead(out ReadOnlyMemory<byte> bytes, out long line); index++)
        {
            var origin = new RowOrigin(file, line);
            try
            {
                using Row row = source.ParseRow(bytes, origin);
                (RowLayout layout, IReadOnlyList<Comparison> comparisons) = ComparisonRows.Parse(row);
                layouts.Add(layout);
                fields.AddRange(row.FieldNames);
                first.AddRange(comparisons);
            }
            catch (BadRowException bad)
            {
                throw new DataException($"{origin with { Line = line + bad.LineOffset }}: {bad.Message}", bad);
            }
        }

        return new FileInspection(file, rows.IsArray, rows.IsGzip, [.. layouts.Distinct()], [.. fields.Distinct()], first.DrainToImmutable());
    }

    private static void AppendSide(StringBuilder text, string title, Response response)
    {
        if (response.IsTokenized)
        {
            Append(text, title, $"{response.InputIds.Length} ids: {string.Join(' ', response.InputIds)}");
            return;
        }

        foreach (Message turn in response.Turns)
        {
            Append(text, $"{title}, {turn.Role}", turn.Content);
        }
    }

    private static void Append(StringBuilder text, string title, string content) => text.Append('[').Append(title).Append("]\n").Append(content).Append('\n');
}
