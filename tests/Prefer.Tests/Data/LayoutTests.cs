using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

/// <summary>Each layout of comparisons, by the comparison it must become.</summary>
public sealed class LayoutTests
{
    private static Message User(string text) => new("user", text);

    private static Message Assistant(string text) => new("assistant", text);

    private static Comparison One(string row) => Assert.Single(Read(row));

    private static void Same(Comparison comparison, Message[] prompt, Message[] chosen, Message[] rejected)
    {
        Assert.Equal(prompt, comparison.Prompt);
        Assert.Equal(chosen, comparison.Chosen.Turns);
        Assert.Equal(rejected, comparison.Rejected.Turns);
    }

    [Fact]
    public void Prompt_and_responses_as_strings() =>
        Same(One("""{"prompt":"Hi","chosen":"Hello!","rejected":"No."}"""), [User("Hi")], [Assistant("Hello!")], [Assistant("No.")]);

    [Fact]
    public void Prompt_and_responses_as_message_lists() => Same(
        One("""{"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Hi"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"content":"B","role":"assistant"}]}"""),
        [new Message("system", "S"), User("Hi")], [Assistant("A")], [Assistant("B")]);

    [Fact]
    public void A_prompt_repeated_in_both_responses_is_taken_off() => Same(
        One("""{"prompt":[{"role":"user","content":"Hi"}],"chosen":[{"role":"user","content":"Hi"},{"role":"assistant","content":"A"}],"rejected":[{"role":"user","content":"Hi"},{"role":"assistant","content":"B"}]}"""),
        [User("Hi")], [Assistant("A")], [Assistant("B")]);

    [Fact]
    public void A_prompt_repeated_in_one_response_only_is_part_of_it() => Same(
        One("""{"prompt":"Hi","chosen":[{"role":"user","content":"Hi"},{"role":"assistant","content":"A"}],"rejected":"B"}"""),
        [User("Hi")], [User("Hi"), Assistant("A")], [Assistant("B")]);

    [Fact]
    public void Message_lists_without_a_prompt_share_their_longest_common_turns() => Same(
        One("""{"chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"},{"role":"assistant","content":"S"}],"rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"},{"role":"assistant","content":"T"}]}"""),
        [User("Q"), Assistant("A"), User("R")], [Assistant("S")], [Assistant("T")]);

    [Fact]
    public void Dialogues_that_part_early_keep_several_turns() => Same(
        One("""{"chosen":"\n\nHuman: Q\n\nAssistant: A\n\nHuman: R\n\nAssistant: S","rejected":"\n\nHuman: Q\n\nAssistant: B\n\nHuman: R\n\nAssistant: S"}"""),
        [User("Q")], [Assistant("A"), User("R"), Assistant("S")], [Assistant("B"), User("R"), Assistant("S")]);

    [Fact]
    public void Identical_dialogues_keep_their_last_turn_as_response()
    {
        Comparison pair = One("""{"chosen":"\n\nHuman: Q\n\nAssistant: A","rejected":"\n\nHuman: Q\n\nAssistant: A"}""");
        Same(pair, [User("Q")], [Assistant("A")], [Assistant("A")]);
        Assert.True(pair.IsIdentical);
        Assert.True(pair.TeachesNothing);
    }

    [Fact]
    public void A_dialogue_that_ends_where_the_other_goes_on_keeps_its_last_turn() => Same(
        One("""{"chosen":"\n\nHuman: Q\n\nAssistant: A","rejected":"\n\nHuman: Q\n\nAssistant: A\n\nHuman: R"}"""),
        [User("Q")], [Assistant("A")], [Assistant("A"), User("R")]);

    [Fact]
    public void Plain_texts_without_a_prompt_are_encoded_as_they_stand() =>
        Same(One("""{"chosen":"Q: 1+1? A: 2","rejected":"Q: 1+1? A: 3"}"""), [], [new Message("text", "Q: 1+1? A: 2")], [new Message("text", "Q: 1+1? A: 3")]);

    [Fact]
    public void A_transcript_as_prompt_loses_its_cue_and_the_answers_their_space() => Same(
        One("""{"prompt":"\n\nHuman: Q\n\nAssistant:","chosen":" A","rejected":" B"}"""), [User("Q")], [Assistant("A")], [Assistant("B")]);

    [Fact]
    public void A_transcript_as_prompt_is_taken_off_whole_transcripts() => Same(
        One("""{"prompt":"\n\nHuman: Q\n\nAssistant:","chosen":"\n\nHuman: Q\n\nAssistant: A","rejected":"\n\nHuman: Q\n\nAssistant: B"}"""),
        [User("Q")], [Assistant("A")], [Assistant("B")]);

    [Fact]
    public void An_empty_prompt_is_no_turn()
    {
        Same(One("""{"prompt":"","chosen":"A","rejected":"B"}"""), [], [Assistant("A")], [Assistant("B")]);
        Same(One("""{"prompt":"","chosen":"\n\nHuman: Q\n\nAssistant: A","rejected":"\n\nHuman: Q\n\nAssistant: B"}"""), [User("Q")], [Assistant("A")], [Assistant("B")]);
        Same(One("""{"prompt":[],"chosen":"\n\nHuman: Q","rejected":"B"}"""), [], [Assistant("\n\nHuman: Q")], [Assistant("B")]);
    }

    [Theory]
    [InlineData("1", "A", "B", 1.0)]
    [InlineData("0.7", "A", "B", 0.7)]
    [InlineData("0.5", "A", "B", 0.5)]
    [InlineData("0.25", "B", "A", 0.75)]
    [InlineData("0", "B", "A", 1.0)]
    public void A_label_below_one_half_turns_the_pair_round(string y, string chosen, string rejected, double label)
    {
        Comparison pair = One($$"""{"prompt":"Q","a":"A","b":"B","y":{{y}} }""");
        Same(pair, [User("Q")], [Assistant(chosen)], [Assistant(rejected)]);
        Assert.Equal(label, pair.Label);
        Assert.Equal(y == "0.5", pair.IsTie);
    }

    [Fact]
    public void Chosen_and_rejected_may_carry_a_label_too()
    {
        Comparison pair = One("""{"prompt":"Q","chosen":"A","rejected":"B","y":0.25}""");
        Assert.Equal("B", pair.Chosen.Text);
        Assert.Equal(0.75, pair.Label);
    }

    [Fact]
    public void Token_ids_and_segments()
    {
        Comparison pair = One("""{"chosen_ids":[1,2,3],"rejected_ids":[1,4],"chosen_token_type_ids":[0,0,1],"rejected_token_type_ids":[0,1],"prompt":"Q"}""");
        Assert.Equal([1, 2, 3], pair.Chosen.InputIds);
        Assert.Equal([0, 0, 1], pair.Chosen.TokenTypeIds);
        Assert.Equal([1, 4], pair.Rejected.InputIds);
        Assert.Equal([0, 1], pair.Rejected.TokenTypeIds);
        Assert.True(pair.Chosen.IsTokenized);
        Assert.Equal([User("Q")], pair.Prompt);
    }

    [Fact]
    public void Empty_sides_are_well_formed()
    {
        Assert.True(One("""{"prompt":"Q","chosen":"A","rejected":" \n"}""").HasEmptySide);
        Assert.True(One("""{"prompt":"Q","chosen":[],"rejected":"A"}""").HasEmptySide);
        Assert.True(One("""{"chosen_ids":[],"rejected_ids":[1]}""").HasEmptySide);
    }

    [Fact]
    public void Optional_fields_are_read_and_others_kept()
    {
        Comparison pair = One("""{"id":"r1","subset":"s","prompt":"Q","context":"[1] passage","chosen":"A","rejected":"B","margin":-0.5,"weight":0,"kind":"human","ballots":["a","b"],"note":null}""");
        Assert.Equal(("r1", "s", -0.5, 0.0), (pair.Id, pair.Subset, pair.Margin, pair.Weight));
        Assert.Equal("""{"context":"[1] passage","kind":"human","ballots":["a","b"],"note":null}""", pair.Extra!.ToJsonString());
        Assert.Equal([User("Q")], pair.Prompt);
    }

    [Fact]
    public void Null_options_are_absent_options()
    {
        Comparison pair = One("""{"id":null,"subset":null,"prompt":null,"chosen":"A","rejected":"B","margin":null,"weight":null,"y":null}""");
        Assert.Null(pair.Id);
        Assert.Null(pair.Subset);
        Assert.Null(pair.Margin);
        Assert.Equal((1.0, 1.0), (pair.Weight, pair.Label));
        Assert.Null(pair.Extra);
    }

    [Fact]
    public void An_id_that_is_a_number_is_kept_as_a_number()
    {
        Comparison pair = One("""{"id":9007199254740993,"prompt":"Q","chosen":"A","rejected":"B"}""");
        Assert.Equal("9007199254740993", pair.Id);
        Assert.Contains("\"id\":9007199254740993", ComparisonWriter.ToJson(pair), StringComparison.Ordinal);
        Assert.Contains("\"id\":\"other\"", ComparisonWriter.ToJson(pair with { Id = "other" }), StringComparison.Ordinal);
    }
}
