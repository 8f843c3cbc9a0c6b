using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer logprobs</c> is asked for.</summary>
internal sealed record LogprobsOptions : EngineOptions
{
    [Description("The folder of a language model.")]
    public required string Model { get; init; }

    [Description("Files of rows with prompt and response, messages, text, or input_ids; globs; '-' for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Also continue each row, behind its prompt, by this many tokens, each the most probable one.")]
    [Range(1, int.MaxValue)]
    public int? Greedy { get; init; }

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }
}

/// <summary>
/// <c>prefer logprobs</c>: how probable a language model finds responses, one line a row, in the order of the rows. Rows stream: a few
/// thousand tokens are read ahead and no row is held longer.
/// </summary>
internal static class LogprobsVerb
{
    /// <summary>Tokens that are read ahead; one pass of the model.</summary>
    private const int PassTokens = 4096;

    public static Verb Verb { get; } = Verb.Of<LogprobsOptions>("logprobs", "Say how probable a language model finds responses: one line out for each row in.", Run);

    private static int Run(LogprobsOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Data, options.OnBadRow);
        using var model = Engine.LoadLanguageModel(options.Model, options, terminal);
        List<BadRow>? skipped = options.OnBadRow == OnBadRow.Skip ? [] : null;
        long truncated = 0, done = 0;
        foreach (var pass in Passes(Encoded(source, model, options, skipped)))
        {
            var continuations = options.Greedy is { } count ? model.Continue([.. pass.Select(row => Prompt(row.Sequence))], count) : null;
            foreach (var (index, values) in model.LogProbs(pass.Select(row => row.Sequence)).Index())
            {
                var (row, sequence) = pass[index];
                // The first token of all has none before it, and so no probability.
                Show(row, values[Math.Max(0, sequence.ResponseStart - 1)..], continuations?[index], model, terminal);
                done++;
                truncated += sequence.RemovedCount > 0 ? 1 : 0;
            }
        }

        BadRow[] bad = [.. source.Report.BadRows, .. skipped ?? []];
        BadRows.Tell(bad, source.Report.RowCount, terminal);
        if (done == 0)
        {
            throw new DataException($"found no row that can be read; repair the rows, beginning with {bad[0]}");
        }

        if (truncated > 0)
        {
            terminal.Warn($"truncated {truncated} of {done} rows to {model.Encoder.Options.MaxLength} tokens.");
        }

        return 0;
    }

    private static void Show(Candidate row, double[] values, ImmutableArray<int>? greedy, LanguageModel model, Terminal terminal)
    {
        var sum = values.Sum();
        if (!double.IsFinite(sum))
        {
            throw new ModelException($"{(row.Origin is null ? "" : $"{row.Origin}: ")}the log-probabilities sum to {sum}, not a finite number. The model's weights are damaged, or they overflow in this precision.");
        }

        var text = greedy is { } ids && model.Tokenizer is { } tokenizer ? tokenizer.Decode(ids, skipSpecialTokens: true) : null;
        if (!terminal.IsJson)
        {
            var name = row.Id ?? Preview.Of(row.Response.IsTokenized ? string.Join(' ', row.Response.InputIds) : row.Response.Text);
            var continuation = greedy is null ? "" : $"\t{Preview.Of(text ?? string.Join(' ', greedy))}";
            terminal.Result(string.Create(CultureInfo.InvariantCulture, $"{sum:0.######}\t{values.Length}\t{name}{continuation}"));
            return;
        }

        var line = row.PassedThrough();
        line["logprobs"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        line["sum"] = sum;
        if (greedy is { } tokens)
        {
            line["greedy"] = new JsonArray([.. tokens.Select(token => JsonValue.Create(token))]);
        }

        if (text is not null)
        {
            line["greedy_text"] = text;
        }

        terminal.Json(line);
    }

    /// <summary>What is continued: all tokens before the response, or the row itself where it has no prompt of its own.</summary>
    private static ImmutableArray<int> Prompt(EncodedSequence sequence) => sequence.ResponseStart == 0 ? sequence.Ids : sequence.Ids[..sequence.ResponseStart];

    private static IEnumerable<(Candidate Row, EncodedSequence Sequence)> Encoded(DataSource source, LanguageModel model, LogprobsOptions options, List<BadRow>? skipped)
    {
        foreach (var row in source.Candidates())
        {
            EncodedSequence sequence;
            try
            {
                sequence = model.Encode(row.Prompt, row.Response, row.Origin);
                if (options.Greedy is { } count)
                {
                    model.CheckRoom(Prompt(sequence).Length, count, row.Origin!.ToString());
                }
            }
            catch (DataException unreadable) when (skipped is not null && row.Origin is { } origin)
            {
                var place = $"{origin}: ";
                skipped.Add(new BadRow(origin, unreadable.Message.StartsWith(place, StringComparison.Ordinal) ? unreadable.Message[place.Length..] : unreadable.Message));
                continue;
            }

            yield return (row, sequence);
        }
    }

    private static IEnumerable<List<(Candidate Row, EncodedSequence Sequence)>> Passes(IEnumerable<(Candidate, EncodedSequence Sequence)> rows)
    {
        var pass = new List<(Candidate, EncodedSequence)>();
        var tokens = 0;
        foreach (var row in rows)
        {
            if (pass.Count > 0 && tokens + row.Sequence.Ids.Length > PassTokens)
            {
                yield return pass;
                (pass, tokens) = ([], 0);
            }

            pass.Add(row);
            tokens += row.Sequence.Ids.Length;
        }

        if (pass.Count > 0)
        {
            yield return pass;
        }
    }
}
