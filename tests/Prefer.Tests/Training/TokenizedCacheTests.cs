using Prefer.Data;
using Prefer.Models;
using Prefer.Tests.Models;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Ids that are kept between runs: the same as without, never those of other data, and no trouble when files are damaged.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class TokenizedCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> notes = [];

    private string Kept => folder.File("cache");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 100_000)]
    public void Sequences_come_back_as_they_were(int seed, int vocabularySize)
    {
        var random = new Random(seed);
        var rows = Enumerable.Range(0, 50).Select(_ => Enumerable.Range(0, random.Next(4)).Select(_ => Sequence(random, vocabularySize)).ToArray()).ToArray();

        Cache().Write("key", rows);
        var found = Cache().Read("key", [.. rows.Select(row => row.Length)])!;

        Assert.Equal(rows.Select(row => row.Length), found.Select(row => row.Length));
        foreach (var (expected, actual) in rows.SelectMany(row => row).Zip(found.SelectMany(row => row)))
        {
            Assert.True(expected.SameAs(actual));
            Assert.Equal((expected.RemovedCount, expected.ResponseStart), (actual.RemovedCount, actual.ResponseStart));
        }
        Assert.Empty(notes);
    }

    [Fact]
    public void A_damaged_file_is_noticed_and_made_anew()
    {
        using var model = TextModel();
        var expected = Encode(model, null);
        Encode(model, Cache());
        var path = Assert.Single(Directory.GetFiles(Kept));
        var whole = File.ReadAllBytes(path);
        foreach (var damaged in Damaged(whole))
        {
            File.WriteAllBytes(path, damaged);
            notes.Clear();

            Assert.Equal(expected.Report.Fingerprint, Encode(model, Cache()).Report.Fingerprint);

            Assert.Equal($"{path} is damaged (its checksum does not hold): the data is tokenized again.", Assert.Single(notes));
            Assert.Equal(whole, File.ReadAllBytes(path));
        }
    }

    [Fact]
    public void What_is_kept_is_used_and_the_same()
    {
        using var model = TextModel();
        var expected = Encode(model, null);
        var first = Encode(model, Cache());
        var path = Assert.Single(Directory.GetFiles(Kept));
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-2));

        var second = Encode(model, Cache());

        Assert.True(File.GetLastWriteTimeUtc(path) > DateTime.UtcNow.AddDays(-1), "it was not used");
        foreach (var set in new[] { first, second })
        {
            Assert.Equal(expected.Report with { Sources = set.Report.Sources }, set.Report);
            Assert.Equal(expected.Items.Select(item => (item.Name, item.Target)), set.Items.Select(item => (item.Name, item.Target)));
        }
    }

    [Fact]
    public void The_key_is_of_everything_that_decides_the_ids()
    {
        using var model = TextModel();
        using var shorter = RewardModel.Load(folder.File("distilbert"), new LoadOptions { MaxLength = 16 });
        using var joined = RewardModel.Load(folder.File("distilbert"), new LoadOptions { MaxLength = 32, EncodingMode = EncodingMode.Concat });
        using var other = SmallTextModel.Create("distilbert", folder.Path, SmallTextModel.Tokenizer(isCausal: false, seed: 1));
        var row = Compare("yes", "no");
        var keys = new[]
        {
            TokenizedRows.KeyOf([row], model), TokenizedRows.KeyOf([row], shorter), TokenizedRows.KeyOf([row], joined), TokenizedRows.KeyOf([row], other), TokenizedRows.KeyOf([row, row], model),
            TokenizedRows.KeyOf([Compare("yes", "n") with { Prompt = [new Message("user", "hello"), new Message("user", "o")] }], model),
            TokenizedRows.KeyOf([row with { Prompt = [new Message("system", "hello")] }], model), TokenizedRows.KeyOf([Compare("no", "yes")], model),
            TokenizedRows.KeyOf([Compare("yes\ud800", "no")], model), TokenizedRows.KeyOf([Compare("yes\ud801", "no")], model),
            TokenizedRows.KeyOf([row with { Chosen = new Response { InputIds = [5, 6] } }], model), TokenizedRows.KeyOf([row with { Chosen = new Response { InputIds = [5, 6], TokenTypeIds = [0, 1] } }], model),
        };

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], TokenizedRows.KeyOf([row with { Label = 0.7, Id = "named", Origin = new RowOrigin("elsewhere", 3) }], model));
    }

    [Fact]
    public void What_was_not_used_for_the_longest_time_goes_first()
    {
        var rows = new EncodedSequence[][] { [new([.. Enumerable.Range(0, 1000)], [], 0)] };
        Cache().Write("size", rows);
        var cache = new TokenizedCache(Kept, notes.Add, largestBytes: 3 * new FileInfo(Path.Combine(Kept, "size.tokens")).Length);
        foreach (var (age, key) in new[] { "size", "b", "c" }.Index())
        {
            cache.Write(key, rows);
            File.SetLastWriteTimeUtc(Path.Combine(Kept, $"{key}.tokens"), DateTime.UtcNow.AddHours(age - 10));
        }
        Assert.NotNull(cache.Read("size", [1]));

        cache.Write("d", rows);

        Assert.Equal(["c.tokens", "d.tokens", "size.tokens"], Directory.GetFiles(Kept).Select(Path.GetFileName).Order());
        new TokenizedCache(Kept, notes.Add, largestBytes: 1).Write("e", rows);
        Assert.Equal(["e.tokens"], Directory.GetFiles(Kept).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told_and_no_more()
    {
        File.WriteAllText(Kept, "not a folder");
        using var model = TextModel();

        Encode(model, Cache());

        Assert.StartsWith("The tokenized data was not kept for the next run: ", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_ids_are_not_kept()
    {
        using var model = TextModel();

        TrainingSet.Encode(new TrainingRows([[new Comparison { Chosen = new Response { InputIds = [5, 6] }, Rejected = new Response { InputIds = [5, 7] } }]], [], 0), model, "files", Cache());

        Assert.False(Directory.Exists(Kept));
    }

    [Fact]
    public void Runs_with_and_without_it_end_alike()
    {
        File.WriteAllLines(folder.File("data.jsonl"), Enumerable.Range(0, 12).Select(index => ComparisonWriter.ToJson(Compare($"yes {index}", $"no {index + 1}"))));
        SmallTextModel.Write("llama", folder.Path);
        var options = new TrainOptions
        {
            Model = folder.File("llama"), Data = [folder.File("data.jsonl")], EvalData = [folder.File("data.jsonl")], Output = folder.File("whole"), BatchSize = 4, SaveSteps = 2, Dropout = 0.1,
        };
        Train(options with { Cache = false });
        Assert.False(Directory.Exists(Kept));

        Train(options with { Output = folder.File("first") });
        Train(options with { Output = folder.File("second") });

        Assert.Single(Directory.GetFiles(Path.Combine(Kept, "tokenized")));
        Assert.Equal(RunEnd.Of(folder.File("whole")), RunEnd.Of(folder.File("first")));
        Assert.Equal(RunEnd.Of(folder.File("whole")), RunEnd.Of(folder.File("second")));
    }

    private void Train(TrainOptions options) => RewardTrainer.Train(options, null, Kept, TestContext.Current.CancellationToken);

    private TokenizedCache Cache() => new(Kept, notes.Add);

    private RewardModel TextModel() => RewardModel.Load(SmallTextModel.Write("distilbert", folder.Path), new LoadOptions { MaxLength = 32 });

    private static TrainingSet Encode(RewardModel model, TokenizedCache? cache)
    {
        var same = new string('x', 100);
        return TrainingSet.Encode(
            new TrainingRows([[Compare("yes", "no") with { Id = "named" }, Compare("", "no"), Compare(same + "a", same + "b"), Compare("water boils", "hello"), Compare("yes", "no") with { Weight = 0 }]], [], 0),
            model, "files", cache);
    }

    private static Comparison Compare(string chosen, string rejected) =>
        new() { Prompt = [new Message("user", "hello")], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected) };

    private static EncodedSequence Sequence(Random random, int vocabularySize)
    {
        int[] ids = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(vocabularySize))];
        return new EncodedSequence([.. ids], random.Next(2) == 0 ? [] : [.. ids.Select((_, index) => index / 7 % 3)], random.Next(300)) { ResponseStart = random.Next(ids.Length) };
    }

    /// <summary>The file cut off, emptied, with a byte more, and with one bit changed here and there.</summary>
    private static IEnumerable<byte[]> Damaged(byte[] whole)
    {
        yield return [];
        yield return whole[..8];
        yield return whole[..^1];
        yield return [.. whole, 0];
        for (var index = 0; index < whole.Length; index += 11)
        {
            var changed = (byte[])whole.Clone();
            changed[index] ^= 16;
            yield return changed;
        }
    }
}
