using Prefer.Models.Families;
using Prefer.Models.Files;

namespace Prefer.Models;

/// <summary>What every kind of model reads of a folder first.</summary>
internal static class ModelFolder
{
    /// <exception cref="ModelException">No such folder, an adapter's, or a config that is not supported.</exception>
    internal static (ModelConfig Config, Family Family) Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelException($"{folder}: no such folder. A model folder holds config.json, model.safetensors and tokenizer files.");
        }
        WeightNames.RefuseAdapter(folder);
        var path = Path.Combine(folder, "config.json");
        var config = ModelConfig.Load(path);
        return (config, Family.Of(config, path));
    }

    /// <summary>The parameters as the options ask for them, none declared yet.</summary>
    /// <exception cref="ModelException">int8 weights are to be trained.</exception>
    internal static ParameterSet Parameters(string folder, Checkpoint checkpoint, Family family, LoadOptions options) =>
        options is { Trainable: true, Weights: not WeightStorage.Full }
            ? throw new ModelException($"{folder}: int8 weights are for scoring and cannot be trained. Load the model in full.")
            : new ParameterSet(checkpoint, options.DType, options.Device) { BodyPrefix = family.BodyPrefix, IsTrainable = options.Trainable, Weights = options.Weights, TokenEmbedding = family.TokenEmbedding };

    /// <exception cref="ModelException">The options name a tokenizer's folder that has none.</exception>
    internal static TokenizerFiles Tokenizer(string folder, LoadOptions options)
    {
        var files = TokenizerFiles.Load(options.TokenizerFolder ?? folder);
        return options.TokenizerFolder is null || files.Tokenizer is not null ? files : throw new ModelException($"{options.TokenizerFolder}: has no {TokenizerFiles.FileName} and no vocabulary that one can be made of");
    }

    /// <exception cref="ModelException">The tokenizer has ids that the model has not.</exception>
    internal static void CheckVocabulary(string folder, TokenizerFiles files, Network network)
    {
        if (files.Tokenizer is { } tokenizer && tokenizer.LargestId >= network.VocabularySize)
        {
            throw new ModelException($"{folder}: the tokenizer has ids up to {tokenizer.LargestId}, the model's vocabulary ids up to {network.VocabularySize - 1}. The tokenizer belongs to another model.");
        }
    }
}
