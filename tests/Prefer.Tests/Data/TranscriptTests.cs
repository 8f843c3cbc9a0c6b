using FsCheck.Fluent;
using FsCheck;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

public sealed class TranscriptTests
{
    [Fact]
    public void Marks_become_roles_and_white_space_stays() => Assert.Equal(
        [new Message("user", "one \n\ntwo  "), new Message("assistant", " x"), new Message("user", ""), new Message("user", "again"), new Message("assistant", "")],
        Transcript.Parse("\n\nHuman: one \n\ntwo  \n\nAssistant:  x\n\nHuman:\n\nHuman: again\n\nAssistant:"));

    [Theory]
    [InlineData("\n\nHuman: a", true)]
    [InlineData("\n\nAssistant: a", true)]
    [InlineData("Human: a\n\nAssistant: b", true)]
    [InlineData("Human: a", false)]
    [InlineData("\nHuman: a\n\nAssistant: b", false)]
    [InlineData("He said:\n\nHuman: a\n\nAssistant: b", false)]
    [InlineData("", false)]
    public void Recognised_by_its_beginning(string text, bool expected) => Assert.Equal(expected, Transcript.IsTranscript(text));

    [Fact]
    public void The_first_mark_may_lack_its_newlines() =>
        Assert.Equal([new Message("user", "a"), new Message("assistant", "b")], Transcript.Parse("Human: a\n\nAssistant: b"));

    [Fact]
    public void Written_turns_are_read_back()
    {
        Gen<Message> turn = Gen.Elements("user", "assistant").SelectMany(
            role => Gen.Elements("", "a", " b", "c\n", "\n", "Human:", "\n\nHuman", "x\n\ny", "é").ArrayOf().Select(parts => new Message(role, string.Concat(parts))));
        Prop.ForAll(turn.NonEmptyListOf().ToArbitrary(), turns =>
        {
            // A content that holds a mark cannot be told from a turn, so it is not a case.
            string text = string.Concat(turns.Select(message => $"\n\n{(message.Role == "user" ? "Human" : "Assistant")}: {message.Content}"));
            bool clean = text.Split("\n\nHuman:").Length + text.Split("\n\nAssistant:").Length - 2 == turns.Count;
            return !clean || Transcript.Parse(text).SequenceEqual(turns);
        }).QuickCheckThrowOnFailure();
    }
}
