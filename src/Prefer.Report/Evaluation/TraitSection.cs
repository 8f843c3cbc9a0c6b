using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>How far a scorer follows length and the marks of Markdown, and how right it is beyond them.</summary>
internal static class TraitSection
{
    /// <summary>Length: where it is right, by which side is longer, and how rewards go with it.</summary>
    public static ReportSection Length(EvaluationResult result, TraitMetrics? length, ImmutableArray<RewardByLengthBin> bins)
    {
        Chart?[] charts = [length is null ? null : BySide("length-sides", "Accuracy by which response is longer", "longer", length), bins.IsDefaultOrEmpty ? null : ByLength(bins)];
        ImmutableArray<Chart> drawn = [.. charts.OfType<Chart>()];
        return new ReportSection("length", "Length")
        {
            Charts = drawn,
            Body = Markup.Of($"""
                {(length is null ? Markup.Empty : Controlled("length", length.ControlledAccuracy, NumberText.Ends(length.ControlledAccuracyCi95ByPrompt), result.Accuracy))}{drawn.Select(chart => chart.ToMarkup())}
                {LengthTable.Of(result).ToMarkup()}{(length is null ? Markup.Empty : Table("Rewards and length", [("length", length)]))}
                """),
        };
    }

    /// <summary>Headers, lists, bold.</summary>
    public static ReportSection? Style(EvaluationResult result, StyleMetrics? style)
    {
        if (style is null)
        {
            return null;
        }
        (string Name, TraitMetrics Metrics)[] traits = [("headers", style.Headers), ("list items", style.ListItems), ("bold runs", style.Bolds)];
        return new ReportSection("style", "Style")
        {
            Body = Markup.Of($"{Controlled("length, headers, list items and bold runs", style.ControlledAccuracy, NumberText.Ends(style.ControlledAccuracyCi95ByPrompt), result.Accuracy)}{Table("Rewards and the marks of Markdown", traits)}"),
        };
    }

    private static Markup Controlled(string what, double? accuracy, string interval, double? plain) =>
        accuracy is null ? Markup.Empty : Markup.Of($"<p>If both responses had the same {what}, accuracy would be {NumberText.Share(accuracy)} (95 %: {interval}); it is {NumberText.Share(plain)}.</p>\n");

    private static Chart BySide(string id, string title, string more, TraitMetrics metrics)
    {
        (string Name, GroupAccuracy Group)[] groups = [($"chosen is {more}", metrics.ChosenMore), ("both alike", metrics.Equal), ($"rejected is {more}", metrics.ChosenLess)];
        return new Chart(id, title, Whiskers.Data("accuracy", 0.5, groups.Select(group => (group.Name, group.Group.Accuracy, group.Group.AccuracyCi95ByPrompt ?? group.Group.AccuracyCi95)), lowest: 0),
            new DataTable(title, ["pairs in which", "pairs", "accuracy", "95 % (Wilson)", "95 % by prompt"],
            [
                .. groups.Select(ImmutableArray<string> (group) =>
                    [group.Name, NumberText.Count(group.Group.Pairs), NumberText.Share(group.Group.Accuracy), NumberText.Ends(group.Group.AccuracyCi95), NumberText.Ends(group.Group.AccuracyCi95ByPrompt)]),
            ]))
        { Remark = $"A scorer that only likes what is {more} is right in all of the first and in none of the last." };
    }

    private static Chart ByLength(ImmutableArray<RewardByLengthBin> bins) => new("reward-by-length", "Reward difference against length difference",
        new JsonObject
        {
            ["kind"] = "curves", ["x"] = "length of chosen − length of rejected, characters", ["y"] = "reward difference", ["level"] = 0, ["rules"] = new JsonArray(),
            ["series"] = new JsonArray(new JsonObject
            {
                ["name"] = "mean of the bin", ["colour"] = "first", ["dashed"] = false, ["dots"] = true,
                ["points"] = new JsonArray([.. bins.Select(bin => new JsonArray(bin.MeanLengthDifference, bin.Margin, bin.MarginCi95ByPrompt?.Low, bin.MarginCi95ByPrompt?.High))]),
            }),
        },
        new DataTable("Reward difference against length difference", ["from", "to", "pairs", "mean length difference", "mean reward difference", "95 % by prompt"],
        [
            .. bins.Select(ImmutableArray<string> (bin) =>
            [
                NumberText.Count(bin.Low), NumberText.Count(bin.High), NumberText.Count(bin.Pairs), NumberText.Number(bin.MeanLengthDifference), NumberText.Number(bin.Margin),
                bin.MarginCi95ByPrompt is { } ends ? $"{NumberText.Number(ends.Low)} to {NumberText.Number(ends.High)}" : NumberText.None,
            ]),
        ]))
    { Remark = "Means of pairs in bins of equal mass, with 95 % intervals by prompt. Flat where length does not matter; above 0 the chosen response has the higher reward." };

    private static Markup Table(string caption, (string Name, TraitMetrics Metrics)[] traits) => new DataTable(caption,
        ["more of", "wins", "accuracy where chosen has more", "where it has less", "correlation with reward", "given the verdict", "accuracy if equal", "95 % by prompt"],
        [
            .. traits.Select(ImmutableArray<string> (trait) =>
            [
                trait.Name, NumberText.Share(trait.Metrics.MoreWins.Accuracy), NumberText.Share(trait.Metrics.ChosenMore.Accuracy), NumberText.Share(trait.Metrics.ChosenLess.Accuracy),
                NumberText.Signed(trait.Metrics.Correlation), NumberText.Signed(trait.Metrics.PartialCorrelation), NumberText.Share(trait.Metrics.ControlledAccuracy), NumberText.Ends(trait.Metrics.ControlledAccuracyCi95ByPrompt),
            ]),
        ]).ToMarkup();
}
