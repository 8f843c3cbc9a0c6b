using FsCheck;
using FsCheck.Fluent;
using Prefer.Report.Page;
using Xunit;

namespace Prefer.Tests.Report;

public sealed class MarkupTests
{
    [Theory]
    [InlineData("</script>", "&lt;/script&gt;")]
    [InlineData("a & b", "a &amp; b")]
    [InlineData("\" onload='x'", "&quot; onload=&#39;x&#39;")]
    [InlineData("nul\0bell\a", "nul\uFFFDbell\uFFFD")]
    [InlineData("line\n\ttab", "line\n\ttab")]
    [InlineData("ä日本🙂", "ä日本🙂")]
    public void What_stands_in_a_hole_is_text(string text, string html) => Assert.Equal($"<p title=\"{html}\">{html}</p>", Markup.Of($"<p title=\"{text}\">{text}</p>").ToString());

    [Fact]
    public void Markup_in_a_hole_stays_markup() => Assert.Equal("<b>1 &lt; 2</b><i>3</i>", Markup.Of($"{Markup.Of($"<b>{"1 < 2"}</b>")}{new[] { Markup.Of($"<i>{3}</i>") }}").ToString());

    [Fact]
    public void Any_text_comes_back_when_it_is_read_as_html() => Prop.ForAll(ArbMap.Default.ArbFor<NonNull<string>>(), text =>
    {
        var html = Markup.Text(text.Get).ToString();
        return !html.AsSpan().ContainsAny("<>\"'") && System.Net.WebUtility.HtmlDecode(html).Where(Allowed).SequenceEqual(text.Get.Where(Allowed));
    }).QuickCheckThrowOnFailure();

    private static bool Allowed(char character) => character is not '\uFFFD' && (character is '\n' or '\t' || (character >= ' ' && character != '\x7f'));
}
