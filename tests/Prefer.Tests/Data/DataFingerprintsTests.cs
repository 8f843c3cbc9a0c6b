using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

public sealed class DataFingerprintsTests
{
    private static readonly List<Comparison> Rows = DataFolder.Read("""
        {"prompt":"What is 2 + 2?","chosen":"Four.","rejected":"Five."}
        {"prompt":"What is  2 + 2?","chosen":"4","rejected":"5"}
        {"chosen_ids":[1,2,3],"rejected_ids":[1,2,4]}
        """);

    [Fact]
    public void Prompts_are_known_again_but_for_white_space_and_pairs_whichever_was_chosen()
    {
        DataFingerprints seen = DataFingerprints.Of(Rows);

        Assert.Equal((2, 3), (seen.Prompts.Length, seen.Pairs.Length));
        Comparison[] others = [.. DataFolder.Read("""
            {"prompt":" What is 2 + 2?\n","chosen":"FIVE","rejected":"four"}
            {"prompt":"What is 2 + 2?","chosen":"Four.","rejected":"Six."}
            {"prompt":"What is 2 + 3?","chosen":"Four.","rejected":"Five."}
            {"chosen_ids":[1,2,4],"rejected_ids":[1,2,3]}
            """)];
        Assert.Equal([true, true, false, true], others.Select(seen.HasPrompt));
        Assert.Equal([true, false, false, true], others.Select(seen.HasPair));
    }

    [Fact]
    public void A_ranking_counts_with_its_pairs_and_a_rating_with_its_prompt()
    {
        var ranking = new Ranking { Prompt = Rows[0].Prompt, Responses = [Response.FromText("Four."), Response.FromText("Five."), Response.FromText("Six.")], Scores = [1, 0, 0] };
        Assert.Equal((1, 3), (DataFingerprints.Of([ranking]).Prompts.Length, DataFingerprints.Of([ranking]).Pairs.Length));
        Assert.True(DataFingerprints.Of([ranking]).HasPair(Rows[0]));

        DataFingerprints rated = DataFingerprints.Of([new Rating { Prompt = Rows[0].Prompt, Response = Response.FromText("Four."), Score = 5 }]);
        Assert.True(rated.HasPrompt(Rows[1]));
        Assert.Empty(rated.Pairs);
    }

    [Fact]
    public void Bytes_come_back_and_others_are_refused()
    {
        DataFingerprints seen = DataFingerprints.Of(Rows);
        byte[] bytes = DataFingerprints.ToBytes(seen.Pairs);

        Assert.Equal(seen.Pairs, DataFingerprints.FromBytes(bytes));
        Assert.Contains("multiple of 8", Assert.Throws<FormatException>(() => DataFingerprints.FromBytes(bytes.AsSpan(1))).Message, StringComparison.Ordinal);
        Assert.Contains("fingerprint 3 out of order", Assert.Throws<FormatException>(() => DataFingerprints.FromBytes([.. bytes[8..], .. bytes[..8]])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hh_rlhf_was_split_by_first_turn_so_that_no_prompt_is_on_both_sides()
    {
        List<Comparison> Read(string file) => [.. DataSource.Open([Repository.Shared("data", "hh-rlhf", file)]).Comparisons().Where(pair => !pair.Prompt.IsEmpty)];
        (List<Comparison> train, List<Comparison> validation) = (Read("train.jsonl.gz"), Read("validation.jsonl.gz"));
        DataFingerprints seen = DataFingerprints.Of(train);

        Assert.DoesNotContain(validation, pair => seen.HasPrompt(pair) || seen.HasPair(pair));
        Assert.All(train, pair => Assert.True(seen.HasPrompt(pair) && seen.HasPair(pair)));
    }
}
