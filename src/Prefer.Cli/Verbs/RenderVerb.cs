using System.ComponentModel;
using System.Text.Json;
using Prefer.Data;
using Prefer.Models;
using Prefer.Text.Templates;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer render</c> is asked for.</summary>
internal sealed record RenderOptions
{
    [Description("Rows with messages: files, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Folder with a chat template and the special tokens; not needed where every row brings its chat_template.")]
    public string? Model { get; init; }

    [Description("What to do with a row that cannot be rendered.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;
}

/// <summary><c>prefer render</c>: conversations as the model's chat template writes them, one line out for each row in.</summary>
internal static class RenderVerb
{
    private const string Messages = "messages", Tools = "tools", Template = "chat_template", GenerationPrompt = "add_generation_prompt";

    // Templates that rows bring are read once; a file with another one in every row must not fill the memory.
    private const int KeptCount = 256;

    public static Verb Verb { get; } = Verb.Of<RenderOptions>("render", "Show conversations as the chat template writes them.", Run, nameof(RenderOptions.Data));

    private static int Run(RenderOptions options, Terminal terminal)
    {
        var templates = options.Model is { } folder ? ChatTemplates.Load(folder) : null;
        var source = DataSource.Open(options.Data, options.OnBadRow);
        var parsed = new Dictionary<string, ChatTemplate>(StringComparer.Ordinal);
        var now = DateTime.Now;
        List<BadRow> bad = [];
        long rendered = 0;
        foreach (var row in source.Fields())
        {
            string text;
            try
            {
                text = Render(row, options.Model, templates, parsed, now);
            }
            catch (DataException error) when (options.OnBadRow == OnBadRow.Skip)
            {
                bad.Add(new BadRow(row.Origin, error.Message[(row.Origin.ToString().Length + 2)..]));
                continue;
            }

            rendered++;
            if (terminal.IsJson)
            {
                terminal.Json(new { text });
            }
            else
            {
                terminal.Result(text);
            }
        }

        BadRows.Tell([.. source.Report.BadRows, .. bad], source.Report.RowCount, terminal);
        return rendered > 0 ? 0 : throw new DataException($"found no row that can be rendered; repair the rows, beginning with {bad[0]}");
    }

    private static string Render(RowFields row, string? folder, ChatTemplates? templates, Dictionary<string, ChatTemplate> parsed, DateTime now)
    {
        if (!row.Fields.TryGetProperty(Messages, out var messages) || messages.ValueKind != JsonValueKind.Array)
        {
            throw new DataException($"{row.Origin}: found a row without a list of messages, expected {{\"messages\": [{{\"role\": …, \"content\": …}}, …]}}; add them");
        }

        var source = Source(row, folder, templates);
        try
        {
            if (!parsed.TryGetValue(source, out var template))
            {
                if (parsed.Count == KeptCount)
                {
                    parsed.Clear();
                }

                parsed.Add(source, template = ChatTemplate.Parse(source));
            }

            return template.Render(Variables(row.Fields, templates), now);
        }
        catch (TemplateException error)
        {
            throw new DataException($"{row.Origin}: {error.Message}", error);
        }
    }

    private static TemplateVariables Variables(JsonElement fields, ChatTemplates? templates)
    {
        // What transformers always gives, then the special tokens, then the row's own.
        var variables = new TemplateVariables(templates?.SpecialTokens).Set(Tools, (string?)null).Set("documents", (string?)null).Set(GenerationPrompt, false);
        foreach (var field in fields.EnumerateObject())
        {
            if (field.Name != Template)
            {
                variables.Set(field.Name, field.Value);
            }
        }

        return variables;
    }

    private static string Source(RowFields row, string? folder, ChatTemplates? templates)
    {
        if (row.Fields.TryGetProperty(Template, out var own) && own.ValueKind != JsonValueKind.Null)
        {
            var text = own.ValueKind == JsonValueKind.String ? own.GetString()! : throw new DataException($"{row.Origin}: found a chat_template that is not a string, expected Jinja or the name of one of the folder's templates");
            return templates?.Named(text) ?? text;
        }

        var hasTools = row.Fields.TryGetProperty(Tools, out var tools) && tools.ValueKind != JsonValueKind.Null;
        return templates?.Choose(hasTools) ?? throw new DataException(
            $"{row.Origin}: found no chat template {(folder is null ? "in the row, and no --model" : $"in the row or in {folder} (chat_template.jinja, or chat_template in tokenizer_config.json)")}; expected one; add it, or give the row a chat_template");
    }
}
