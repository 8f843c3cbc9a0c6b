namespace Prefer.Report;

/// <summary>A folder or file that no report can be made from. The message says what was found, where, what was expected and what to do.</summary>
public sealed class ReportException : Exception
{
    /// <summary>With a message.</summary>
    public ReportException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
