namespace Prefer.Data;

/// <summary>Where a row was read, for messages that point at it.</summary>
/// <param name="File">The path as the user gave it; <c>-</c> for standard input.</param>
/// <param name="Line">1-based line of the row's first character.</param>
public sealed record RowOrigin(string File, long Line)
{
    /// <summary>The form used in messages: <c>file:line</c>.</summary>
    public override string ToString() => $"{File}:{Line}";
}
