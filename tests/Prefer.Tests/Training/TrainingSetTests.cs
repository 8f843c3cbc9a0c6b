using Prefer.Data;
using Prefer.Models;
using Prefer.Tests.Models;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Which comparisons are trained on, which are left out, and that both are counted.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class TrainingSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly RewardModel model;

    public TrainingSetTests()
    {
        var saved = SmallTextModel.Write("distilbert", folder.Path);
        model = RewardModel.Load(saved, new LoadOptions { MaxLength = 32 });
    }

    public void Dispose()
    {
        model.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void What_teaches_nothing_is_left_out_and_counted()
    {
        var same = new string('x', 100);
        var set = TrainingSet.Encode(
            [
                Compare("yes", "no") with { Id = "first" },
                Compare("yes", "no") with { Label = 0.5 },
                Compare("", "no"),
                Compare("same", "same"),
                Compare(same + " a", same + " b"), // they differ where truncation has cut
                Compare("a " + same, "b " + same), // and here they do not
                Compare("yes", "no") with { Weight = 0 },
                Compare("yes", "no", prompt: same), // a longer prompt loses its beginning
            ],
            badRowCount: 3, model, "files");

        Assert.Equal((4, 1, 1, 1, 1, 1, 6, 3), (set.Report.Comparisons, set.Report.Ties, set.Report.EmptySides, set.Report.Identical, set.Report.IdenticalByTruncation, set.Report.Weightless, set.Report.TruncatedSequences, set.Report.BadRows));
        Assert.Equal("first", set.Items[0].Name);
        Assert.Equal(set.Items.Sum(item => item.Sequences.Sum(sequence => sequence.Ids.Length)), set.Report.Tokens);
    }

    [Fact]
    public void Truncation_of_a_response_does_not_depend_on_the_other_one()
    {
        var longer = string.Concat(Enumerable.Repeat("water boils ", 30));
        EncodedSequence Chosen(string rejected) => TrainingSet.Encode([Compare(longer, rejected)], 0, model, "files").Items[0].Sequences[0];

        Assert.True(Chosen("no").SameAs(Chosen(new string('z', 500))));
    }

    [Fact]
    public void Nothing_left_is_refused_with_the_reasons()
    {
        var error = Assert.Throws<DataException>(() => TrainingSet.Encode([Compare("", "no"), Compare("same", "same"), Compare("a", "b") with { Weight = 0 }], 0, model, "a.jsonl"));

        Assert.Equal("a.jsonl: no comparison teaches anything: 1 have an empty side, 1 two identical ones, 0 become identical by truncation, 1 have weight 0", error.Message);
    }

    [Fact]
    public void The_fingerprint_is_of_all_that_training_sees()
    {
        string Of(params Comparison[] comparisons) => TrainingSet.Encode(comparisons, 0, model, "files").Report.Fingerprint;
        var (first, second) = (Compare("yes", "no"), Compare("hello", "water"));

        var all = new[]
        {
            Of(first, second), Of(second, first), Of(first), Of(first with { Label = 0.7 }, second), Of(first with { Margin = 1 }, second), Of(first with { Weight = 2 }, second),
            Of(Compare("no", "yes"), second), Of(Compare("yes", "no", prompt: "another"), second),
        };

        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[0], Of(first with { Id = "named" }, second));
    }

    [Fact]
    public void A_ranking_is_one_item_without_its_empty_responses()
    {
        var set = TrainingSet.Encode(
            [
                Rank(["yes", "no", "hello"], 3, 1, 2) with { Id = "r" },
                Rank(["yes", "", "hello"], 3, 1, 3),
                Rank(["yes", " ", ""], 3, 1, 2),
                Rank(["same", "same", "same"], 3, 1, 2),
                Rank(["same", "same", "no"], 3, 1, 2),
                Compare("yes", "no"),
            ],
            badRowCount: 0, model, "files");

        Assert.Equal((4, 1, 1, 1, 1), (set.Report.Comparisons, set.Report.Ties, set.Report.EmptySides, set.Report.EmptyRanked, set.Report.Identical));
        Assert.Equal(["r", "comparison 2", "comparison 3", "comparison 4"], set.Items.Select(item => item.Name));
        Assert.Equal([3, 2, 3, 2], set.Items.Select(item => item.Sequences.Length));
        Assert.Equal([3, 3], Assert.IsType<EncodedRanking>(set.Items[1]).Scores);
    }

    [Fact]
    public void The_fingerprint_sees_scores_and_where_sources_begin()
    {
        string Of(params Judgement[] rows) => TrainingSet.Encode(rows, 0, model, "files").Report.Fingerprint;
        string Mixed(int first, double weight, params Judgement[] rows) => TrainingSet.Encode(
            new TrainingRows([rows[..first], rows[first..]], [new WeightedFiles("a", weight), new WeightedFiles("b", 1)], 0), model, "files").Report.Fingerprint;
        Rating Rate(double score) => new() { Prompt = [new Message("user", "hello")], Response = Response.FromText("yes"), Score = score };

        var all = new[]
        {
            Of(Rank(["yes", "no"], 2, 1)), Of(Rank(["yes", "no"], 1, 2)), Of(Rank(["yes", "no"], 1, 1)), Of(Compare("yes", "no")),
            Of(Rate(1), Rate(1), Rate(1)), Of(Rate(2), Rate(1), Rate(1)), Mixed(1, 1, Rate(1), Rate(1), Rate(1)), Mixed(2, 1, Rate(1), Rate(1), Rate(1)), Mixed(1, 1.25, Rate(1), Rate(1), Rate(1)),
        };

        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void Rows_encoded_on_all_processors_are_those_encoded_one_after_the_other()
    {
        var random = new Random(5);
        string Text() => string.Join(' ', Enumerable.Range(0, random.Next(1, 30)).Select(_ => new[] { "water", "boils", "hello", "add", "fox", "zebra" }[random.Next(6)]));
        Judgement[] rows = [.. Enumerable.Range(0, 500).Select(index => Compare($"{Text()} {index}", Text(), Text()))];

        var set = TrainingSet.Encode(rows, 0, model, "files");

        Assert.Equal(500, set.Items.Length);
        foreach (var (row, item) in rows.Zip(set.Items))
        {
            Assert.All(row.AllResponses.Zip(item.Sequences), pair => Assert.True(model.Encode(row.Prompt, pair.First).SameAs(pair.Second)));
        }
    }

    [Fact]
    public void Of_several_bad_rows_the_first_in_the_file_is_told()
    {
        var rows = Enumerable.Range(1, 3000).Select(Judgement (line) => new Comparison
        {
            Chosen = new Response { InputIds = line is 70 or 1500 or 2999 ? [100_000] : [5, 6] }, Rejected = new Response { InputIds = [5, 7] }, Origin = new RowOrigin("a.jsonl", line),
        }).ToArray();

        for (var attempt = 0; attempt < 20; attempt++)
        {
            Assert.StartsWith("a.jsonl:70: token id 100000", Assert.Throws<DataException>(() => TrainingSet.Encode(rows, 0, model, "files")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_text_of_rows_is_not_kept()
    {
        var (set, text) = EncodeOwn();

        GC.Collect();

        Assert.False(text.TryGetTarget(out _));
        Assert.Single(set.Items);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        (TrainingSet Set, WeakReference<string> Text) EncodeOwn()
        {
            var own = string.Concat("water ", "boils ", DateTime.Now.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return (TrainingSet.Encode([Compare(own, "no")], 0, model, "files"), new WeakReference<string>(own));
        }
    }

    private static Ranking Rank(string[] responses, params double[] scores) =>
        new() { Prompt = [new Message("user", "hello")], Responses = [.. responses.Select(Response.FromText)], Scores = [.. scores] };

    private static Comparison Compare(string chosen, string rejected, string prompt = "hello") =>
        new() { Prompt = [new Message("user", prompt)], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected) };
}
