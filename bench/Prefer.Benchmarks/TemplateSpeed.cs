using System.Diagnostics;
using System.Text.Json;
using Prefer.Text.Templates;

namespace Prefer.Benchmarks;

/// <summary>
/// Passes of a chat template over 1000 conversations of two to six turns, one JSON object each: conversations and characters per second on one core.
/// </summary>
internal static class TemplateSpeed
{
    private const int ConversationCount = 1000;

    /// <param name="templatePath">A template; <c>chatml</c> for one of the usual make.</param>
    /// <param name="passCount">Passes over all conversations; 100 are 100,000 of them.</param>
    internal static int Run(string templatePath, int passCount)
    {
        var template = ChatTemplate.Parse(templatePath == "chatml" ? Usual : File.ReadAllText(templatePath));
        var given = new TemplateVariables().Set("bos_token", "<s>").Set("eos_token", "</s>").Set("tools", (string?)null).Set("documents", (string?)null).Set("add_generation_prompt", false);
        var random = new Random(1);
        var conversations = Enumerable.Range(0, ConversationCount).Select(_ => Enumerable.Range(0, 2 * random.Next(1, 4))
            .Select(turn => (turn % 2 == 0 ? "user" : "assistant", string.Join(' ', Enumerable.Repeat("several words of text", random.Next(2, 40)))))
            .ToArray()).ToArray();
        var (clock, characters) = (Stopwatch.StartNew(), 0L);
        for (var pass = 0; pass < passCount; pass++)
        {
            foreach (var conversation in conversations)
            {
                characters += template.Render(new TemplateVariables(given).SetMessages(conversation), new DateTime(2025, 7, 10)).Length;
            }
        }
        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            conversations = ConversationCount * passCount, conversations_per_second = ConversationCount * passCount / seconds, characters_per_second = characters / seconds,
        }));
        return 0;
    }

    private const string Usual = """
        {%- macro describe(tool) %}{{ tool.name }}: {{ tool|tojson }}{% endmacro -%}
        {%- if tools %}{% for tool in tools %}{{ describe(tool) }}{% endfor %}{% endif -%}
        {%- if messages[0].role != 'system' %}{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif -%}
        {%- set ns = namespace(last=-1) -%}
        {%- for message in messages -%}
            {%- if message.role == 'user' %}{% set ns.last = loop.index0 %}{% endif -%}
            {{- '<|im_start|>' + message['role'] + '\n' + message['content']|trim + '<|im_end|>' + '\n' -}}
        {%- endfor -%}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif -%}
        """;
}
