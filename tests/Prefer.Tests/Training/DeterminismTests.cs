using Prefer.Tests.Models;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>A seed decides a run, bit for bit.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class DeterminismTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void Two_runs_of_one_seed_end_alike_and_another_seed_elsewhere()
    {
        Assert.Equal(End("first", 7), End("second", 7));
        Assert.NotEqual(End("first", 7).Hashes, End("third", 8).Hashes);
    }

    [Theory]
    [InlineData("the order of the data")]
    [InlineData("dropout")]
    [InlineData("a fresh head")]
    public void The_seed_reaches(string part)
    {
        // What else the seed decides is taken out, so that only this part differs.
        var pretrained = small.Options("") with { Model = ModelFixture.Folder("distilbert"), MaxSteps = 5, SaveSteps = 5, Shuffle = part == "the order of the data", Dropout = part == "dropout" ? 0.2 : 0 };
        if (part == "a fresh head")
        {
            pretrained = pretrained with { Model = HeadlessModel.Write(small.File("body"), "distilbert") };
        }

        Assert.NotEqual(End("first", 1, pretrained).Hashes, End("second", 2, pretrained).Hashes);
        Assert.Equal(End("third", 1, pretrained), End("fourth", 1, pretrained));
    }

    [Fact]
    public void With_nothing_drawn_the_seed_changes_nothing()
    {
        var pretrained = small.Options("") with { Model = ModelFixture.Folder("distilbert"), MaxSteps = 5, SaveSteps = 5, Shuffle = false, Dropout = 0 };

        Assert.Equal(End("first", 1, pretrained), End("second", 2, pretrained));
    }

    [Fact]
    public void A_run_stopped_and_resumed_many_times_ends_like_one_that_was_not()
    {
        var end = End("whole", 5);
        for (var step = 2; step < SmallRun.TotalSteps; step += 5)
        {
            using var stop = new CancellationTokenSource();
            // As in another process: the generator is somewhere else.
            TorchRuntime.ManualSeed(99);
            RewardTrainer.Train(small.Options("parts") with { Seed = 5, Resume = true }, new StopAt(step, stop), stop.Token);
        }

        TorchRuntime.ManualSeed(99);
        Assert.Equal(end, End("parts", 5, small.Options("") with { Resume = true }));
    }

    private RunEnd End(string name, int seed, TrainOptions? options = null)
    {
        var output = small.File(name);
        if (!File.Exists(Path.Combine(output, "model.safetensors")))
        {
            RewardTrainer.Train((options ?? small.Options("")) with { Output = output, Seed = seed }, stop: TestContext.Current.CancellationToken);
        }
        return RunEnd.Of(output);
    }
}
