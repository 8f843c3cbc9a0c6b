using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Tests.Models;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>The token budget that a run chooses for itself, and keeps.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class TokenBudgetTests : IDisposable
{
    private const string Meminfo = "MemTotal:       16000000 kB\nMemFree:          100000 kB\nMemAvailable:    8000000 kB\nBuffers:               7 kB\n";

    private static readonly TrainOptions Options = new() { Model = "model", Data = ["data"], Output = "out" };

    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void More_memory_gives_a_larger_budget_between_bounds()
    {
        using var model = RewardModel.Load(ModelFixture.Folder("llama"), new LoadOptions { Trainable = true });
        var training = TrainingSet.Encode(Rows(40), 0, model, "files");

        var budgets = new[] { 0L, 1L << 23, 1L << 24, 1L << 25, 1L << 40 }.Select(bytes => TokenBudget.Choose(model, Options, training, bytes)).ToArray();

        Assert.Equal(budgets.Order(), budgets);
        Assert.Equal((1024, 16384), (budgets[0], budgets[^1]));
        Assert.True(budgets.Distinct().Count() > 2);
        Assert.All(budgets, budget => Assert.Equal(0, budget % 256));
    }

    /// <summary>By the measure, activations that are not kept leave room for more tokens; the estimate knows nothing of that.</summary>
    [Fact]
    public void Checkpointing_makes_room_for_a_larger_budget()
    {
        using var model = RewardModel.Load(ModelFixture.Folder("llama"), new LoadOptions { Trainable = true });
        var training = TrainingSet.Encode(Rows(200, length: 30), 0, model, "files");

        Assert.True(TokenBudget.Choose(model, Options with { GradientCheckpointing = true }, training, 1 << 24) > TokenBudget.Choose(model, Options, training, 1 << 24));
    }

    [Fact]
    public void The_longest_comparison_fits()
    {
        using var model = RewardModel.Load(ModelFixture.Folder("gpt2"), new LoadOptions { Trainable = true });
        var limit = model.Encoder.Options.MaxLength;
        var ranking = new Ranking
        {
            Responses = [.. Enumerable.Range(0, 40).Select(index => new Response { InputIds = [.. Enumerable.Range(0, limit).Select(place => 3 + ((index + place) % 40))] })],
            Scores = [.. Enumerable.Range(0, 40).Select(index => (double)index)],
        };

        Assert.Equal(40 * limit, TokenBudget.Choose(model, Options, TrainingSet.Encode([ranking], 0, model, "files"), 0));
    }

    [Theory]
    [InlineData("", "", 8_192_000_000)]
    [InlineData("max", "5", 8_192_000_000)]
    [InlineData("3000000000", "1000000000", 2_500_000_000)]
    [InlineData("1000", "900000000", 0)]
    public void Free_memory_is_the_systems_or_the_containers(string limit, string used, long expected)
    {
        Write("proc/meminfo", Meminfo);
        if (limit.Length > 0)
        {
            Write("sys/fs/cgroup/memory.max", limit + "\n");
            Write("sys/fs/cgroup/memory.current", used + "\n");
            Write("sys/fs/cgroup/memory.stat", "anon 400000000\nfile 600000000\ninactive_file 500000000\nactive_file 100000000\n");
        }

        Assert.Equal(expected, TokenBudget.FreeBytes(small.File("root")));
    }

    [Fact]
    public void The_older_form_of_a_container_is_read_too()
    {
        Write("proc/meminfo", Meminfo);
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "3000000000\n");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000000000\n");
        Write("sys/fs/cgroup/memory/memory.stat", "cache 5\ntotal_inactive_file 500\n");

        Assert.Equal(2_000_000_500, TokenBudget.FreeBytes(small.File("root")));
    }

    [Fact]
    public void Of_this_machine_some_memory_is_free() => Assert.InRange(TokenBudget.FreeBytes(), 1L << 20, 1L << 50);

    [Fact]
    public void A_resumed_run_keeps_the_budget_it_began_with()
    {
        const int Budget = 40;
        Run("asked", options => options with { TokenBudget = Budget });
        Run("chosen", options => options);
        Assert.NotEqual(RunEnd.Of(small.File("asked")).Hashes, RunEnd.Of(small.File("chosen")).Hashes);
        Assert.Equal(16384, (int)Record("chosen")["token_budget"]!);

        // A run that began when little memory was free, and was stopped before its first checkpoint.
        Stop("kept", 1);
        Directory.Delete(small.File("kept/checkpoint-1"), recursive: true);
        var record = Record("kept");
        record["token_budget"] = Budget;
        File.WriteAllText(small.File("kept/run.json"), record.ToJsonString());
        Stop("kept", 7);
        Run("kept", options => options with { Resume = true });

        Assert.Equal(Budget, (int)Record("kept")["token_budget"]!);
        Assert.Equal(RunEnd.Of(small.File("asked")), RunEnd.Of(small.File("kept")));
    }

    [Fact]
    public void A_repeat_that_names_the_recorded_budget_is_the_same_run()
    {
        Run("chosen", options => options);
        Run("repeated", options => options with { TokenBudget = (int)Record("chosen")["token_budget"]! });

        Assert.Equal(RunEnd.Of(small.File("chosen")), RunEnd.Of(small.File("repeated")));
    }

    private void Run(string name, Func<TrainOptions, TrainOptions> change) => RewardTrainer.Train(change(small.Options(name)), stop: TestContext.Current.CancellationToken);

    private void Stop(string name, int step)
    {
        using var stop = new CancellationTokenSource();
        RewardTrainer.Train(small.Options(name) with { Resume = true }, new StopAt(step, stop), stop.Token);
    }

    private JsonNode Record(string name) => JsonNode.Parse(File.ReadAllText(small.File($"{name}/run.json")))!;

    private void Write(string name, string text)
    {
        var path = Path.Combine(small.File("root"), name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static Comparison[] Rows(int count, int length = 3) =>
        [.. Enumerable.Range(0, count).Select(row => 3 + (row % 40)).Select(id => new Comparison { Chosen = new Response { InputIds = [.. Enumerable.Repeat(id, length)] }, Rejected = new Response { InputIds = [id, 7] } })];
}
