using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Text;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer tokenize</c> is asked for.</summary>
internal sealed record TokenizeOptions
{
    [Description("Rows with a text, or with messages or prompt and response: files, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("A model folder; for plain texts also a folder with a tokenizer.json or a vocabulary and its settings, or a tokenizer.json itself.")]
    public required string Model { get; init; }

    [Description("Leave out the special tokens that the tokenizer puts around a plain text.")]
    public bool Special { get; init; } = true;

    [Description("Longest sequence in tokens; longer conversations are truncated. Without it, what the model folder says.")]
    [Range(1, int.MaxValue)]
    public int? MaxLength { get; init; }

    [Description("How prompt and response are put together. Without it, what the model folder says.")]
    public EncodingMode? Encoding { get; init; }

    [Description("The template that conversations are rendered by: plain, or the model folder's own chat template. Without it, what the model folder says.")]
    public TemplateChoice? Template { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;
}

/// <summary>
/// <c>prefer tokenize</c>: the ids of rows, one line out for each row in. A plain text is what the tokenizer makes of it; a conversation is
/// what the folder's model reads when it is scored, or, in a language model's folder, when its log-probabilities are taken.
/// </summary>
internal static class TokenizeVerb
{
    private delegate EncodedSequence Encode(Candidate row);

    public static Verb Verb { get; } = Verb.Of<TokenizeOptions>("tokenize", "Show the token ids of texts and conversations.", Run, nameof(TokenizeOptions.Data));

    private static int Run(TokenizeOptions options, Terminal terminal)
    {
        var tokenizer = Directory.Exists(options.Model)
            ? Tokenizer.LoadFolder(options.Model) ?? throw new UsageException($"{options.Model}: has no tokenizer.json and no vocabulary that one can be made of")
            : Tokenizer.Load(options.Model);
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        IDisposable? model = null;
        List<BadRow> skipped = [];
        long truncated = 0, shown = 0;
        try
        {
            Encode? conversation = null;
            foreach (var row in source.Candidates())
            {
                EncodedSequence sequence;
                if (row is { Prompt.IsEmpty: true, Response.Turns: [{ Role: "text" } turn] })
                {
                    sequence = new EncodedSequence([.. tokenizer.Encode(turn.Content, options.Special)], [], 0);
                }
                else
                {
                    if (conversation is null)
                    {
                        (model, conversation) = Open(options, row, terminal);
                    }

                    try
                    {
                        sequence = conversation(row);
                    }
                    catch (DataException error) when (options.OnBadRow == OnBadRow.Skip && row.Origin is { } origin)
                    {
                        skipped.Add(new BadRow(origin, error.Message.StartsWith($"{origin}: ", StringComparison.Ordinal) ? error.Message[(origin.ToString().Length + 2)..] : error.Message));
                        continue;
                    }
                }

                Show(row, sequence, tokenizer, terminal);
                shown++;
                truncated += sequence.RemovedCount > 0 ? 1 : 0;
            }
        }
        finally
        {
            model?.Dispose();
        }

        BadRow[] bad = [.. source.Report.BadRows, .. skipped];
        BadRows.Tell(bad, source.Report.RowCount, terminal);
        if (shown == 0 && skipped.Count > 0)
        {
            throw new DataException($"found no row that can be encoded; repair the rows, beginning with {skipped[0]}");
        }

        if (truncated > 0)
        {
            terminal.Warn($"truncated {truncated} of {shown} rows.");
        }

        return 0;
    }

    /// <summary>The folder's model, since it is the one that decides how it is spoken to.</summary>
    private static (IDisposable Model, Encode Encode) Open(TokenizeOptions options, Candidate row, Terminal terminal)
    {
        if (row.Response.IsTokenized)
        {
            throw new DataException($"{row.Origin}: found a row of token ids, expected text, messages, or prompt and response; there is nothing to tokenize");
        }

        if (!Directory.Exists(options.Model))
        {
            throw new DataException($"{row.Origin}: found a conversation, expected {{\"text\": …}}: a tokenizer alone does not say how a model is told conversations; give its folder as --model");
        }

        if (!options.Special)
        {
            throw new UsageException($"--no-special is for rows with a text; the conversation in {row.Origin} is shown as the model reads it. Leave it out.");
        }

        var engine = new RewardOptions { Encoding = options.Encoding, Template = options.Template, MaxLength = options.MaxLength };
        if (RewardModel.IsIn(options.Model))
        {
            var reward = Engine.Load(options.Model, engine, terminal);
            return (reward, given => reward.Encode(given.Prompt, Text(given), given.Origin));
        }

        var language = Engine.LoadLanguageModel(options.Model, engine, terminal);
        return (language, given => language.Encode(given.Prompt, Text(given), given.Origin));
    }

    private static Response Text(Candidate row) =>
        row.Response.IsTokenized ? throw new DataException($"{row.Origin}: found a row of token ids, expected text, messages, or prompt and response; there is nothing to tokenize") : row.Response;

    private static void Show(Candidate row, EncodedSequence sequence, Tokenizer tokenizer, Terminal terminal)
    {
        if (!terminal.IsJson)
        {
            terminal.Result(string.Join(' ', sequence.Ids.Select(id => $"{id}:{tokenizer.IdToToken(id)}")));
            return;
        }

        var line = row.PassedThrough();
        line["ids"] = Numbers(sequence.Ids);
        if (!sequence.TokenTypes.IsEmpty)
        {
            line["token_type_ids"] = Numbers(sequence.TokenTypes);
        }

        terminal.Json(line);
    }

    private static JsonArray Numbers(IEnumerable<int> values) => [.. values.Select(value => JsonValue.Create(value))];
}
