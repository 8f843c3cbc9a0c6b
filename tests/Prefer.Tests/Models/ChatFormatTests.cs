using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Text;
using Prefer.Text.Templates;
using Prefer.Tests.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>A model that reads conversations by its folder's chat template: which one, how often its special tokens stand, what is recorded.</summary>
[Collection(ProcessWide.Name)]
public sealed class ChatFormatTests : IDisposable
{
    private const int Classifier = 1, Separator = 2;
    private const string Turns = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}";

    private static readonly Tokenizer Adding = SmallTextModel.Tokenizer(isCausal: false).Tokenizer!;

    private static readonly ImmutableArray<Message> Prompt = [new("system", "Be brief."), new("user", "the quick brown fox jumps over the lazy dog, hello languages")];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Special_tokens_of_template_and_tokenizer_stand_once(bool tokenizerAdds, bool templateWrites)
    {
        var tokenizer = tokenizerAdds ? Adding : WithoutPostProcessor();
        var template = templateWrites ? $"[CLS]{Turns}[SEP]" : Turns;
        ImmutableArray<int> Ids(int maxLength) => Encoder(tokenizer, template, maxLength).Encode(Prompt, Response.FromText("It boils.")).Ids;
        var text = Adding.Encode("system: Be brief.\nuser: the quick brown fox jumps over the lazy dog, hello languages\nassistant: It boils.\n", addSpecialTokens: false);
        var answer = Adding.Encode(" It boils.\n", addSpecialTokens: false);
        int[] expected = tokenizerAdds || templateWrites ? [Classifier, .. text, Separator] : text;

        Assert.Equal(expected, Ids(500));

        // The prompt's oldest tokens go; what stands around and the answer stay.
        var cut = Ids(expected.Length - 8);
        Assert.Equal(expected.Length - 8, cut.Length);
        Assert.Equal(expected.Length > text.Length, cut[0] == Classifier && cut[^1] == Separator);
        Assert.Equal(expected.Length > text.Length ? 1 : 0, cut.Count(id => id == Classifier));
        Assert.Equal(expected[(expected.Length - answer.Length - 1)..], cut[(cut.Length - answer.Length - 1)..]);
    }

    [Fact]
    public void A_start_behind_white_space_is_a_start()
    {
        ImmutableArray<int> Ids(int maxLength) => Encoder(Adding, $"\n{{{{ '[CLS]' }}}}{Turns}", maxLength).Encode(Prompt, Response.FromText("It boils.")).Ids;

        var whole = Ids(500);
        Assert.Equal([.. Adding.Encode("\n[CLS]system: Be brief.\nuser: the quick brown fox jumps over the lazy dog, hello languages\nassistant: It boils.\n", addSpecialTokens: false), Separator], whole);
        Assert.Equal(1, whole.Count(id => id == Classifier));
        Assert.Equal(whole[..2], Ids(whole.Length - 8)[..2]);
    }

    [Fact]
    public void A_tokenizer_that_doubles_what_the_template_writes_is_told_of()
    {
        Assert.Equal(["The chat template and the tokenizer both write [CLS] [SEP]; it stands once."], Encoder(Adding, $"[CLS]{Turns}[SEP]").Notices());
        Assert.Equal(["The tokenizer adds [CLS] [SEP], which the chat template does not write; it stands once."], Encoder(Adding, Turns).Notices());
        Assert.Empty(Encoder(WithoutPostProcessor(), $"[CLS]{Turns}").Notices());
    }

    [Fact]
    public void An_end_token_that_the_template_writes_is_not_appended_again()
    {
        var tokenizer = SmallTextModel.Tokenizer(isCausal: true).Tokenizer!;
        foreach (var end in (string[])["", "<|endoftext|>"])
        {
            var encoder = new ConversationEncoder(tokenizer, new EncodingOptions { AppendEndToken = true }, 1, Format(Turns + end));

            Assert.Equal([.. tokenizer.Encode("user: hello\nassistant: hi\n"), 1], encoder.Encode([new("user", "hello")], Response.FromText("hi")).Ids);
        }
    }

    [Fact]
    public void A_conversation_that_the_template_refuses_is_named_with_its_words()
    {
        var encoder = Encoder(Adding, "{% if messages[0].role == 'system' %}\n{{ raise_exception('System role not supported') }}{% endif %}");

        var error = Assert.Throws<DataException>(() => encoder.Encode(Prompt, Response.FromText("a"), new RowOrigin("rows.jsonl", 7)));
        Assert.Equal("rows.jsonl:7: chat template, line 2: System role not supported", error.Message);
    }

    [Fact]
    public void A_text_is_not_rendered() =>
        Assert.Equal(Adding.Encode("hello"), Encoder(Adding, $"X{Turns}").Encode([], new Response { Turns = [new Message("text", "hello")] }).Ids);

    [Fact]
    public void A_folder_s_template_is_used_recorded_and_held()
    {
        var foreign = Foreign("{{ eos_token }}" + Turns);
        double reward;
        using (var model = RewardModel.Load(foreign))
        {
            Assert.Equal(("chat", false), (model.Encoder.Options.Template, model.Encoder.Options.AppendEndToken));
            Assert.Equal(model.Tokenizer!.Encode("<|endoftext|>user: hello\nassistant: hi\n"), model.Encoder.Encode([new("user", "hello")], Response.FromText("hi")).Ids);
            reward = model.Score("hello", "hi");
            model.Save(folder.File("saved"));
        }

        var recorded = JsonNode.Parse(File.ReadAllText(folder.File("saved/prefer.json")))!["encoding"]!;
        Assert.Equal(("chat", 64), ((string?)recorded["template"], ((string)recorded["template_sha256"]!).Length));
        Assert.Null(recorded["template_time"]);
        using (var again = RewardModel.Load(folder.File("saved")))
        {
            Assert.Equal(reward, again.Score("hello", "hi"));
        }

        using (var plain = RewardModel.Load(folder.File("saved"), new LoadOptions { Template = TemplateChoice.Plain }))
        {
            Assert.Equal(plain.Tokenizer!.Encode("Human: hello\n\nAssistant: hi"), plain.Encoder.Encode([new("user", "hello")], Response.FromText("hi")).Ids);
        }

        File.AppendAllText(folder.File("saved/chat_template.jinja"), " ");
        Assert.Contains("the chat template is not the one that the model was trained with", Refusal(folder.File("saved")), StringComparison.Ordinal);
        using (var taken = RewardModel.Load(folder.File("saved"), new LoadOptions { Template = TemplateChoice.Chat }))
        {
            Assert.Equal("chat", taken.Encoder.Options.Template);
        }

        File.Delete(folder.File("saved/chat_template.jinja"));
        Assert.Contains("the model was trained with one: restore the file", Refusal(folder.File("saved")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_asks_for_the_day_is_told_the_same_one_for_ever()
    {
        var foreign = Foreign("{{ strftime_now('%Y-%m-%d') }} " + Turns);
        using (var model = RewardModel.Load(foreign, new LoadOptions { TemplateTime = new DateTime(2025, 7, 10) }))
        {
            Assert.Contains("The chat template asks for the time; it is told 2025-07-10 always, since another day would give other rewards.", model.Notices);
            model.Save(folder.File("saved"));
        }

        using var later = RewardModel.Load(folder.File("saved"));
        Assert.Equal(later.Tokenizer!.Encode("2025-07-10 user: hello\nassistant: hi\n"), later.Encoder.Encode([new("user", "hello")], Response.FromText("hi")).Ids);
    }

    [Theory]
    [InlineData("{% for m in messages %}", "chat template, line 1: the template ends where")]
    public void A_template_that_cannot_be_read_refuses_the_folder(string template, string message)
    {
        var foreign = Foreign(template);

        Assert.Contains(message, Refusal(foreign), StringComparison.Ordinal);
        using var plain = RewardModel.Load(foreign, new LoadOptions { Template = TemplateChoice.Plain });
        Assert.Equal("plain", plain.Encoder.Options.Template);
    }

    [Fact]
    public void Asking_for_a_template_that_is_not_there_is_refused()
    {
        var foreign = Foreign(null);

        Assert.Contains("has no chat template", Assert.Throws<ModelException>(() => RewardModel.Load(foreign, new LoadOptions { Template = TemplateChoice.Chat })).Message, StringComparison.Ordinal);
        Assert.Contains("use it with --encoding template", Assert.Throws<ModelException>(() => RewardModel.Load(foreign, new LoadOptions { Template = TemplateChoice.Chat, EncodingMode = EncodingMode.Concat })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Additional_templates_travel_with_the_folder()
    {
        var foreign = Foreign(Turns);
        Directory.CreateDirectory(Path.Combine(foreign, "additional_chat_templates"));
        File.WriteAllText(Path.Combine(foreign, "additional_chat_templates", "tool_use.jinja"), "tools");
        using (var model = RewardModel.Load(foreign))
        {
            model.Save(folder.File("saved"));
        }

        var templates = ChatTemplates.Load(folder.File("saved"));
        Assert.Equal((Turns, "tools"), (templates.Choose(hasTools: false), templates.Choose(hasTools: true)));
    }

    private static string Refusal(string path) => Assert.Throws<ModelException>(() => RewardModel.Load(path)).Message;

    private static ChatFormat Format(string template) => new(ChatTemplate.Parse(template), new TemplateVariables(), default);

    private static ConversationEncoder Encoder(Tokenizer tokenizer, string template, int maxLength = 500) =>
        new(tokenizer, new EncodingOptions { Template = "chat", MaxLength = maxLength }, null, Format(template));

    private static Tokenizer WithoutPostProcessor()
    {
        var json = JsonNode.Parse(Adding.Json.Span)!.AsObject();
        json["post_processor"] = null;
        return Tokenizer.FromJson(json.ToJsonString(), "bare.json");
    }

    /// <summary>A folder as others write it: without prefer.json, with a chat template or none.</summary>
    private string Foreign(string? template)
    {
        var path = SmallTextModel.Write("llama", folder.Path);
        File.Delete(Path.Combine(path, "prefer.json"));
        if (template is not null)
        {
            File.WriteAllText(Path.Combine(path, "chat_template.jinja"), template);
        }

        return path;
    }
}
