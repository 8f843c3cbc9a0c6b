using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Tests.Codebase;
using Prefer.Tests.Models;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary>A base model with a chat template on its way through the commands, each in a process of its own.</summary>
public sealed class ChatTemplateRunTests
{
    private const string Template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
    private const string Row = """{"prompt": "Say hello.", "response": "Hello!"}""";

    [Fact]
    public void What_is_trained_with_a_template_is_scored_with_it_and_refused_with_another()
    {
        using var folder = new TemporaryFolder();
        var model = SmallTextModel.Write("llama", folder.Path);
        File.Delete(Path.Combine(model, ModelRecord.FileName));
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), Template);
        var data = folder.File("data.jsonl");
        File.WriteAllLines(data, Enumerable.Range(0, 4).Select(index => $$"""{"prompt": "Say {{index}}.", "chosen": "Hello {{index}}.", "rejected": "No."}"""));
        var trained = folder.File("trained");

        var (exitCode, _, error) = Checkout.Prefer("train", "--model", model, "--data", data, "--output", trained, "--epochs", "1", "--batch-size", "2");
        Assert.True(exitCode == 0, error);
        Assert.Equal("chat", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(trained, ModelRecord.FileName)))!["encoding"]!["template"]);

        // The ids are those of the text that the template writes, with its end tokens and no others.
        var rendered = (string)Answer("""{"messages": [{"role": "user", "content": "Say hello."}, {"role": "assistant", "content": "Hello!"}]}""", "render", trained)["text"]!;
        Assert.Equal("<user>Say hello.<|endoftext|><assistant>Hello!<|endoftext|>", rendered);
        var ids = Answer(Row, "tokenize", trained)["ids"]!;
        Assert.Equal(Answer(new JsonObject { ["text"] = rendered }.ToJsonString(), "tokenize", trained, "--no-special")["ids"]!.ToJsonString(), ids.ToJsonString());

        var reward = (double)Answer(Row, "score", trained)["reward"]!;
        var moved = folder.File("moved");
        Directory.Move(trained, moved);
        Assert.Equal(reward, (double)Answer(Row, "score", moved)["reward"]!);
        Assert.Equal(reward, (double)Answer(new JsonObject { ["input_ids"] = ids.DeepClone() }.ToJsonString(), "score", moved)["reward"]!);

        File.WriteAllText(Path.Combine(moved, "chat_template.jinja"), Template + "!");
        var (refusal, _, reason) = Checkout.PreferWith(Row, [], "score", "--model", moved, "--data", "-", "--json");
        Assert.Equal(2, refusal);
        Assert.Contains("the chat template is not the one that the model was trained with", reason, StringComparison.Ordinal);
    }

    private static JsonNode Answer(string row, string verb, string model, params string[] options)
    {
        var (exitCode, output, error) = Checkout.PreferWith(row, [], [verb, "--model", model, "--data", "-", "--json", .. options]);
        Assert.True(exitCode == 0, error);
        return JsonNode.Parse(output)!;
    }
}
