using Prefer.Data;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>A service that offers training must not lose a model's memory for each request with bad data.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class FailedSetupTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_that_cannot_begin_frees_its_model()
    {
        var data = folder.File("identical.jsonl");
        File.WriteAllText(data, """{"chosen_ids": [5, 6], "rejected_ids": [5, 6]}""");
        var options = new TrainOptions { Model = Path.Combine(Repository.Root, "tests", "fixtures", "models", "llama"), Data = [data], Output = folder.File("run") };
        var before = TorchRuntime.LiveTensorCount;

        Assert.Throws<DataException>(() => RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken));

        Assert.Equal(before, TorchRuntime.LiveTensorCount);
    }
}
