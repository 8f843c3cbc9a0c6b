using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models.Families;
using Prefer.Models.Files;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>How a model folder is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>Element type of the weights, and of the computation.</summary>
    public DType DType { get; init; } = DType.Float32;

    /// <summary>Where the weights go: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// Whether the weights are to be trained: they get memory of their own and record gradients. Otherwise fp32 weights on the CPU are the mapped file,
    /// which must not be shortened or overwritten in place meanwhile; replacing it (as saving does) is safe.
    /// </summary>
    public bool Trainable { get; init; }

    /// <summary>How matrices are held. A model that is not held in full can be neither trained nor saved.</summary>
    public WeightStorage Weights { get; init; }

    /// <summary>Whether a body without a reward head gets a fresh one; otherwise it is refused, since its rewards mean nothing.</summary>
    public bool AllowFreshHead { get; init; }

    /// <summary>Replaces how prompt and response are put together; null takes the folder's own way.</summary>
    public EncodingMode? EncodingMode { get; init; }

    /// <summary>Replaces the template that conversations are rendered by; null takes the folder's own way: what prefer.json says, else the chat template where there is one.</summary>
    public TemplateChoice? Template { get; init; }

    /// <summary>What a chat template that asks for the time is told; null takes what prefer.json says, else the current time.</summary>
    public DateTime? TemplateTime { get; init; }

    /// <summary>Replaces whether the end token is appended; null takes the folder's own way, and appends it for a fresh head of a decoder that has one.</summary>
    public bool? AppendEndToken { get; init; }

    /// <summary>Replaces the longest sequence in tokens; null takes the folder's own, or the smaller of 1024 and the model's positions.</summary>
    public int? MaxLength { get; init; }

    /// <summary>A folder whose tokenizer takes the place of the model's.</summary>
    public string? TokenizerFolder { get; init; }

    /// <summary>Whether a prefix that several sequences of a causal model share is computed once: the same rewards to rounding, sooner.</summary>
    public bool SharePrefixes { get; init; } = true;

    /// <summary>The label of the head, by name or number, whose logit is the reward; null takes the folder's own way.</summary>
    public string? RewardLabel { get; init; }

    /// <summary>Labels whose weighted sum is the reward, as <c>NAME=WEIGHT,NAME=WEIGHT</c>; null takes the folder's own way.</summary>
    public string? RewardWeights { get; init; }
}

public sealed partial class RewardModel
{
    private const int DefaultMaxLength = 1024;
    private const long ShardBytes = 5_000_000_000;

    /// <summary>How far a probe's reward may be off, as a share of the probe's spread.</summary>
    private const double ProbeTolerance = 1e-3;

    /// <summary>The same in bf16, whose numbers have eight bits.</summary>
    private const double Bf16ProbeTolerance = 0.1;

    /// <summary>The same for int8 weights: more than twice what docs/log.md measured, and far less than another head or tokenizer does.</summary>
    private const double Int8ProbeTolerance = 0.2;

    /// <summary>And as a share of its largest reward, for probes that lie close together: what another machine's kernels round differently.</summary>
    private const double RoundingTolerance = 1e-5;

    /// <summary>Loads a folder in Hugging Face's layout and, where Prefer wrote it, scores its probe.</summary>
    /// <exception cref="ModelException">The folder cannot be used, or its probe does not come back.</exception>
    /// <exception cref="Text.TokenizerException">Its tokenizer cannot be used.</exception>
    public static RewardModel Load(string folder, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        var (config, family) = ModelFolder.Open(folder);
        var record = ModelRecord.Load(folder);
        var files = ModelFolder.Tokenizer(folder, options);
        using var checkpoint = Checkpoint.Open(folder);
        var parameters = ModelFolder.Parameters(folder, checkpoint, family, options);
        var head = RewardHead.Find(parameters, checkpoint, family, config);
        if (head.IsFresh && options.AllowFreshHead && family.IsCausal && (config.OptionalToken("pad_token_id") is not { } pad || pad == config.EndTokenId))
        {
            (files, var addsRow) = PadToken.Choose(config, files);
            parameters.GrownName = addsRow ? family.TokenEmbedding : null;
        }
        parameters.Renamed = head.StoredAs is { } stored ? (family.HeadWeight, stored) : null;
        try
        {
            var network = family.Create(config, parameters, head.Kind);
            if (head.Kind is Head.Value)
            {
                // So that a saved folder is still the language model that the value head stands on.
                parameters.Carry("lm_head.weight");
                parameters.Carry("embed_out.weight");
            }
            parameters.Complete(family.IsKnownExtra);
            CheckHead(folder, parameters, options);
            ModelFolder.CheckVocabulary(folder, files, network);
            (head, var choice) = Read(folder, head, record, options);
            var model = new RewardModel(
                folder, config, family, head, network, parameters, files, Encoding(folder, record, family, config, files, network, options, isNewHead: parameters.FreshNames.Count > 0), options.DType, options.Device,
                NoticesOf(config, family, head, choice, parameters))
            {
                SharesPrefixes = family.IsCausal && options.SharePrefixes,
                record = record,
                hasOtherTokenizer = options.TokenizerFolder is not null,
            };
            model.Calibration = record is not null && parameters.FreshNames.Count == 0 && model.IsAsRecorded(record, isLengthFree: true) ? record.Calibration : null;
            if (record is not null && parameters.FreshNames.Count == 0 && (head.Recorded?.SameAs(record.Reading) ?? record.Reading is null) && options is { EncodingMode: null, AppendEndToken: null, MaxLength: null, TokenizerFolder: null, Template: null, TemplateTime: null })
            {
                model.CheckProbe(folder, record);
            }
            return model;
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder's model gives rewards: it has a reward head, or is an encoder, which gives nothing else.</summary>
    /// <exception cref="ModelException">The folder cannot be used.</exception>
    public static bool IsIn(string folder)
    {
        var (config, family) = ModelFolder.Open(folder);
        using var checkpoint = Checkpoint.Open(folder);
        using var parameters = new ParameterSet(checkpoint, DType.Float32, "cpu") { BodyPrefix = family.BodyPrefix };
        return !family.IsCausal || !RewardHead.Find(parameters, checkpoint, family, config).IsFresh;
    }

    /// <summary>
    /// Writes the model in Hugging Face's layout, fp32, with <c>prefer.json</c>. Everything is staged inside the folder and moved
    /// into place at the end, the weights last, so that a folder that was cut off while saving does not load as another model.
    /// </summary>
    /// <param name="folder">Made if needed; files of an older model in it are replaced.</param>
    /// <param name="training">Options of the run, for the record.</param>
    /// <param name="data">What it was trained on, for the record.</param>
    /// <param name="fingerprints">By what the rows of that are recognised, for the record.</param>
    /// <param name="seenTokens">Token ids that it had, for the record.</param>
    /// <exception cref="ModelException">The weights are not held in full, or reward the probe with what is no number.</exception>
    public void Save(string folder, JsonNode? training = null, JsonNode? data = null, DataFingerprints? fingerprints = null, TokenSet? seenTokens = null) =>
        Save(folder, training, data, ShardBytes, fingerprints, seenTokens);

    internal void Save(string folder, JsonNode? training, JsonNode? data, long shardBytes, DataFingerprints? fingerprints = null, TokenSet? seenTokens = null)
    {
        if (Parameters.Weights != WeightStorage.Full)
        {
            throw new ModelException($"{folder}: the model was not saved: its weights were loaded as int8, which is not what was trained. Load it in full to save it.");
        }
        var isValue = head.Kind is Head.Value;
        Directory.CreateDirectory(folder);
        var staging = Path.Combine(folder, $".saving-{Environment.ProcessId}");
        Directory.CreateDirectory(staging);
        try
        {
            AtomicFile.WriteText(Path.Combine(staging, "config.json"), SavedConfig.Of(Config, family, isValue ? null : head.Labels).ToJsonString(ModelRecord.JsonOptions) + "\n");
            TokenizerFiles.Save(staging);
            WeightFiles.Write(staging, Parameters, shardBytes);
            var record = new ModelRecord
            {
                Encoding = Encoder.Options,
                Reading = head.Recorded,
                Training = training?.DeepClone(),
                Data = data?.DeepClone(),
                Fingerprints = fingerprints is null ? null : FingerprintRecord.Save(fingerprints, staging),
                SeenTokens = seenTokens?.ToBytes(),
            };
            // Without its probe, which is what is computed here.
            record.Save(staging);
            using (var written = Load(staging, new LoadOptions
            {
                EncodingMode = record.Encoding.Mode, AppendEndToken = record.Encoding.AppendEndToken, MaxLength = record.Encoding.MaxLength,
                Template = record.Encoding.TemplateChoice, TemplateTime = record.Encoding.TemplateTime,
            }))
            {
                var probe = ModelRecord.NewProbe(written.Tokenizer is not null, written.Network.VocabularySize, record.Encoding.MaxLength);
                var rewards = written.Score(probe.Select(item => item.Encode(written.Encoder)));
                record = record with { Probe = [.. probe.Zip(rewards, (item, reward) => item with { Reward = reward })] };
            }
            if (record.Probe.FirstOrDefault(item => !double.IsFinite(item.Reward)) is { } broken)
            {
                throw new ModelException($"{folder}: the model was not saved, because it rewards a probe with {broken.Reward}: its weights are no use. Train it again with a lower learning rate.");
            }
            record.Save(staging);
            WeightFiles.Remove(folder);
            File.Delete(Path.Combine(folder, FingerprintRecord.FileName));
            foreach (var file in Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories).OrderBy(file => file.EndsWith(".safetensors", StringComparison.Ordinal)))
            {
                var target = Path.Combine(folder, Path.GetRelativePath(staging, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Move(file, target, overwrite: true);
            }
        }
        finally
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>A model with weights drawn from a seed.</summary>
    /// <param name="config">Its config, vocabulary included.</param>
    /// <param name="name">How messages call it.</param>
    /// <param name="files">Its tokenizer.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <param name="options">Type, device and encoding.</param>
    internal static RewardModel Draw(ModelConfig config, string name, TokenizerFiles files, ulong seed, LoadOptions options)
    {
        var family = Family.Of(config, name);
        TorchRuntime.ManualSeed(seed);
        var parameters = new ParameterSet(null, options.DType, options.Device);
        var network = family.Create(config, parameters, RewardHead.Fresh.Kind);
        ModelFolder.CheckVocabulary(name, files, network);
        var (head, _) = Read(name, RewardHead.Fresh, null, options);
        return new RewardModel(name, config, family, head, network, parameters, files, Encoding(name, null, family, config, files, network, options, isNewHead: true), options.DType, options.Device, [])
        {
            SharesPrefixes = family.IsCausal && options.SharePrefixes,
        };
    }

    private static void CheckHead(string folder, ParameterSet parameters, LoadOptions options)
    {
        if (parameters.FreshNames.Count > 0 && File.Exists(Path.Combine(folder, "value_head.bin")))
        {
            throw new ModelException($"{folder}: the value head is in value_head.bin, which is read by running what it contains. Convert it to {WeightFiles.ValueHead} first.");
        }
        if (parameters.FreshNames.Count > 0 && !options.AllowFreshHead)
        {
            throw new ModelException($"{folder}: has no reward head (missing: {string.Join(", ", parameters.FreshNames)}), so its rewards would mean nothing. Train one with prefer train --model {folder}.");
        }
    }

    /// <summary>The head with its reading, and a sentence about a choice that nobody made.</summary>
    private static (RewardHead Head, string? Notice) Read(string folder, RewardHead head, ModelRecord? record, LoadOptions options)
    {
        if (head.Kind is not Head.Value)
        {
            var (reading, notice) = RewardReading.Choose(folder, head.Labels, head.StoredAs is not null, head.IsFresh ? null : record?.Reading, options);
            return (head with { Reading = reading }, notice);
        }
        return options is { RewardLabel: null, RewardWeights: null }
            ? (head, null)
            : throw new ModelException($"{folder}: --reward-label and --reward-weights choose among labels, and a value head (v_head) has none: it gives one number.");
    }

    private static EncodingOptions Encoding(
        string folder, ModelRecord? record, Family family, ModelConfig config, TokenizerFiles files, Network network, LoadOptions options, bool isNewHead)
    {
        var usualMode = options.EncodingMode ?? (family.IsCausal ? Models.EncodingMode.Template : Models.EncodingMode.Pair);
        var template = ChatFormat.Choose(folder, record?.Encoding, options.EncodingMode ?? record?.Encoding.Mode ?? usualMode, files, options);
        var own = record?.Encoding ?? new EncodingOptions
        {
            Mode = usualMode,
            // A new head learns to be read at the end; how a foreign one was trained to be read is unknown. A chat template ends a conversation its own way.
            AppendEndToken = isNewHead && family.IsCausal && config.EndTokenId is not null && usualMode != Models.EncodingMode.Pair && template.TemplateSha256 is null,
            MaxLength = Math.Min(DefaultMaxLength, network.MaxPositions),
        };
        var asked = own with
        {
            Mode = options.EncodingMode ?? own.Mode,
            Template = template.Template,
            TemplateSha256 = template.TemplateSha256,
            TemplateTime = template.TemplateTime,
            AppendEndToken = options.AppendEndToken ?? own.AppendEndToken,
            MaxLength = options.MaxLength ?? own.MaxLength,
        };
        if (asked.MaxLength > network.MaxPositions)
        {
            throw new ModelException($"{folder}: a maximum length of {asked.MaxLength} tokens was asked for, but the model has {network.MaxPositions} positions. Ask for {network.MaxPositions} or fewer.");
        }
        if (asked.AppendEndToken && asked.Mode == Models.EncodingMode.Pair)
        {
            throw new ModelException($"{folder}: an end token cannot be appended to pairs, which the tokenizer closes itself. Use --encoding template or concat, or append none.");
        }
        if (asked.AppendEndToken && config.EndTokenId is null)
        {
            throw new ModelException($"{folder}: an end token is to be appended, but config.json names none (eos_token_id). Name it there, or append none.");
        }
        if (asked.Mode == Models.EncodingMode.Pair && files.Tokenizer?.SpecialTokenCount(pair: true) == 0)
        {
            throw new ModelException($"{folder}: the tokenizer puts no special token between the texts of a pair, so prompt and response could not be told apart. Use --encoding template or concat.");
        }
        return asked;
    }

    private static IEnumerable<string> NoticesOf(ModelConfig config, Family family, RewardHead head, string? choice, ParameterSet parameters)
    {
        if (parameters.FreshNames.Count > 0)
        {
            yield return $"The reward head is fresh, drawn at random: {string.Join(", ", parameters.FreshNames)}.";
        }
        foreach (var notice in new[] { head.Notice(), choice }.OfType<string>())
        {
            yield return notice;
        }
        if (parameters.SkippedNames.Count > 0)
        {
            yield return $"Weights in the file that a reward model does not use: {string.Join(", ", parameters.SkippedNames)}.";
        }
        if (family.IsCausal && !head.ReadsLastToken && config.OptionalToken("pad_token_id") is var pad && (pad is null || pad == config.EndTokenId))
        {
            yield return pad is null
                ? "The config names no pad token: the reward is read at the last token."
                : $"Pad and end are the same token, {pad}: the reward is read at the last token that is not {pad}, as Hugging Face reads it, so never at an end token.";
        }
    }

    private void CheckProbe(string folder, ModelRecord record)
    {
        if (record.Probe.IsEmpty)
        {
            return;
        }
        var found = Score(record.Probe.Select(item => item.Encode(Encoder))).ToArray();
        var spread = record.Probe.Max(item => item.Reward) - record.Probe.Min(item => item.Reward);
        var isInt8 = Parameters.Weights == WeightStorage.Int8;
        var largest = record.Probe.Max(item => Math.Abs(item.Reward));
        var tolerance = Math.Max((isInt8 ? Int8ProbeTolerance : ProbeTolerance) * spread, RoundingTolerance * largest);
        if (DType == DType.BFloat16)
        {
            tolerance = Math.Max(tolerance, Bf16ProbeTolerance * Math.Max(spread, largest));
        }
        var suspects = isInt8 ? $" with int8 weights, which may move it by {tolerance:g2}. Load the model in full; if it is refused then too, weights" : ". Weights";
        for (var index = 0; index < found.Length; index++)
        {
            // Written so that NaN fails.
            if (!(Math.Abs(found[index] - record.Probe[index].Reward) <= tolerance))
            {
                throw new ModelException(
                    $"{folder}: probe {index + 1} of {ModelRecord.FileName} was rewarded {record.Probe[index].Reward:g6} when the model was saved and {found[index]:g6} now{suspects}, head, tokenizer or encoding are not those that were saved: restore the folder, or delete {ModelRecord.FileName} to load it as a foreign one.");
            }
        }
    }
}
