using System.Collections.Immutable;

namespace Prefer.Report.Page;

/// <summary>A part of a report with a heading, which the list of contents leads to.</summary>
/// <param name="Id">Names it in the page's address.</param>
/// <param name="Title">The heading.</param>
internal sealed record ReportSection(string Id, string Title)
{
    /// <summary>What stands below the heading.</summary>
    public required Markup Body { get; init; }

    /// <summary>The charts in <see cref="Body"/>.</summary>
    public ImmutableArray<Chart> Charts { get; init; } = [];
}
