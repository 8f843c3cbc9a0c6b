using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class ComparisonWriterTests
{
    private static readonly Gen<string> Texts = Gen.Elements("", " ", "a", "Hi", "\n\nHuman: x", "\n\nAssistant:", "é", "日本", "🙂", "\\ud83d\\ude42", "\\", "\u2028", "\"", "\\", "<b>&'+", "\0", "\r\n", "\u007f")
        .ArrayOf().Select(string.Concat);

    private static readonly Gen<Message> Turns = Gen.Elements("user", "assistant", "system", "text", "tool").SelectMany(role => Texts.Select(text => new Message(role, text)));

    // Few short dialogues, so that responses often begin with the prompt's own turns.
    private static readonly Gen<ImmutableArray<Message>> Dialogues = Gen.Frequency(
        (3, Turns.ArrayOf().Select(turns => turns.Take(3).ToImmutableArray())),
        (1, Gen.Elements<ImmutableArray<Message>>([], [new("user", "Q")], [new("user", "Q"), new("assistant", "A")], [new("user", "Q"), new("user", "Q")])));

    private static readonly Gen<ImmutableArray<int>> Ids = Gen.Choose(0, int.MaxValue).ArrayOf().Select(ids => ids.ToImmutableArray());

    private static readonly Gen<Response> TokenSides =
        from ids in Ids
        from typed in Gen.Elements(true, false)
        select new Response { InputIds = ids, TokenTypeIds = typed ? [.. ids.Select(id => id % 2)] : [] };

    private static readonly Gen<JsonObject?> Extras = Gen.Elements(
        null, """{"kind":"human"}""", """{"ballots":["a",null],"big":12345678901234567890,"float":1.0,"a":{"chosen":[]}}""", """{"note":"é🙂\u2028\n","none":null,"":0,"prompt_id":"x","score":-1e-7}""")
        .Select(text => text is null ? null : JsonNode.Parse(text)!.AsObject());

    private static readonly Gen<ImmutableArray<Vote>> Votes =
        from choices in Gen.Elements<Choice?>(Choice.Chosen, Choice.Rejected, Choice.Tie, null).ArrayOf()
        from named in Gen.Elements(true, false).ArrayOf(choices.Length)
        select choices.Zip(named).Select((vote, index) => new Vote(vote.Second ? $"é {index}" : null, vote.First)).ToImmutableArray();

    private static readonly Gen<Comparison> Comparisons =
        from prompt in Dialogues
        from texts in Dialogues.Two()
        from ids in TokenSides.Two()
        from tokenized in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from label in Gen.Elements(1, 0.5, 0.75, 2 / 3.0, Math.BitIncrement(0.5), Math.BitDecrement(1))
        from margin in Gen.Elements<double?>(null, 0, -1.5, 0.1, double.Epsilon, -double.MaxValue)
        from weight in Gen.Elements(1, 0, 0.3, 1e300)
        from subset in Gen.Elements(null, "", "sub é")
        from id in Gen.Elements(null, "", "7", "a/b")
        from votes in Votes
        from systems in Gen.Elements(null, new SystemPair("x", "y"), new SystemPair("🙂", "🙂"))
        from extra in Extras
        select new Comparison
        {
            Prompt = prompt,
            Chosen = tokenized ? ids.Item1 : new Response { Turns = texts.Item1 },
            Rejected = tokenized ? ids.Item2 : new Response { Turns = texts.Item2 },
            Label = label,
            Margin = margin,
            Weight = weight,
            Votes = votes,
            Systems = systems,
            Subset = subset,
            Id = id,
            Extra = extra,
        };

    private static void Same(Comparison expected, Comparison actual)
    {
        Assert.Equal(expected.Prompt, actual.Prompt);
        Assert.Equal(expected.Chosen.Turns, actual.Chosen.Turns);
        Assert.Equal(expected.Rejected.Turns, actual.Rejected.Turns);
        Assert.Equal(expected.Chosen.InputIds, actual.Chosen.InputIds);
        Assert.Equal(expected.Rejected.InputIds, actual.Rejected.InputIds);
        Assert.Equal(expected.Chosen.TokenTypeIds, actual.Chosen.TokenTypeIds);
        Assert.Equal(expected.Rejected.TokenTypeIds, actual.Rejected.TokenTypeIds);
        Assert.Equal((expected.Label, expected.Margin, expected.Weight, expected.Subset, expected.Id), (actual.Label, actual.Margin, actual.Weight, actual.Subset, actual.Id));
        Assert.Equal(expected.Votes, actual.Votes);
        Assert.Equal(expected.Systems, actual.Systems);
        Assert.Equal(expected.Extra?.ToJsonString(), actual.Extra?.ToJsonString());
    }

    [Fact]
    public void What_is_written_is_read_back() => Prop.ForAll(Comparisons.ToArbitrary(), comparison =>
    {
        string json = ComparisonWriter.ToJson(comparison);
        Assert.DoesNotContain('\n', json);
        Comparison read = Assert.Single(Read(json));
        Same(comparison, read);
        Assert.Equal(json, ComparisonWriter.ToJson(read));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Canonical_rows()
    {
        string[] rows =
        [
            """{"prompt":[{"role":"user","content":"Qué 日本 🙂 <b> 'x' & \"y\""}],"chosen":"A","rejected":[{"role":"user","content":"B"}],"y":0.5,"margin":2,"weight":0.5,"subset":"s","id":"i","kind":"a\\ud83d\n🙂","🙂":["🙂"]}""",
            """{"chosen_ids":[1,2],"chosen_token_type_ids":[0,1],"rejected_ids":[3]}""",
            """{"prompt":[],"chosen":[{"role":"text","content":"A"}],"rejected":[{"role":"text","content":"B"}],"id":12}""",
        ];
        Assert.Equal(rows, Read(string.Join('\n', rows)).Select(ComparisonWriter.ToJson));
    }

    [Fact]
    public void A_file_may_be_converted_into_itself_and_gzip_goes_by_the_name()
    {
        using var folder = new DataFolder();
        string text = folder.Write("a.jsonl", "[{\"prompt\":\"Q\",\"a\":\"A\",\"b\":\"B\",\"y\":0}]");
        Assert.Equal(1, ComparisonWriter.Save(text, DataSource.Open([text]).Comparisons()));
        Assert.Equal("""{"prompt":[{"role":"user","content":"Q"}],"chosen":"B","rejected":"A"}""" + "\n", File.ReadAllText(text));
        string packed = folder["b.jsonl.gz"];
        ComparisonWriter.Save(packed, DataSource.Open([text]).Comparisons());
        Assert.Equal([0x1F, 0x8B], File.ReadAllBytes(packed)[..2]);
        Same(Assert.Single(DataSource.Open([text]).Comparisons()), Assert.Single(DataSource.Open([packed]).Comparisons()));
        Assert.Equal([text, packed], Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_failed_writing_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new DataFolder();
        string path = folder.Write("a.jsonl", "old");
        Assert.Throws<DataException>(() => ComparisonWriter.Save(path, Source("{}").Comparisons()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        using var folder = new DataFolder();
        string path = folder["none/a.jsonl"];
        Assert.Equal($"{path}: found no folder '{folder["none"]}' to write into; expected one; create it first", Assert.Throws<DataException>(() => ComparisonWriter.Save(path, [])).Message);
    }

    [Fact]
    public void Unused_fields_cannot_shadow_the_comparisons_own()
    {
        Comparison pair = Assert.Single(Read("""{"prompt":"Q","chosen":"A","rejected":"B"}""")) with { Extra = new JsonObject { ["chosen"] = 1 } };
        Assert.Throws<ArgumentException>(() => ComparisonWriter.ToJson(pair));
    }

    [Fact]
    public void Lines_go_to_a_stream_as_utf8()
    {
        var memory = new MemoryStream();
        Assert.Equal(2, ComparisonWriter.Write(memory, Read("{\"prompt\":\"é\",\"chosen\":\"A\",\"rejected\":\"B\"}\n{\"prompt\":\"R\",\"chosen\":\"A\",\"rejected\":\"B\"}")));
        string[] lines = Encoding.UTF8.GetString(memory.ToArray()).Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Contains("é", lines[0], StringComparison.Ordinal);
        Assert.Empty(lines[2]);
    }
}
