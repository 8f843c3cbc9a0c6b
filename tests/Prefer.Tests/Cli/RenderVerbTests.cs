using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer render</c>, in a process of its own.</summary>
public sealed class RenderVerbTests : IDisposable
{
    private const string Lines = "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}{% if tools %}{{ tools|tojson }}{% endif %}";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rows_are_rendered_in_order()
    {
        Write("tokenizer_config.json", """{"bos_token": {"content": "<s>"}, "eos_token": null, "chat_template": "not this one"}""");
        Write("chat_template.jinja", Lines);
        var rows = """
            {"messages": [{"role": "user", "content": "Grüß 👋"}]}
            {"messages": [{"role": "user", "content": "a"}], "add_generation_prompt": true, "tools": [{"type": "function", "n": 1.0}]}
            {"messages": [], "chat_template": "{{ shout }}{{ bos_token }}{{ eos_token is defined }}{{ tools is none }}", "shout": "HEY"}
            """;

        var (exitCode, output, error) = Checkout.PreferWith(rows, [], "render", "--model", folder.Path, "--data", "-", "--json");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            ["<s>[user]Grüß 👋", "<s>[user]a[assistant][{\"type\": \"function\", \"n\": 1.0}]", "HEY<s>FalseTrue"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!.AsObject().Single().Value!));
    }

    [Fact]
    public void Named_templates_are_chosen_as_transformers_does()
    {
        Write("tokenizer_config.json", """{"chat_template": [{"name": "default", "template": "usual"}, {"name": "tool_use", "template": "tools"}, {"name": "rag", "template": "documents"}]}""");
        Directory.CreateDirectory(folder.File("additional_chat_templates"));
        Write("additional_chat_templates/rag.jinja", "the file's");
        var rows = """
            {"messages": []}
            {"messages": [], "tools": []}
            {"messages": [], "tools": null}
            {"messages": [], "chat_template": "rag"}
            """;

        var (exitCode, output, _) = Checkout.PreferWith(rows, [], "render", "--model", folder.Path, "--data", "-");

        Assert.Equal((0, "usual\ntools\nusual\nthe file's\n"), (exitCode, output));
    }

    [Fact]
    public void A_bad_row_is_one_error_that_names_it_or_is_left_out()
    {
        Write("chat_template.jinja", "{% for m in messages %}\n{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% endfor %}ok");
        var path = Write("rows.jsonl", """
            {"messages": [{"role": "user", "content": "a"}]}
            {"messages": [{"role": "system", "content": "a"}]}
            {"prompt": "a"}
            {"messages": []}
            """);

        var (stopped, before, reason) = Checkout.Prefer("render", "--model", folder.Path, "--data", path, "--json");
        Assert.Equal((2, "{\"text\":\"ok\"}\n", $"prefer: {path}:2: chat template, line 2: System role not supported\n"), (stopped, before, reason));

        var (exitCode, output, error) = Checkout.Prefer("render", "--model", folder.Path, "--data", path, "--json", "--on-bad-row", "skip");
        Assert.Equal((0, "{\"text\":\"ok\"}\n{\"text\":\"ok\"}\n"), (exitCode, output));
        Assert.Contains($"warning: left out {path}:2: chat template, line 2: System role not supported\n", error, StringComparison.Ordinal);
        Assert.Contains($"warning: left out {path}:3: found a row without a list of messages", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_template_is_named()
    {
        var (exitCode, output, error) = Checkout.PreferWith("""{"messages": []}""", [], "render", "--model", folder.Path, "--data", "-", "--json");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"prefer: -:1: found no chat template in the row or in {folder.Path} (chat_template.jinja", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_templates_render_to_the_character()
    {
        var recorded = JsonNode.Parse(File.ReadAllText(Repository.Shared("fixtures", "chat-templates", "rendered.json")))!.AsArray()
            .Where(item => !((string)item!["chat_template"]!).Contains("strftime_now", StringComparison.Ordinal)).ToArray();
        var rows = recorded.Select(item =>
        {
            var row = item!["data"]!.DeepClone().AsObject();
            row["chat_template"] = (string)item["chat_template"]!;
            return row.ToJsonString();
        });

        var (exitCode, output, _) = Checkout.PreferWith(string.Join('\n', rows), [], "render", "--model", folder.Path, "--data", "-", "--json");

        Assert.Equal(0, exitCode);
        Assert.Equal(recorded.Select(item => (string)item!["target"]!), output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["text"]!));
    }

    private string Write(string name, string content)
    {
        File.WriteAllText(folder.File(name), content);
        return folder.File(name);
    }
}
