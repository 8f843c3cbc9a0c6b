using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Cli;

/// <summary>The options of every verb that computes with a model: where, in which precision, and how text becomes tokens.</summary>
internal record EngineOptions
{
    [Description("Where to compute: cpu, cuda, or cuda:1 for the second device.")]
    public string Device { get; init; } = "cpu";

    [Description("Arithmetic: fp32, bf16, or auto for whichever this machine multiplies faster.")]
    public Precision Precision { get; init; } = Precision.Fp32;

    [Description("How the model's matrices are held: full, or int8 in a quarter of the memory, with nearly the same results.")]
    public WeightStorage Weights { get; init; }

    [Description("Longest sequence in tokens; longer ones are truncated. Without it, what the model folder says.")]
    [Range(1, int.MaxValue)]
    public int? MaxLength { get; init; }

    [Description("How prompt and response are put together. Without it, what the model folder says.")]
    public EncodingMode? Encoding { get; init; }

    [Description("The template that conversations are rendered by: plain, or the model folder's own chat template. Without it, what the model folder says.")]
    public TemplateChoice? Template { get; init; }
}

/// <summary>The options of every verb that asks a reward model.</summary>
internal record RewardOptions : EngineOptions
{
    [Description("The label, by name or number, whose logit is the reward, for a head with several. Without it, what the model folder says.")]
    public string? RewardLabel { get; init; }

    [Description("Labels whose weighted sum is the reward: NAME=WEIGHT,NAME=WEIGHT.")]
    public string? RewardWeights { get; init; }

    [Description("Compute every sequence by itself, also where several begin alike.")]
    public bool PrefixSharing { get; init; } = true;
}

/// <summary>libtorch made ready for a verb. Every verb that computes begins here.</summary>
internal static class Engine
{
    private static bool isStarted;

    /// <summary>Checks the device.</summary>
    /// <exception cref="UsageException">The device cannot be had.</exception>
    /// <exception cref="TorchException">libtorch cannot be loaded.</exception>
    public static void Start(string device)
    {
        var isCuda = device == "cuda" || (device.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _));
        if (!isCuda && device != "cpu")
        {
            throw new UsageException($"--device: found '{device}', expected cpu, cuda, or cuda:1 for the second device.");
        }

        if (isCuda)
        {
            var count = TorchRuntime.CudaDeviceCount;
            var index = device.Length > 5 ? int.Parse(device.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
            if (index >= count)
            {
                throw new UsageException($"--device {device}: this machine's libtorch finds {(count == 0 ? "no CUDA device" : $"{count} CUDA device(s), cuda:0 the first")}. 'prefer doctor' says more; --device cpu always works.");
            }
        }

        isStarted = true;
    }

    /// <summary>Ends the process at once, where the engine was started; otherwise returns, and the process ends as others do.</summary>
    public static void End(int exitCode)
    {
        if (isStarted)
        {
            TorchRuntime.EndProcess(exitCode);
        }
    }

    /// <summary>Starts the engine, loads a model folder for scoring and shows what a person should know about it.</summary>
    /// <exception cref="UsageException">An option cannot be had.</exception>
    /// <exception cref="ModelException">The folder cannot be used.</exception>
    public static RewardModel Load(string folder, RewardOptions options, Terminal terminal)
    {
        var model = RewardModel.Load(folder, Settings(options, terminal) with { RewardLabel = options.RewardLabel, RewardWeights = options.RewardWeights, SharePrefixes = options.PrefixSharing });
        Tell(folder, model.Notices, terminal);
        return model;
    }

    /// <summary>The same for a language model.</summary>
    /// <exception cref="UsageException">An option cannot be had.</exception>
    /// <exception cref="ModelException">The folder cannot be used.</exception>
    public static LanguageModel LoadLanguageModel(string folder, EngineOptions options, Terminal terminal)
    {
        var model = LanguageModel.Load(folder, Settings(options, terminal));
        Tell(folder, model.Notices, terminal);
        return model;
    }

    private static LoadOptions Settings(EngineOptions options, Terminal terminal)
    {
        Start(options.Device);
        var (precision, notice) = PrecisionChoice.Resolve(options.Precision, options.Device);
        if (notice is not null)
        {
            terminal.Note(notice);
        }

        return new LoadOptions { Device = options.Device, DType = precision == Precision.Bf16 ? DType.BFloat16 : DType.Float32, Weights = options.Weights, EncodingMode = options.Encoding, Template = options.Template, MaxLength = options.MaxLength };
    }

    private static void Tell(string folder, IEnumerable<string> notices, Terminal terminal)
    {
        foreach (var notice in notices)
        {
            terminal.Note($"{folder}: {notice}");
        }
    }
}
