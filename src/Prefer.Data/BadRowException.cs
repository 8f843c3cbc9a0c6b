namespace Prefer.Data;

/// <summary>A row that cannot be read. <see cref="DataSource"/> turns it into a <see cref="DataException"/> or a <see cref="BadRow"/>.</summary>
internal sealed class BadRowException(string found, string expected, string remedy)
    : Exception($"found {found}; expected {expected}; {remedy}")
{
    /// <summary>True when the JSON itself is broken, so that in an array nobody knows where the next row begins.</summary>
    public bool IsBrokenJson { get; init; }

    /// <summary>Lines between the row's first line and the fault, for rows written over several lines.</summary>
    public long LineOffset { get; init; }
}
