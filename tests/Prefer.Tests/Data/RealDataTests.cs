using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>The public sets beside the repository, by counts that were taken from them with another program.</summary>
public sealed class RealDataTests
{
    private static DataSource Open(params string[] path) => DataSource.Open([Repository.Shared(["data", .. path])]);

    private static DataStatistics Of(params string[] path) => DataStatistics.Of(Open(path).Comparisons());

    [Fact]
    public void Hh_rlhf_train()
    {
        DataStatistics train = Of("hh-rlhf", "train.jsonl.gz");
        Assert.Equal((6899, 30, 9, 15), (train.PairCount, train.IdenticalCount, train.EmptySideCount, train.SeveralTurnsCount));
        Assert.Equal([new("harmless-base", 1866), new("helpful-base", 1921), new("helpful-online", 922), new("helpful-rejection-sampled", 2190)], train.Subsets);
        Assert.Equal(0.52146, train.LongerChosenShare!.Value, 5);
    }

    [Fact]
    public void Hh_rlhf_validation()
    {
        DataStatistics validation = Of("hh-rlhf", "validation.jsonl.gz");
        Assert.Equal((817, 2, 1, 2), (validation.PairCount, validation.IdenticalCount, validation.EmptySideCount, validation.SeveralTurnsCount));
        Assert.Equal(0.54871, validation.LongerChosenShare!.Value, 5);
    }

    [Fact]
    public void Hh_rlhf_longer_wins()
    {
        string folder = Repository.Shared("data", "hh-rlhf");
        DataStatistics both = DataStatistics.Of(DataSource.Open([Path.Combine(folder, "*.jsonl.gz")]).Comparisons());
        Assert.Equal(7716, both.PairCount);
        Assert.Equal(0.524, both.LongerChosenShare!.Value, 3);
    }

    [Fact]
    public void Hh_rlhf_was_split_by_first_turn()
    {
        HashSet<string> Openings(string file) => [.. Open("hh-rlhf", file).Comparisons().Where(pair => !pair.Prompt.IsEmpty).Select(pair => PromptFingerprint.Of(pair, SplitKey.FirstTurn))];
        Assert.Empty(Openings("train.jsonl.gz").Intersect(Openings("validation.jsonl.gz")));
    }

    [Fact]
    public void Hh_rlhf_transcripts_keep_every_character()
    {
        static string Mark(Message turn) => turn.Role == "user" ? "\n\nHuman: " : "\n\nAssistant: ";
        string path = Repository.Shared("data", "hh-rlhf", "validation.jsonl.gz");
        using var gzip = new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress);
        using var lines = new StreamReader(gzip);
        foreach (Comparison pair in DataSource.Open([path]).Comparisons())
        {
            string written = System.Text.Json.Nodes.JsonNode.Parse(lines.ReadLine()!)!["chosen"]!.GetValue<string>();
            Assert.Equal(written.TrimEnd(' '), string.Concat(pair.Prompt.Concat(pair.Chosen.Turns).Select(turn => Mark(turn) + turn.Content)).TrimEnd(' '));
        }
    }

    [Fact]
    public void Hh_rlhf_survives_writing_and_splits_by_prompt()
    {
        List<Comparison> train = [.. Open("hh-rlhf", "train.jsonl.gz").Comparisons()];
        using var folder = new DataFolder();
        ComparisonWriter.Save(folder["train.jsonl"], train);
        Assert.Equal(train.Select(ComparisonWriter.ToJson), DataSource.Open([folder["train.jsonl"]]).Comparisons().Select(ComparisonWriter.ToJson));
        Assert.InRange(PromptSplit.ByFraction(train, 0.1, seed: 1).HeldOut.Length, 685, 695);
        UsablePairs usable = UsablePairs.Of(train);
        Assert.Equal((6860, 9, 30), (usable.Pairs.Length, usable.EmptySideCount, usable.IdenticalCount));
    }

    [Fact]
    public void Fgrlhf()
    {
        DataStatistics set = Of("fgrlhf-qa", "comparisons.jsonl.gz");
        Assert.Equal((3000, 384, 0, 500), (set.PairCount, set.TieCount, set.EmptySideCount, set.PromptCount));
        Assert.Equal(0.51206, set.LongerChosenShare!.Value, 5);
        Comparison first = Open("fgrlhf-qa", "comparisons.jsonl.gz").Comparisons().First();
        Assert.Equal(["context", "kind"], first.Extra!.Select(field => field.Key));
        Assert.Equal("fg-0-12", first.Id);
    }

    [Fact]
    public void Pandalm()
    {
        DataStatistics set = Of("pandalm", "comparisons.jsonl.gz");
        Assert.Equal((999, 105, 54, 136), (set.PairCount, set.TieCount, set.EmptySideCount, set.DuplicateCount));
    }

    [Fact]
    public void Vicuna80()
    {
        DataStatistics set = Of("vicuna80", "comparisons.jsonl.gz");
        Assert.Equal((2560, 364, 80, 0), (set.PairCount, set.TieCount, set.PromptCount, set.DuplicateCount));
        Assert.Equal(0.81, set.LongerChosenShare!.Value, 2);
    }

    [Theory]
    [InlineData("pandalm", 2997, 326)]
    [InlineData("vicuna80", 7040, 804)]
    public void Votes_are_read_and_survive_writing(string set, int votes, int ties)
    {
        List<Comparison> read = [.. DataSource.Open([Repository.Shared("data", set, "comparisons.jsonl.gz")], columns: ColumnMap.Parse(set == "vicuna80" ? "model_a=ma,model_b=mb" : null)).Comparisons()];
        Assert.Equal((votes, ties), (read.Sum(pair => pair.Votes.Length), read.Sum(pair => pair.Votes.Count(vote => vote.Choice == Choice.Tie))));
        Assert.All(read, pair => Assert.Equal(set == "vicuna80", pair.Systems is not null));

        // Whatever was turned round, the label goes with the majority, or is a tie.
        Assert.All(read, pair => Assert.True(pair.IsTie || pair.Votes.Sum(vote => vote.Value) > 0, pair.Id));
        using var folder = new DataFolder();
        ComparisonWriter.Save(folder["votes.jsonl"], read);
        List<Comparison> again = [.. DataSource.Open([folder["votes.jsonl"]]).Comparisons()];
        Assert.Equal(read.Select(pair => (pair.Id, pair.Systems, string.Join(' ', pair.Votes))), again.Select(pair => (pair.Id, pair.Systems, string.Join(' ', pair.Votes))));
    }

    [Fact]
    public void Rated_responses_are_candidates()
    {
        DataSource source = Open("prometheus-likert", "ratings.jsonl.gz");
        List<Candidate> candidates = [.. source.Candidates()];
        Assert.Equal(640, candidates.Count);
        Assert.Equal("vicuna_eval-1-vicuna", candidates[0].Id);
        Assert.True(candidates[0].Extra!.ContainsKey("scores"));
    }
}
