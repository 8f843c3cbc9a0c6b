using System.ComponentModel;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Training;

/// <summary>How the learning rate goes after the warm-up.</summary>
public enum LrSchedulerType
{
    /// <summary>Straight to zero at the last step.</summary>
    Linear,

    /// <summary>Half a cosine to zero at the last step.</summary>
    Cosine,

    /// <summary>Stays.</summary>
    Constant,
}

/// <summary>Which evaluation figure decides which checkpoint is best.</summary>
public enum BestModelMetric
{
    /// <summary>The lowest <c>eval_loss</c>.</summary>
    Loss,

    /// <summary>The highest <c>eval_accuracy</c>.</summary>
    Accuracy,
}

/// <summary>Everything that decides a training run; the flags of <c>prefer train</c>, and the record saved with the model.</summary>
public sealed record TrainOptions
{
    [Description("Model folder, or new:PRESET or new:FILE (a config.json) for fresh weights.")]
    public required string Model { get; init; }

    [Description("Comparisons to train on: files, globs, or - for standard input. FILE:WEIGHT gives it that share of every epoch.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Comparisons to evaluate on while training; the best checkpoint by them becomes the model.")]
    public IReadOnlyList<string> EvalData { get; init; } = [];

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("Folder that becomes the trained model's folder.")]
    public required string Output { get; init; }

    [Description("Folder whose tokenizer.json is used; without it a new model's tokenizer is trained on the data.")]
    public string? Tokenizer { get; init; }

    [Description("Tokens of a tokenizer that is trained on the data.")]
    public int VocabularySize { get; init; } = 8192;

    [Description("How prompt and response become one sequence; by default pair for encoders, template for decoders.")]
    public EncodingMode? Encoding { get; init; }

    [Description("The template that conversations are rendered by; by default the model folder's own chat template where it has one, else plain.")]
    public TemplateChoice? Template { get; init; }

    [Description("No end token after the response. Otherwise a new head of a decoder that has one reads it; an old head keeps its folder's way.")]
    public bool AppendEndToken { get; init; } = true;

    [Description("Longest sequence in tokens; by default the smaller of 1024 and the model's positions.")]
    public int? MaxLength { get; init; }

    [Description("The label, by name or number, whose logit is the reward, for a head with several. Without it, what the model folder says.")]
    public string? RewardLabel { get; init; }

    [Description("Labels whose weighted sum is the reward: NAME=WEIGHT,NAME=WEIGHT.")]
    public string? RewardWeights { get; init; }

    [Description("Peak learning rate; by default 1e-5 for pretrained bodies and 1e-4 for fresh ones.")]
    public double? LearningRate { get; init; }

    [Description("How the learning rate goes after the warm-up.")]
    public LrSchedulerType LrSchedulerType { get; init; } = LrSchedulerType.Cosine;

    [Description("Optimizer steps over which the learning rate rises from zero; wins over the ratio.")]
    public int? WarmupSteps { get; init; }

    [Description("Share of all steps over which the learning rate rises from zero.")]
    public double WarmupRatio { get; init; } = 0.03;

    [Description("Decoupled weight decay of AdamW; not on biases and norms.")]
    public double WeightDecay { get; init; }

    [Description("AdamW's decay rate of the mean gradient.")]
    public double AdamBeta1 { get; init; } = 0.9;

    [Description("AdamW's decay rate of the mean squared gradient.")]
    public double AdamBeta2 { get; init; } = 0.999;

    [Description("AdamW's addition to the denominator.")]
    public double AdamEpsilon { get; init; } = 1e-8;

    [Description("Gradients are scaled down to this total norm; 0 leaves them.")]
    public double MaxGradNorm { get; init; } = 1.0;

    [Description("Optimizer steps in all; wins over the epochs.")]
    public int? MaxSteps { get; init; }

    [Description("Passes over the data.")]
    public double Epochs { get; init; } = 1;

    [Description("Comparisons per optimizer step.")]
    public int BatchSize { get; init; } = 16;

    [Description("Packed tokens per forward pass; bounds memory, not the batch. By default chosen from free memory when the run begins.")]
    public int? TokenBudget { get; init; }

    [Description("Compute every sequence by itself, also where several begin alike.")]
    public bool PrefixSharing { get; init; } = true;

    [Description("Keep only the layers' inputs and compute the rest again in the backward pass: less memory, about a third more time.")]
    public bool GradientCheckpointing { get; init; }

    [Description("What is minimised: pairs by bradley-terry or hinge, whole rankings by plackett-luce, scores by regression.")]
    public LossType Loss { get; init; } = LossType.BradleyTerry;

    [Description("The lead that --loss hinge asks for, over the row's margin; by default 1.")]
    public double? HingeMargin { get; init; }

    [Description("Weight c of the centering term c·(r_chosen + r_rejected)².")]
    public double CenterRewardsCoefficient { get; init; }

    [Description("Share of label smoothing: P(chosen preferred) becomes y(1−ε) + (1−y)ε.")]
    public double LabelSmoothing { get; init; }

    [Description("Dropout probability wherever the family has dropout.")]
    public double Dropout { get; init; }

    [Description("Optimizer steps between evaluations; by default one at the end of each epoch.")]
    public int? EvalSteps { get; init; }

    [Description("Optimizer steps between checkpoints; by default none but the best one.")]
    public int? SaveSteps { get; init; }

    [Description("Latest checkpoints that are kept; the best one is kept whatever its age.")]
    public int SaveTotalLimit { get; init; } = 2;

    [Description("Optimizer steps between lines in metrics.jsonl.")]
    public int LoggingSteps { get; init; } = 10;

    [Description("Stop after this many evaluations in a row without a better one.")]
    public int? EarlyStoppingPatience { get; init; }

    [Description("Which figure decides which checkpoint is best.")]
    public BestModelMetric MetricForBestModel { get; init; } = BestModelMetric.Loss;

    [Description("Seed of fresh weights, of the order of the data, and of dropout.")]
    public int Seed { get; init; } = 42;

    [Description("Arithmetic: fp32, bf16 (weights and optimizer stay fp32), or auto for whichever this machine multiplies faster.")]
    public Precision Precision { get; init; } = Precision.Fp32;

    [Description("Where to compute: cpu, cuda, cuda:1.")]
    public string Device { get; init; } = "cpu";

    [Description("Take the data in the order of the files. Otherwise each epoch has a new seeded order.")]
    public bool Shuffle { get; init; } = true;

    [Description("Go on from the last checkpoint in the output folder, with the same options; from the beginning where there is none.")]
    public bool Resume { get; init; }

    [Description("Replace a model or an unfinished run in the output folder.")]
    public bool Overwrite { get; init; }

    [Description("Tokenize anew, and keep nothing of it for the next run.")]
    public bool Cache { get; init; } = true;

    [Description("A folder for TensorBoard event files with the figures of metrics.jsonl.")]
    public string? Tensorboard { get; init; }

    [Description("Write neither report.html while training nor a model card at the end.")]
    public bool Report { get; init; } = true;

    [Description("Predict memory and time from a few small passes, and stop: nothing is trained or written.")]
    public bool DryRun { get; init; }

    [Description("What to do with rows that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;

    internal double HingeWidth => HingeMargin ?? 1;

    /// <summary>Refuses values that no run can have.</summary>
    /// <exception cref="TrainingException">Names the option, what was found and what is allowed.</exception>
    /// <exception cref="DataException"><see cref="Columns"/> cannot be understood.</exception>
    internal void Validate()
    {
        ColumnMap.Parse(Columns);
        Check(Data.Count > 0, "data", "empty", "at least one file");
        Check(Output.Length > 0, "output", "empty", "a folder");
        Check(LearningRate is null or (> 0 and < double.PositiveInfinity), "learning-rate", LearningRate, "a number above 0");
        Check(WarmupSteps is null or >= 0, "warmup-steps", WarmupSteps, "0 or more");
        Check(WarmupRatio is >= 0 and <= 1, "warmup-ratio", WarmupRatio, "0 to 1");
        Check(WeightDecay is >= 0 and < double.PositiveInfinity, "weight-decay", WeightDecay, "0 or more");
        Check(AdamBeta1 is >= 0 and < 1, "adam-beta1", AdamBeta1, "0 or more and below 1");
        Check(AdamBeta2 is >= 0 and < 1, "adam-beta2", AdamBeta2, "0 or more and below 1");
        Check(AdamEpsilon is > 0 and < 1, "adam-epsilon", AdamEpsilon, "above 0 and below 1");
        Check(MaxGradNorm is >= 0 and < double.PositiveInfinity, "max-grad-norm", MaxGradNorm, "0 or more");
        Check(MaxSteps is null or > 0, "max-steps", MaxSteps, "1 or more");
        Check(Epochs is > 0 and < 1e6, "epochs", Epochs, "above 0");
        Check(BatchSize > 0, "batch-size", BatchSize, "1 or more");
        Check(TokenBudget is null or > 0, "token-budget", TokenBudget, "1 or more");
        Check(MaxLength is null or > 0, "max-length", MaxLength, "1 or more");
        Check(CenterRewardsCoefficient is >= 0 and < double.PositiveInfinity, "center-rewards-coefficient", CenterRewardsCoefficient, "0 or more");
        Check(LabelSmoothing is >= 0 and <= 0.5, "label-smoothing", LabelSmoothing, "0 to 0.5");
        Check(HingeMargin is null or (>= 0 and < double.PositiveInfinity), "hinge-margin", HingeMargin, "0 or more");
        Check(HingeMargin is null || Loss == LossType.Hinge, "hinge-margin", HingeMargin, "--loss hinge beside it");
        Check(LabelSmoothing == 0 || Loss is LossType.BradleyTerry or LossType.Hinge, "label-smoothing", LabelSmoothing, "0, or --loss bradley-terry or hinge: the others have no labels to smooth");
        Check(CenterRewardsCoefficient == 0 || Loss != LossType.Regression, "center-rewards-coefficient", CenterRewardsCoefficient, "0 with --loss regression: the scores say where rewards lie");
        Check(MetricForBestModel == BestModelMetric.Loss || Loss != LossType.Regression, "metric-for-best-model", "accuracy", "loss with --loss regression: scores have no pairs");
        Check(Dropout is >= 0 and < 1, "dropout", Dropout, "0 or more and below 1");
        Check(EvalSteps is null or > 0, "eval-steps", EvalSteps, "1 or more");
        Check(SaveSteps is null or > 0, "save-steps", SaveSteps, "1 or more");
        Check(SaveTotalLimit > 0, "save-total-limit", SaveTotalLimit, "1 or more");
        Check(LoggingSteps > 0, "logging-steps", LoggingSteps, "1 or more");
        Check(EarlyStoppingPatience is null or > 0, "early-stopping-patience", EarlyStoppingPatience, "1 or more");
        Check(EvalSteps is null || EvalData.Count > 0, "eval-steps", EvalSteps, "--eval-data beside it, to evaluate on");
        Check(EarlyStoppingPatience is null || EvalData.Count > 0, "early-stopping-patience", EarlyStoppingPatience, "--eval-data beside it, since evaluations decide");
        Check(VocabularySize >= 300, "vocabulary-size", VocabularySize, "300 or more: 256 bytes, the special tokens, and some merges");
        Check(!DryRun || Device == "cpu", "dry-run", true, "--device cpu: the memory of other devices is not counted yet");
        Check(!(Resume && DryRun), "dry-run", true, "no --resume: what is predicted is a run from its beginning");
        Check(!(Resume && Overwrite), "overwrite", true, "either --resume or --overwrite, not both");
    }

    private static void Check(bool holds, string option, object? found, string expected)
    {
        if (!holds)
        {
            throw new TrainingException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"--{option} is {found}; expected {expected}"), isUsage: true);
        }
    }
}
