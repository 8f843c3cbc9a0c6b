using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Tests.Training;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Models;

[Collection(Torch.ProcessWide.Name)]
public sealed class FingerprintRecordTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DataFingerprints seen = new([1, 2, ulong.MaxValue], [7, 9]);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_few_stand_in_the_record_and_many_in_a_file_beside_it()
    {
        var few = FingerprintRecord.Save(seen, folder.Path, largestInline: 5);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
        Assert.Equal((24, 16, null), (few.Prompts!.Length, few.Pairs!.Length, few.FileSha256));

        var many = FingerprintRecord.Save(seen, folder.Path, largestInline: 4);
        Assert.Equal(16 + 40, new FileInfo(folder.File(FingerprintRecord.FileName)).Length);
        Assert.Equal((null, null, 64), (many.Prompts, many.Pairs, many.FileSha256!.Length));

        Assert.All([few, many], record =>
        {
            Write(record);
            var read = FingerprintRecord.Load(folder.Path)!;
            Assert.Equal(seen.Prompts.AsEnumerable(), read.Prompts);
            Assert.Equal(seen.Pairs.AsEnumerable(), read.Pairs);
        });
    }

    [Fact]
    public void A_file_that_is_missing_or_another_is_refused()
    {
        Write(FingerprintRecord.Save(seen, folder.Path, largestInline: 0));
        var path = folder.File(FingerprintRecord.FileName);
        var content = File.ReadAllBytes(path);

        content[20] ^= 1;
        File.WriteAllBytes(path, content);
        Assert.StartsWith($"{path}: not the file that prefer.json was written with", Assert.Throws<ModelException>(() => FingerprintRecord.Load(folder.Path)).Message, StringComparison.Ordinal);

        File.Delete(path);
        Assert.StartsWith($"{path}: missing", Assert.Throws<ModelException>(() => FingerprintRecord.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trained_model_knows_its_training_data_and_not_its_evaluation_data()
    {
        using var small = new SmallRun();
        var options = small.Options("run") with { MaxSteps = 2 };
        RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken);

        var known = FingerprintRecord.Load(options.Output)!;

        Comparison[] training = [.. DataSource.Open([small.File("train.jsonl")]).Comparisons()];
        Assert.Equal(DataFingerprints.Of(training).Pairs, known.Pairs.AsEnumerable());
        Assert.All(training, pair => Assert.True(known.HasPair(pair) && known.HasPrompt(pair)));
        Assert.DoesNotContain(DataSource.Open([small.File("eval.jsonl")]).Comparisons(), known.HasPair);
        using var model = RewardModel.Load(options.Output);
        var tokens = model.Facts(options.Output).SeenTokens!;
        var had = training.Where(pair => !pair.TeachesNothing).SelectMany(pair => pair.Chosen.InputIds.Concat(pair.Rejected.InputIds)).ToHashSet();
        Assert.All(Enumerable.Range(0, 50), id => Assert.Equal(had.Contains(id), tokens.Contains(id)));
        Assert.Null(JsonNode.Parse(File.ReadAllText(Path.Combine(options.Output, RunEnd.Checkpoints(options.Output).Select(step => $"checkpoint-{step}").Last(), "prefer.json")))!["fingerprints"]);
    }

    private void Write(FingerprintRecord record) => new ModelRecord { Encoding = new EncodingOptions(), Fingerprints = record }.Save(folder.Path);
}
