using Prefer.Text.Templates;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>What the recordings cannot show: places in messages, limits, generated ranges, the clock.</summary>
public sealed class ChatTemplateTests
{
    private static readonly DateTime Noon = new(2025, 7, 10, 12, 0, 0);

    [Theory]
    [InlineData("a\nb\n{{ raise_exception('Only user and assistant roles are supported!') }}", "chat template, line 3: Only user and assistant roles are supported!")]
    [InlineData("{% if true %}\n\n{{ nobody.name }}{% endif %}", "chat template, line 3: 'nobody' is undefined")]
    [InlineData("{% macro m() %}\n{{ 1/0 }}\n{% endmacro %}\n\n{{ m() }}", "chat template, line 2: division by zero")]
    [InlineData("\n{% for x in y %}\n", "chat template, line 2: the template ends where {% endfor %} or {% else %} was expected, for the tag of line 2")]
    [InlineData("\n\n{{ 'a' b }}", "chat template, line 3: found 'b', expected '}}'")]
    [InlineData("{% include 'other' %}", "chat template, line 1: the tag 'include' is not supported: a chat template is one file and has no others to refer to")]
    [InlineData("{% banana %}", "chat template, line 1: unknown tag 'banana'")]
    [InlineData("\n{{ 'x'|banana }}", "chat template, line 2: no filter named 'banana'")]
    public void A_fault_names_line_and_cause(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Render(template)).Message);

    [Theory]
    [InlineData("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "steps, which is the limit")]
    [InlineData("{% for a in range(99999) %}{{ 'abcdefghij' * 1000 }}{% endfor %}", "a text of more than")]
    [InlineData("{{ 'a' * 99999999999 }}", "a text of more than")]
    [InlineData("{{ [1] * 99999999999 }}", "a list of more than")]
    [InlineData("{{ 'a'.center(2000000000) }}", "a text of more than")]
    [InlineData("{{ '%999999999d' % 1 }}", "width too big")]
    [InlineData("{{ '{:99999999}'.format(1) }}", "a text of more than")]
    [InlineData("{{ 10 ** 10000 }}", "bits")]
    [InlineData("{% set s = namespace(x='ab') %}{% for a in range(99) %}{% set s.x = s.x ~ s.x %}{% endfor %}", "a text of more than")]
    [InlineData("{% set s = namespace(x=[1]) %}{% for a in range(99) %}{% set s.x = s.x + s.x %}{% endfor %}", "a list of more than")]
    [InlineData("{% set s = namespace(x=[]) %}{% for a in range(99999) %}{% set s.x = [s.x] %}{% endfor %}{{ s.x }}", "nested too deeply")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deep, which is the limit")]
    [InlineData("{% set s = namespace() %}{% set s.x = [s] %}{% for a in s.x recursive %}{{ loop([1]) }}{% endfor %}", "deep, which is the limit")]
    [InlineData("{{ ('a' * 4000000).replace('', 'b' * 1000000) }}", "a text of more than")]
    [InlineData("{{ range(100001) }}", "Range too big")]
    public void A_template_that_runs_wild_is_stopped(string template, string reason) =>
        Assert.Contains(reason, Assert.Throws<TemplateException>(() => Render(template)).Message, StringComparison.Ordinal);

    [Fact]
    public void Brackets_without_end_are_refused_and_do_not_end_the_process()
    {
        var nested = new string('(', 1_000_000) + "1" + new string(')', 1_000_000);
        Assert.Contains("nested too deeply", Assert.Throws<TemplateException>(() => Render($"{{{{ {nested} }}}}")).Message, StringComparison.Ordinal);

        var chained = string.Concat(Enumerable.Repeat(" + 1", 1_000_000));
        Assert.Contains("nested too deeply", Assert.Throws<TemplateException>(() => Render($"{{{{ 1{chained} }}}}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ [].append(1) }}")]
    [InlineData("{{ {}.update({}) }}")]
    [InlineData("{{ ''.__class__.__mro__ }}")]
    [InlineData("{{ range.__globals__.x }}")]
    [InlineData("{{ ''.GetType() }}")]
    public void Nothing_but_values_is_reachable(string template) => Assert.Throws<TemplateException>(() => Render(template));

    [Fact]
    public void What_the_assistant_wrote_is_marked()
    {
        var template = ChatTemplate.Parse("{% for m in messages %}<{{ m.role }}>{% if m.role == 'assistant' %}{% generation %}{{ m.content }}</s>{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}");
        var chat = template.RenderWithRanges(new TemplateVariables().SetMessages([("user", "Hi"), ("assistant", "Hello"), ("user", "?"), ("assistant", "No")]), Noon);

        Assert.Equal("<user>Hi<assistant>Hello</s><user>?<assistant>No</s>", chat.Text);
        Assert.Equal(["Hello</s>", "No</s>"], chat.Generated.Select(range => chat.Text[range]));
    }

    [Fact]
    public void The_clock_is_a_parameter()
    {
        var template = ChatTemplate.Parse("{{ strftime_now('%d %b %Y') }}");

        Assert.True(template.ReadsClock);
        Assert.Equal("10 Jul 2025", template.Render(new TemplateVariables(), Noon));
        Assert.Equal("01 Jan 2031", template.Render(new TemplateVariables(), new DateTime(2031, 1, 1)));
        Assert.False(ChatTemplate.Parse("{{ messages }}").ReadsClock);
    }

    [Fact]
    public void One_template_renders_on_many_threads()
    {
        var template = ChatTemplate.Parse("{% set ns = namespace(n=0) %}{% macro add(x) %}{% set ns.n = ns.n + x %}{% endmacro %}{% for m in messages %}{{ add(m.content|length) }}{% endfor %}{{ ns.n }}");

        Parallel.For(0, 2000, round =>
        {
            var messages = Enumerable.Range(0, round % 7).Select(at => ("user", new string('x', at))).ToArray();
            Assert.Equal($"{messages.Sum(message => message.Item2.Length)}", template.Render(new TemplateVariables().SetMessages(messages), Noon));
        });
    }

    private static string Render(string template) => ChatTemplate.Parse(template).Render(new TemplateVariables(), Noon);
}
