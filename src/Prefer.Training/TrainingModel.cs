using Prefer.Data;
using Prefer.Models;
using Prefer.Text;

namespace Prefer.Training;

/// <summary>The model a run begins with: a folder's, with a fresh head where it has none, or one with fresh weights.</summary>
internal static class TrainingModel
{
    /// <summary>Learning rates where none is asked for.</summary>
    private const double PretrainedRate = 1e-5, FreshRate = 1e-4;

    internal static double DefaultLearningRate(string model) => FreshModel.IsNew(model) ? FreshRate : PretrainedRate;

    /// <param name="options">The run's options.</param>
    /// <param name="rows">Texts for a tokenizer, where one is to be trained.</param>
    internal static RewardModel Open(TrainOptions options, IEnumerable<Judgement> rows)
    {
        var load = new LoadOptions
        {
            Device = options.Device,
            Trainable = true,
            AllowFreshHead = true,
            EncodingMode = options.Encoding,
            Template = options.Template,
            AppendEndToken = options.AppendEndToken ? null : false,
            MaxLength = options.MaxLength,
            TokenizerFolder = options.Tokenizer,
            RewardLabel = options.RewardLabel,
            RewardWeights = options.RewardWeights,
            SharePrefixes = options.PrefixSharing,
        };
        if (!FreshModel.IsNew(options.Model))
        {
            Torch.TorchRuntime.ManualSeed((ulong)options.Seed);
            return RewardModel.Load(options.Model, load);
        }
        var files = options.Tokenizer is { } folder ? TokenizerFiles.Load(folder) : TrainTokenizer(options, rows);
        if (options.Tokenizer is not null && files.Tokenizer is null)
        {
            throw new ModelException($"--tokenizer {options.Tokenizer}: has no {TokenizerFiles.FileName} and no vocabulary that one can be made of");
        }
        return FreshModel.Create(options.Model, files, (ulong)options.Seed, load);
    }

    private static TokenizerFiles TrainTokenizer(TrainOptions options, IEnumerable<Judgement> rows)
    {
        var texts = rows.SelectMany(row => row.Prompt.Concat(row.AllResponses.SelectMany(response => response.Turns))).Select(turn => turn.Content);
        if (rows.Any(row => row.AllResponses.First().IsTokenized))
        {
            return TokenizerFiles.None;
        }
        var isCausal = FreshModel.IsCausal(options.Model);
        var tokenizer = BytePairTraining.Train(texts, isCausal ? BpeTrainingOptions.ForDecoder(options.VocabularySize) : BpeTrainingOptions.ForEncoder(options.VocabularySize));
        return TokenizerFiles.Fresh(tokenizer, isCausal
            ? new Dictionary<string, string> { ["pad_token"] = "<|pad|>", ["eos_token"] = "<|endoftext|>" }
            : new Dictionary<string, string> { ["pad_token"] = "[PAD]", ["cls_token"] = BpeTrainingOptions.Classifier, ["sep_token"] = BpeTrainingOptions.Separator });
    }
}
