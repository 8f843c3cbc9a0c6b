using System.Collections.Immutable;
using Prefer.Models;
using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>
/// Language models against numbers recorded from transformers in fp32. Rows that are padded and rows that are not differ there by up to 6e-6
/// in log-probabilities of order ten; the tolerances leave room for that and no more.
/// </summary>
public sealed class LanguageModelGoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string, string> Folders() => List(_ => true);

    /// <summary>Without the one recorded with frequencies that a longer batch had left.</summary>
    public static TheoryData<string, string> GreedyFolders() => List(golden => golden.HasGreedy);

    /// <summary>Without those recorded with frequencies chosen by the batch's padded length.</summary>
    public static TheoryData<string, string> PaddedFolders() => List(golden => golden.HasPaddedBatch);

    private static TheoryData<string, string> List(Func<LanguageGolden, bool> isWanted) =>
    [
        .. LanguageGolden.Folders.Where(folder => isWanted(new LanguageGolden(folder))).SelectMany(folder => new[] { "config.json", "config_v4.json" }
            .Where(file => File.Exists(Path.Combine(ModelFixture.Folder(folder), file))).Select(file => new TheoryDataRow<string, string>(folder, file))),
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Log_probabilities_are_the_recorded_ones(string folder, string config)
    {
        using var model = Load(folder, config);
        var golden = new LanguageGolden(folder);

        double[][] found = [.. model.LogProbs(golden.Sequences.Select(ids => new EncodedSequence([.. ids], [], 0)))];

        Assert.Equal(golden.LogProbs.Select(row => row.Length), found.Select(row => row.Length));
        CheckClose("log-probabilities", [.. golden.LogProbs.SelectMany(row => row)], [.. found.SelectMany(row => row)]);
        CheckClose("sums", golden.Sums, [.. found.Select(row => row.Sum())]);
        // One at a time, as they were recorded: sharing changes nothing.
        CheckClose("alone", [.. golden.LogProbs.SelectMany(row => row)], [.. golden.Sequences.SelectMany(ids => model.LogProbs([new EncodedSequence([.. ids], [], 0)]).Single())]);
        Assert.Equal(golden.LastArgMax, model.Continue([.. golden.Sequences.Select(ids => ids.ToImmutableArray())], 1).Select(tokens => tokens.Single()));
    }

    [Theory]
    [MemberData(nameof(GreedyFolders))]
    public void The_greedy_continuation_is_the_recorded_one(string folder, string config)
    {
        using var model = Load(folder, config);
        var golden = new LanguageGolden(folder);

        var alone = model.Continue([[.. golden.GreedyPrompt]], golden.Greedy.Length);
        var together = model.Continue([[.. golden.Sequences[^1]], [.. golden.GreedyPrompt], [.. golden.GreedyPrompt]], golden.Greedy.Length);

        Assert.Equal(golden.Greedy, alone.Single());
        Assert.All(together.Skip(1), tokens => Assert.Equal(golden.Greedy, tokens));
    }

    [Theory]
    [MemberData(nameof(PaddedFolders))]
    public void Logits_loss_and_gradients_of_the_padded_batch_are_the_recorded_ones(string folder, string config)
    {
        using var model = Load(folder, config);
        using var scope = new TensorScope();
        var golden = new LanguageGolden(folder);

        var (recorded, columns) = golden.Logits();
        var rows = golden.Batch.Sequences().SelectMany(sequence =>
        {
            var builder = new TokenForestBuilder(sharePrefixes: true);
            builder.Add(sequence, group: model.Network.FrequencyGroup(sequence.Length));
            var pass = new ForestPass(builder.Build(), DType.Float32, "cpu");
            return model.Network.Logits(model.Network.Hidden(pass), pass).To(DType.Float64).ToArray<double>();
        });
        CheckClose($"logits ({columns} columns)", recorded, [.. rows]);

        var loss = golden.MeanLoss(model);
        loss.Backward();
        CheckClose("loss", [golden.NegativeLogLikelihood], [loss.Item()]);
        var found = Gradients.Take(model.Parameters);
        var deviation = RecordedGradients.Deviation(golden.Gradients, golden.TotalGradientNorm, found);
        var total = Math.Sqrt(found.Values.Sum(values => values.Sum(value => value * value)));
        output.WriteLine($"gradients: largest deviation {deviation:g2}; total norm {total:r}, recorded {golden.TotalGradientNorm:r}");
        Assert.True(deviation <= 1e-5, $"a gradient's norm deviates by {deviation:g2}");
        Assert.Equal(golden.TotalGradientNorm, total, 1e-5 * golden.TotalGradientNorm);
    }

    private void CheckClose(string what, double[] recorded, double[] found)
    {
        Assert.Equal(recorded.Length, found.Length);
        var deviation = Deviation.OfLargest(recorded, found);
        output.WriteLine($"{what}: largest deviation {deviation:g2} of the largest value");
        Assert.True(deviation <= 1e-5, $"{what} deviate by {deviation:g2} of the largest");
    }

    private static LanguageModel Load(string name, string config)
    {
        using var copy = new TemporaryFolder();
        return LanguageModel.Load(FolderCopy.Of(name, copy.Path, config), new LoadOptions { Trainable = true });
    }
}
