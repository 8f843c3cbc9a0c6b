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
        Assert.Equal(set.Items.Sum(item => item.Chosen.Ids.Length + item.Rejected.Ids.Length), set.Report.Tokens);
    }

    [Fact]
    public void Truncation_of_a_response_does_not_depend_on_the_other_one()
    {
        var longer = string.Concat(Enumerable.Repeat("water boils ", 30));
        EncodedSequence Chosen(string rejected) => TrainingSet.Encode([Compare(longer, rejected)], 0, model, "files").Items[0].Chosen;

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

    private static Comparison Compare(string chosen, string rejected, string prompt = "hello") =>
        new() { Prompt = [new Message("user", prompt)], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected) };
}
