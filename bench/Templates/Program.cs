// Conversations a second that a chat template renders, on one core.
//
//     dotnet run -c Release --project bench/Templates [TEMPLATE.jinja] [COUNT]
//
// Without a file: a template of the usual make (ChatML, a system turn, a macro for tools that is not called).
using System.Diagnostics;
using System.Globalization;
using Prefer.Text.Templates;

const string Usual = """
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

var source = args.Length > 0 ? File.ReadAllText(args[0]) : Usual;
var count = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000;
var template = ChatTemplate.Parse(source);
var specials = new TemplateVariables().Set("bos_token", "<s>").Set("eos_token", "</s>").Set("tools", (string?)null).Set("documents", (string?)null).Set("add_generation_prompt", false);
var random = new Random(1);
var conversations = Enumerable.Range(0, 1000).Select(_ => Enumerable.Range(0, 2 * random.Next(1, 4))
    .Select(turn => (turn % 2 == 0 ? "user" : "assistant", string.Join(' ', Enumerable.Repeat("several words of text", random.Next(2, 40)))))
    .ToArray()).ToArray();
var now = new DateTime(2025, 7, 10, 12, 0, 0);

long Render(int rounds)
{
    long characters = 0;
    for (var round = 0; round < rounds; round++)
    {
        characters += template.Render(new TemplateVariables(specials).SetMessages(conversations[round % conversations.Length]), now).Length;
    }

    return characters;
}

Render(count / 10);
var clock = Stopwatch.StartNew();
var characters = Render(count);
var seconds = clock.Elapsed.TotalSeconds;
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} conversations, {characters} characters, {seconds:0.00} s: {count / seconds:0} conversations/s on one core"));
