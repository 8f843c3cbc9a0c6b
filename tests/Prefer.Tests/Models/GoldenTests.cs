using Prefer.Models;
using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>
/// The families and the padded reference against numbers recorded from transformers in fp32. The tolerances leave room for
/// fp32's own wobble (the recording's padded rows differ from the same rows alone by up to 3e-6) and for no more.
/// </summary>
public sealed class GoldenTests(ITestOutputHelper output)
{
    private static readonly IEnumerable<string> Folders = RecordedFolders.Rewards;

    public static TheoryData<string, string, string> Cases() => List(RecordedFolders.PaddedCases);

    public static TheoryData<string, string, string> ForestCases() => List(RecordedFolders.Cases);

    public static TheoryData<string, string> ReferenceCases() =>
        [.. Folders.SelectMany(folder => RecordedFolders.PaddedCases(folder).Select(name => new TheoryDataRow<string, string>(folder, name)))];

    public static TheoryData<string> Steps() => [.. Folders.Where(folder => new Golden(folder).HasStep && !RecordedFolders.DependsOnPadding(folder))];

    private static TheoryData<string, string, string> List(Func<string, IEnumerable<string>> cases)
    {
        var data = new TheoryData<string, string, string>();
        foreach (var folder in Folders)
        {
            foreach (var config in new[] { "config.json", "config_v4.json" }.Where(file => File.Exists(Path.Combine(ModelFixture.Folder(folder), file))))
            {
                foreach (var name in cases(folder))
                {
                    data.Add(folder, config, name);
                }
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(ForestCases))]
    public void Forest_gives_the_recorded_rewards_and_hidden_states(string folder, string config, string name)
    {
        using var model = Open(folder, config);
        using var scope = new TensorScope();
        var golden = new Golden(folder).Case(name);
        var sequences = Encoded(golden.Batch);

        CheckClose("rewards", golden.Logits, [.. model.Score(sequences)], new Golden(folder).LargestReward);
        var batch = model.NewBatch();
        foreach (var sequence in sequences)
        {
            batch.Add(sequence, pooledPosition: 0);
        }
        var (forest, _) = batch.Build();
        var hidden = model.Network.Hidden(new ForestPass(forest, DType.Float32, "cpu"));
        foreach (var (columns, values) in golden.Hidden)
        {
            var packed = columns.Select((column, row) => (long)forest.PackedIndex(row, column - golden.Batch.FirstColumn(row))).ToArray();
            CheckClose("hidden states", values, Values(hidden.IndexSelect(0, Tensor.From<long>(packed))));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Rewards_are_pooled_where_the_recording_pooled(string folder, string config, string name)
    {
        using var model = Open(folder, config);
        var golden = new Golden(folder).Case(name);
        var pooled = golden.Batch.Sequences().Select((sequence, row) => golden.Batch.FirstColumn(row) + model.PooledPosition(sequence));
        Assert.Equal(golden.SelectedColumns ?? new int[golden.Batch.RowCount], pooled);
    }

    [Theory]
    [MemberData(nameof(ReferenceCases))]
    public void Padded_reference_gives_the_recorded_rewards_and_hidden_states(string folder, string name)
    {
        using var model = ModelFixture.Open(folder, DType.Float32);
        using var scope = new TensorScope();
        var golden = new Golden(folder).Case(name);
        var batch = golden.Batch;
        var reference = PaddedReference.Of(model);

        CheckClose("rewards", golden.Logits, Values(reference.Rewards(batch, golden.SelectedColumns ?? new int[batch.RowCount])), new Golden(folder).LargestReward);
        var hidden = reference.Hidden(batch).Reshape((long)batch.RowCount * batch.Length, -1);
        foreach (var (columns, values) in golden.Hidden)
        {
            var rows = columns.Select((column, row) => ((long)row * batch.Length) + column).ToArray();
            CheckClose("hidden states", values, Values(hidden.IndexSelect(0, Tensor.From<long>(rows))));
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Forest_gives_the_recorded_loss_and_gradients(string folder)
    {
        using var model = RewardModel.Load(ModelFixture.Folder(folder), new LoadOptions { Trainable = true });
        using var scope = new TensorScope();
        var golden = new Golden(folder);
        var batch = model.NewBatch();
        foreach (var sequence in Encoded(golden.Case(golden.Step().Case).Batch))
        {
            batch.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
        }
        CheckStep(model.Parameters, golden.Step(), model.Forward(batch));
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void Padded_reference_gives_the_recorded_loss_and_gradients(string folder)
    {
        using var model = ModelFixture.Open(folder, DType.Float32);
        using var scope = new TensorScope();
        var golden = new Golden(folder);
        var recorded = golden.Case(golden.Step().Case);
        var columns = recorded.SelectedColumns ?? new int[recorded.Batch.RowCount];
        CheckStep(model.Parameters, golden.Step(), PaddedReference.Of(model).Rewards(recorded.Batch, columns));
    }

    private void CheckStep(ParameterSet parameters, GoldenStep step, Tensor rewards)
    {
        var loss = BradleyTerry.Loss(rewards, step.Pairs);
        loss.Backward();
        var lossDeviation = Math.Abs(loss.Item() - step.Loss) / step.Loss;
        output.WriteLine($"loss: relative deviation {lossDeviation:g2}");
        Assert.True(lossDeviation <= 5e-6, $"the loss is {loss.Item():r}, recorded {step.Loss:r}");

        var gradients = Gradients.Take(parameters);
        Assert.Equal(step.Gradients.Keys.Order(), gradients.Keys.Order());
        var (worstNorm, worstLargest, worstSum) = (0.0, 0.0, 0.0);
        foreach (var (name, values) in gradients)
        {
            var recorded = step.Gradients[name];
            // A relative 1.5e-6 is the most seen; a gradient that is zero in exact arithmetic (a key bias) is recorded as
            // rounding, some 1e-8 of the whole.
            var room = Math.Max(1e-5 * recorded.Norm, 1e-7 * step.TotalNorm);
            var norm = Math.Abs(Math.Sqrt(values.Sum(value => value * value)) - recorded.Norm) / room;
            var largest = Math.Abs(values.Max(Math.Abs) - recorded.Largest) / room;
            // |Σ(a − b)| ≤ √n·‖a − b‖: the sum may be off by as much as the norm, times √n.
            var sum = Math.Abs(values.Sum() - recorded.Sum) / (room * Math.Sqrt(values.Length));
            Assert.True(norm <= 1 && largest <= 1 && sum <= 1, $"{name}: norm, largest and sum are {norm:g2}, {largest:g2}, {sum:g2} times as far off as allowed");
            (worstNorm, worstLargest, worstSum) = (Math.Max(worstNorm, norm), Math.Max(worstLargest, largest), Math.Max(worstSum, sum));
        }
        output.WriteLine($"gradients: norms use {worstNorm:p1} of what is allowed, largest elements {worstLargest:p1}, sums {worstSum:p1}");
    }

    [Fact]
    public void A_short_row_behind_a_long_batch_was_recorded_with_the_batch_s_frequencies()
    {
        const string folder = "llama-rope-dynamic", name = "single_0_unpadded";
        Assert.True(RecordedFolders.IsStale(folder, new Golden(folder).Case(name).Batch.Length));
        using var model = RewardModel.Load(ModelFixture.Folder(folder));
        using var scope = new TensorScope();
        var recorded = new Golden(folder);
        var batch = new RewardBatch(sharePrefixes: true, _ => recorded.Case("padded_batch").Batch.Length);
        var row = Encoded(recorded.Case(name).Batch).Single();
        batch.Add(row, model.PooledPosition(row.Ids.AsSpan()));
        CheckClose("reward", recorded.Case(name).Logits, Values(model.Forward(batch)), recorded.LargestReward);
    }

    // A reward is a sum whose terms, and so its rounding, may be larger than itself: it is measured against the folder's largest.
    private void CheckClose(string what, double[] recorded, double[] found, double? largest = null)
    {
        Assert.Equal(recorded.Length, found.Length);
        var scale = largest ?? recorded.Max(Math.Abs);
        var deviation = recorded.Zip(found, (left, right) => Math.Abs(left - right)).Max() / scale;
        output.WriteLine($"{what}: largest deviation {deviation:g2} of the largest value");
        Assert.True(deviation <= 1e-5, $"{what} deviate by {deviation:g2} of the largest, {scale:g3}");
    }

    // A folder that has this file as its config.json.
    private static RewardModel Open(string name, string configFile)
    {
        if (configFile == "config.json")
        {
            return RewardModel.Load(ModelFixture.Folder(name));
        }
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(ModelFixture.Folder(name), "model*"))
        {
            File.Copy(file, copy.File(Path.GetFileName(file)));
        }
        File.Copy(Path.Combine(ModelFixture.Folder(name), configFile), copy.File("config.json"));
        return RewardModel.Load(copy.Path);
    }

    private static EncodedSequence[] Encoded(PaddedBatch batch) =>
        [.. batch.Sequences().Select((ids, row) => new EncodedSequence([.. ids], [.. batch.RealTokenTypes()?[row] ?? []], 0))];

    private static double[] Values(Tensor tensor) => tensor.To(DType.Float64).ToArray<double>();
}
