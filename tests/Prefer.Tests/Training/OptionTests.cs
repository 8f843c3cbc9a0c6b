using System.Text.Json.Nodes;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Options that no run can have, and how flags and a file fill the record.</summary>
public sealed class OptionTests : IDisposable
{
    private readonly SmallRun small = new();

    private static TrainOptions Good { get; } = new() { Model = "new:llama-mini", Data = ["data.jsonl"], Output = "out" };

    private static Dictionary<string, TrainOptions> Wrong { get; } = new()
    {
        ["--data is empty; expected at least one file"] = Good with { Data = [] },
        ["--output is empty; expected a folder"] = Good with { Output = "" },
        ["--learning-rate is 0; expected a number above 0"] = Good with { LearningRate = 0 },
        ["--learning-rate is -0.001; expected a number above 0"] = Good with { LearningRate = -1e-3 },
        ["--learning-rate is NaN; expected a number above 0"] = Good with { LearningRate = double.NaN },
        ["--warmup-steps is -1; expected 0 or more"] = Good with { WarmupSteps = -1 },
        ["--warmup-ratio is 1.5; expected 0 to 1"] = Good with { WarmupRatio = 1.5 },
        ["--weight-decay is -0.1; expected 0 or more"] = Good with { WeightDecay = -0.1 },
        ["--adam-beta1 is 1; expected 0 or more and below 1"] = Good with { AdamBeta1 = 1 },
        ["--adam-beta2 is 1; expected 0 or more and below 1"] = Good with { AdamBeta2 = 1 },
        ["--adam-epsilon is 0; expected above 0 and below 1"] = Good with { AdamEpsilon = 0 },
        ["--max-grad-norm is -1; expected 0 or more"] = Good with { MaxGradNorm = -1 },
        ["--max-steps is 0; expected 1 or more"] = Good with { MaxSteps = 0 },
        ["--epochs is 0; expected above 0"] = Good with { Epochs = 0 },
        ["--batch-size is 0; expected 1 or more"] = Good with { BatchSize = 0 },
        ["--token-budget is 0; expected 1 or more"] = Good with { TokenBudget = 0 },
        ["--max-length is 0; expected 1 or more"] = Good with { MaxLength = 0 },
        ["--center-rewards-coefficient is -0.01; expected 0 or more"] = Good with { CenterRewardsCoefficient = -0.01 },
        ["--label-smoothing is 0.6; expected 0 to 0.5"] = Good with { LabelSmoothing = 0.6 },
        ["--hinge-margin is -1; expected 0 or more"] = Good with { Loss = LossType.Hinge, HingeMargin = -1 },
        ["--hinge-margin is 2; expected --loss hinge beside it"] = Good with { HingeMargin = 2 },
        ["--label-smoothing is 0.1; expected 0, or --loss bradley-terry or hinge: the others have no labels to smooth"] = Good with { Loss = LossType.PlackettLuce, LabelSmoothing = 0.1 },
        ["--label-smoothing is 0.2; expected 0, or --loss bradley-terry or hinge: the others have no labels to smooth"] = Good with { Loss = LossType.Regression, LabelSmoothing = 0.2 },
        ["--center-rewards-coefficient is 0.01; expected 0 with --loss regression: the scores say where rewards lie"] = Good with { Loss = LossType.Regression, CenterRewardsCoefficient = 0.01 },
        ["--metric-for-best-model is accuracy; expected loss with --loss regression: scores have no pairs"] = Good with { Loss = LossType.Regression, MetricForBestModel = BestModelMetric.Accuracy },
        ["--dropout is 1; expected 0 or more and below 1"] = Good with { Dropout = 1 },
        ["--eval-steps is 0; expected 1 or more"] = Good with { EvalSteps = 0 },
        ["--eval-steps is 5; expected --eval-data beside it, to evaluate on"] = Good with { EvalSteps = 5 },
        ["--save-steps is 0; expected 1 or more"] = Good with { SaveSteps = 0 },
        ["--save-total-limit is 0; expected 1 or more"] = Good with { SaveTotalLimit = 0 },
        ["--logging-steps is 0; expected 1 or more"] = Good with { LoggingSteps = 0 },
        ["--early-stopping-patience is 0; expected 1 or more"] = Good with { EarlyStoppingPatience = 0, EvalData = ["eval.jsonl"] },
        ["--early-stopping-patience is 2; expected --eval-data beside it, since evaluations decide"] = Good with { EarlyStoppingPatience = 2 },
        ["--vocabulary-size is 299; expected 300 or more: 256 bytes, the special tokens, and some merges"] = Good with { VocabularySize = 299 },
        ["--dry-run is True; expected no --resume: what is predicted is a run from its beginning"] = Good with { Resume = true, DryRun = true },
        ["--overwrite is True; expected either --resume or --overwrite, not both"] = Good with { Resume = true, Overwrite = true },
    };

    public static TheoryData<string> Messages => [.. Wrong.Keys];

    public void Dispose() => small.Dispose();

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_value_that_no_run_can_have_is_named_with_what_is_allowed(string message)
    {
        var error = Assert.Throws<TrainingException>(Wrong[message].Validate);

        Assert.True(error.IsUsage);
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void The_edges_of_the_ranges_are_allowed()
    {
        (Good with { Loss = LossType.Hinge, HingeMargin = 0, LabelSmoothing = 0.1, CenterRewardsCoefficient = 0.01 }).Validate();
        (Good with { WarmupRatio = 1, LabelSmoothing = 0.5, AdamBeta1 = 0, AdamBeta2 = 0, MaxGradNorm = 0, VocabularySize = 300, Epochs = 0.01 }).Validate();
    }

    [Theory]
    [InlineData("unknown flag '--learning-rat'; did you mean '--learning-rate'?", "--learning-rat", "1")]
    [InlineData("unknown flag '--evaldata'; did you mean '--eval-data'?", "--evaldata", "x")]
    [InlineData("--lr-scheduler-type: found 'cubic', expected linear, cosine or constant.", "--lr-scheduler-type", "cubic")]
    [InlineData("--loss: found 'bt', expected bradley-terry, plackett-luce, hinge or regression.", "--loss", "bt")]
    [InlineData("--columns: found 'prompts' on the left of '='; expected one of our names; did you mean 'prompt'?", "--columns", "prompts=question")]
    [InlineData("--precision: found 'fp8', expected fp32, bf16 or auto.", "--precision", "fp8")]
    [InlineData("--batch-size is 0; expected 1 or more", "--batch-size", "0")]
    [InlineData("--device: found 'gpu', expected cpu, cuda, or cuda:1 for the second device.", "--device", "gpu")]
    public void The_command_line_refuses_with_2(string message, params string[] flags)
    {
        var result = TrainingProcess.Run(["train", "--model", "new:llama-mini", "--data", "data.jsonl", "--output", small.File("out"), .. flags]);

        Assert.Equal((2, "", $"prefer: {message}\n"), result);
        Assert.False(Directory.Exists(small.File("out")));
    }

    [Fact]
    public void An_unknown_key_of_the_file_is_refused_with_its_line_and_the_nearest_name()
    {
        var file = small.File("run.yaml");
        File.WriteAllText(file, "model: new:llama-mini\nbatch_size: 4\nsave-step: 3\n");

        var result = TrainingProcess.Run("train", "--config", file, "--data", "data.jsonl", "--output", small.File("out"));

        Assert.Equal((2, "", $"prefer: {file}:3: unknown key 'save-step'; did you mean 'save-steps'?\n"), result);
    }

    [Fact]
    public void A_file_fills_the_record_and_flags_win()
    {
        var file = small.File("run.yaml");
        File.WriteAllText(file, $"""
            model: "new:{small.File("config.json")}"
            data: ["{small.File("train.jsonl")}"]
            eval_data: "{small.File("eval.jsonl")}"
            max-steps: 4
            learning_rate: 0.5
            batch-size: 5
            shuffle: false
            lr-scheduler-type: linear
            warmup-steps: null

            """);

        var (exitCode, json, error) = TrainingProcess.Run("train", "--config", file, "--output", small.File("out"), "--learning-rate", "2e-3", "--max-steps", "2", "--json");

        Assert.True(exitCode == 0, error);
        Assert.Equal(("completed", 2), ((string)JsonNode.Parse(json)!["end"]!, (int)JsonNode.Parse(json)!["steps"]!));
        var used = JsonNode.Parse(File.ReadAllText(small.File("out/run.json")))!["options"]!;
        Assert.Equal((2e-3, 2), ((double)used["learning_rate"]!, (int)used["max_steps"]!));
        Assert.Equal((5, false, "linear"), ((int)used["batch_size"]!, (bool)used["shuffle"]!, (string)used["lr_scheduler_type"]!));
        Assert.Equal(small.File("eval.jsonl"), (string)Assert.Single(used["eval_data"]!.AsArray())!);
        Assert.Equal(typeof(TrainOptions).GetProperties().Length, used.AsObject().Count);
    }
}
