using Prefer.Models;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>A model that only scores is its file; one that is trained has memory of its own.</summary>
[Collection(ProcessWide.Name)]
public sealed class MappedWeightsTests : IDisposable
{
    private const string Name = "llama";

    private static readonly EncodedSequence[] Sequences = [new([5, 6, 7, 8], [], 0), new([9, 30, 11], [], 0)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    /// <summary>Written in place, which nobody should do to a mapped file and which shows whose memory it is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_are_the_file_unless_they_are_trained(bool trainable)
    {
        var path = FolderCopy.Of(Name, folder.File("copy"));
        using var model = RewardModel.Load(path, new LoadOptions { Trainable = trainable });
        Assert.All(model.Parameters.Names, name => Assert.Equal(trainable, model.Parameters[name].RequiresGrad));
        var before = model.Parameters["score.weight"].ToArray<float>();

        using (var file = File.Open(Path.Combine(path, "model.safetensors"), FileMode.Open, FileAccess.Write))
        {
            file.Position = file.Length / 2;
            file.Write(new byte[file.Length - file.Position]);
        }

        // Names are written in their order: the head's is the last.
        Assert.Equal(trainable ? before : new float[before.Length], model.Parameters["score.weight"].ToArray<float>());
    }

    [Fact]
    public void Saving_over_the_folder_it_was_loaded_from_keeps_the_model_as_it_was()
    {
        var path = FolderCopy.Of(Name, folder.File("copy"));
        using var model = RewardModel.Load(path);
        var before = model.Score(Sequences).ToArray();

        model.Save(path);
        Assert.Equal(before, model.Score(Sequences));
        model.Save(path, null, null, shardBytes: 50_000);
        Assert.Equal(before, model.Score(Sequences));

        using var reloaded = RewardModel.Load(path);
        Assert.Equal(before, reloaded.Score(Sequences));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Weights_that_do_not_lie_at_multiples_of_their_size_are_copied(int shift)
    {
        var path = FolderCopy.Of(Name, folder.File("copy"));
        var file = Path.Combine(path, "model.safetensors");
        var bytes = File.ReadAllBytes(file);
        var length = BitConverter.ToInt64(bytes);
        // Spaces behind the JSON are part of the format.
        File.WriteAllBytes(file, [.. BitConverter.GetBytes(length + shift), .. bytes.AsSpan(8, (int)length), .. Enumerable.Repeat((byte)' ', shift), .. bytes.AsSpan(8 + (int)length)]);

        using var expected = RewardModel.Load(ModelFixture.Folder(Name));
        using var model = RewardModel.Load(path);
        Assert.All(model.Parameters.Names, name => Assert.Equal(expected.Parameters[name].ToArray<float>(), model.Parameters[name].ToArray<float>()));
    }

    /// <summary>104 MB of weights: mapped they take next to nothing, as int8 a quarter, to be trained all of it; and no second copy on the way.</summary>
    [Fact]
    public void Memory_that_a_loaded_model_takes()
    {
        var path = folder.File("large");
        using (var model = SmallTextModel.Create("distilbert", folder.Path, TokenizerFiles.None, config => (config["vocab_size"], config["dim"], config["n_layers"]) = (100_000, 256, 1)))
        {
            model.Save(path);
        }
        var size = new FileInfo(Path.Combine(path, "model.safetensors")).Length;
        Assert.InRange(size, 100_000_000, 110_000_000);
        // For scales, and for the copies of a block that is being quantized.
        const long room = 8_000_000;

        Check(new LoadOptions(), 0);
        Check(new LoadOptions { Weights = WeightStorage.Int8 }, size / 4);
        Check(new LoadOptions { Trainable = true }, size);

        void Check(LoadOptions options, long expected)
        {
            var before = TorchRuntime.AllocatedBytes;
            TorchRuntime.ResetPeakAllocatedBytes();
            // Without the probe, which computes.
            using var model = RewardModel.Load(path, options with { MaxLength = 60 });
            Assert.InRange(TorchRuntime.AllocatedBytes - before, expected - 100_000, expected + room);
            Assert.InRange(TorchRuntime.PeakAllocatedBytes - before, expected - 100_000, expected + room);
        }
    }
}
