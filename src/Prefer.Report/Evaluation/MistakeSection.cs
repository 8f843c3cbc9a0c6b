using System.Globalization;
using Prefer.Evaluation.Diagnosis;
using Prefer.Models;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The comparisons that a scorer is most wrong about, both responses side by side, shaded by what each token did to the reward where the model can say.</summary>
internal static class MistakeSection
{
    /// <summary>Shading of the largest change; text on it stays readable in light and dark.</summary>
    private const double DarkestShade = 0.38;

    public static ReportSection? Of(IReadOnlyList<WrongComparison>? wrong) => wrong is null or { Count: 0 } ? null : new ReportSection("mistakes", "Worst mistakes")
    {
        Body = Markup.Of($"""
            <p>The pairs whose rejected response leads by most. {(wrong.Any(mistake => mistake.ChosenTokens is not null) ? "Shading shows what each token did to the reward that is read at it: blue raises it, orange with dots lowers it, the stronger the more." : "")}</p>
            {wrong.Select(Mistake)}
            """),
    };

    private static Markup Mistake(WrongComparison mistake, int index)
    {
        var largest = Changes(mistake.ChosenTokens).Concat(Changes(mistake.RejectedTokens)).Select(Math.Abs).DefaultIfEmpty(0).Max();
        var about = string.Join(" · ", new[] { mistake.Subset, mistake.Id, mistake.Origin }.OfType<string>());
        return Markup.Of($"""
            <article class="mistake" aria-labelledby="mistake-{index + 1}">
            <h3 id="mistake-{index + 1}">{index + 1}. Rejected leads by {NumberText.Number(-mistake.Difference)}</h3>
            <p class="aside">{about}</p>
            {(mistake.Prompt.IsDefaultOrEmpty ? Markup.Empty : Markup.Of($"""
                <div class="words prompt" dir="auto" tabindex="0" role="group" aria-label="Prompt of mistake {index + 1}">{Markup.Join("\n\n", mistake.Prompt.Select(message => Markup.Of($"""<span class="aside">{message.Role}:</span> {message.Content}""")))}</div>

                """))}<div class="sides">
            {Side("Chosen", index, mistake.Chosen, mistake.ChosenReward, mistake.ChosenTokens, largest)}{Side("Rejected", index, mistake.Rejected, mistake.RejectedReward, mistake.RejectedTokens, largest)}</div>
            </article>

            """);
    }

    private static Markup Side(string name, int index, string? text, double reward, IReadOnlyList<TokenReward>? tokens, double largest) => Markup.Of($"""
        <div><p class="side-title"><strong>{name}</strong>, reward {NumberText.Number(reward)}{InWords(tokens)}</p>
        <div class="words" dir="auto" tabindex="0" role="group" aria-label="{name} response of mistake {index + 1}">{(tokens is null || largest == 0 ? Markup.Text(text ?? "(token ids)") : Shaded(text ?? "", tokens, largest))}</div></div>

        """);

    // Tokens that both responses begin with, and those that truncation took, have no rewards: what of the text stands around the others is shown without shades. White space at the
    // ends may be the template's.
    private static Markup Shaded(string text, IReadOnlyList<TokenReward> tokens, double largest)
    {
        var read = string.Concat(tokens.Select(token => token.Text));
        var start = text.IndexOf(read.Trim(), StringComparison.Ordinal);
        var shades = Markup.Join("", Shades(tokens, largest));
        if (start < 0)
        {
            return shades;
        }
        var (before, behind) = (start - (read.Length - read.TrimStart().Length), start + read.TrimStart().Length);
        return Markup.Of($"{text[..Math.Max(0, before)]}{shades}{text[Math.Min(text.Length, behind)..]}");
    }

    private static IEnumerable<Markup> Shades(IReadOnlyList<TokenReward> tokens, double largest)
    {
        for (var index = 0; index < tokens.Count; index++)
        {
            var change = index == 0 ? 0 : tokens[index].Reward - tokens[index - 1].Reward;
            var weight = (Math.Abs(change) / largest * DarkestShade).ToString("0.00", CultureInfo.InvariantCulture);
            yield return weight == "0.00" ? Markup.Text(tokens[index].Text) : Markup.Of($"""<span class="{(change > 0 ? "plus" : "minus")}" style="--weight:{weight}">{tokens[index].Text}</span>""");
        }
    }

    // What the shading shows, for those who don't see it.
    private static string InWords(IReadOnlyList<TokenReward>? tokens)
    {
        var changes = Changes(tokens).ToList();
        if (changes.Count == 0)
        {
            return "";
        }
        var (up, down) = (changes.IndexOf(changes.Max()), changes.IndexOf(changes.Min()));
        return (changes[up] > 0 ? $", rises most at {Named(tokens![up + 1])}" : "") + (changes[down] < 0 ? $", falls most at {Named(tokens![down + 1])}" : "");
    }

    private static string Named(TokenReward token) => token.Text.Length == 0 ? "a token without text" : string.IsNullOrWhiteSpace(token.Text) ? "white space" : $"“{token.Text.Trim()}”";

    private static IEnumerable<double> Changes(IReadOnlyList<TokenReward>? tokens) => tokens is null ? [] : tokens.Zip(tokens.Skip(1), (before, after) => after.Reward - before.Reward);
}
