using System.Text.Json;
using Prefer.Text.Templates;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>
/// Templates made for the tests, one a line of <c>fixtures/templates/recorded.jsonl</c>, and what Jinja2 3.1.6 made of them when it was set up as
/// transformers sets it up; and templates of published models with the text that is theirs.
/// </summary>
public sealed class ChatTemplateRecordingTests
{
    private static readonly DateTime Noon = new(2025, 7, 10, 12, 0, 0);

    [Fact]
    public void Every_recorded_template_renders_to_the_character_or_fails_as_recorded()
    {
        var differences = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(Repository.Root, "tests", "fixtures", "templates", "recorded.jsonl")))
        {
            using var row = JsonDocument.Parse(line);
            var template = row.RootElement.GetProperty("template").GetString()!;
            var expected = row.RootElement.TryGetProperty("text", out var text) ? text.GetString() : null;
            var (actual, cause) = Render(template, row.RootElement.GetProperty("variables"));
            count++;
            if (actual != expected)
            {
                differences.Add($"{template}\n  expected {JsonSerializer.Serialize(expected)}\n  actual   {JsonSerializer.Serialize(actual)} {cause}");
            }
            else if (expected is null && row.RootElement.GetProperty("error").GetString() is "UndefinedError" or "TemplateError" && cause != row.RootElement.GetProperty("message").GetString())
            {
                // These messages reach people as they are: the template's own, and the name that is missing.
                differences.Add($"{template}\n  expected the error {row.RootElement.GetProperty("message").GetString()}\n  actual             {cause}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(12))}");
        Assert.InRange(count, 1000, int.MaxValue);
    }

    [Fact]
    public void Templates_of_published_models_render_to_the_character()
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Repository.Shared("fixtures", "chat-templates", "rendered.json")));
        var differences = new List<string>();
        foreach (var row in file.RootElement.EnumerateArray())
        {
            var (actual, cause) = Render(row.GetProperty("chat_template").GetString()!, row.GetProperty("data"));
            if (actual != row.GetProperty("target").GetString())
            {
                differences.Add($"{row.GetProperty("group")} {row.GetProperty("model")}: {cause}");
            }
        }

        Assert.Empty(differences);
        Assert.Equal(35, file.RootElement.GetArrayLength());
    }

    [Fact]
    public void A_damaged_template_is_refused_by_an_exception_of_its_own()
    {
        string[] templates = [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "fixtures", "templates", "recorded.jsonl")).Select(line =>
        {
            using var row = JsonDocument.Parse(line);
            return row.RootElement.GetProperty("template").GetString()!;
        })];
        string[] pieces = ["{{", "}}", "{%", "%}", "(", ")", "[", "]", "|", "'", "**", "99999999", "loop", "%c", "\\x", "endfor", "is", "|int", "|sort", "'%c'%1114112", "\uD83D"];
        var random = new Random(3);
        var refused = 0;
        for (var round = 0; round < 5000; round++)
        {
            var template = templates[random.Next(templates.Length)];
            var at = random.Next(template.Length + 1);
            var other = templates[random.Next(templates.Length)];
            template = random.Next(3) switch
            {
                0 => template.Insert(at, pieces[random.Next(pieces.Length)]),
                1 => template.Remove(at, Math.Min(random.Next(1, 6), template.Length - at)),
                _ => template.Insert(at, other[random.Next(other.Length + 1)..]),
            };

            // Anything but TemplateException fails the test.
            refused += Render(template, JsonDocument.Parse("{}").RootElement).Text is null ? 1 : 0;
        }

        Assert.InRange(refused, 1000, 4900);
    }

    private static (string? Text, string? Cause) Render(string template, JsonElement values)
    {
        var variables = new TemplateVariables();
        foreach (var value in values.EnumerateObject())
        {
            variables.Set(value.Name, value.Value);
        }

        try
        {
            return (ChatTemplate.Parse(template).Render(variables, Noon), null);
        }
        catch (TemplateException error)
        {
            return (null, error.Cause);
        }
    }
}
