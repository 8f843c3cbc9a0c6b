using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// A body with a head: one class a family, whose file shows the family's arithmetic and its names.
/// T packed tokens, N rows of hidden states, L outputs of the head, h hidden size.
/// </summary>
internal abstract class Network
{
    /// <summary>Positions the model has.</summary>
    internal abstract int MaxPositions { get; }

    /// <summary>Rows of the token embedding.</summary>
    internal abstract int VocabularySize { get; }

    /// <summary>Number of segments; 1 where the family has none.</summary>
    internal virtual int TokenTypeCount => 1;

    /// <summary>
    /// A key of the rotary frequencies that a sequence of this length has; sequences with different keys cannot share a prefix, because
    /// their positions turn at different speeds.
    /// </summary>
    internal virtual int FrequencyGroup(int length) => 0;

    /// <summary>Last hidden states, [T, h].</summary>
    internal abstract Tensor Hidden(ForestPass pass);

    /// <summary>What the head reads of each sequence, [S, h]: the hidden state of one token, unless the config asks for another pooling.</summary>
    /// <param name="hidden">[T, h]</param>
    /// <param name="pass">The forest.</param>
    /// <param name="pooled">Where each sequence's pooled token lies in the packed arrays, [S].</param>
    internal virtual Tensor Pool(Tensor hidden, ForestPass pass, long[] pooled) => hidden.IndexSelect(0, Tensor.From<long>(pooled, pass.Device));

    /// <summary>What the head says of hidden states [N, h]: its labels, a value, or the logits of the next token, [N, L].</summary>
    internal abstract Tensor Logits(Tensor hidden, ForestPass pass);
}

/// <summary>What the rest of Prefer knows about a family before it makes a network.</summary>
/// <param name="ModelType">Hugging Face's <c>model_type</c>.</param>
/// <param name="Architecture">The class that Hugging Face loads a reward model of it with.</param>
/// <param name="IsCausal">Whether a token is blind to later ones: then prefixes are shared and the reward is read at the last token.</param>
/// <param name="BodyPrefix">Prefix of the body's weight names.</param>
/// <param name="TokenEmbedding">Name of the token embedding, whose rows grow when a token is added.</param>
/// <param name="HeadWeight">Name of the reward head's last weight.</param>
/// <param name="IsKnownExtra">Weights that may be left unread: buffers and pretraining heads.</param>
/// <param name="Create">Declares the parameters of the body and of a head and gives the network.</param>
internal sealed record Family(
    string ModelType, string Architecture, bool IsCausal, string BodyPrefix, string TokenEmbedding, string HeadWeight,
    Func<string, bool> IsKnownExtra, Func<ModelConfig, ParameterSet, Head, Network> Create)
{
    /// <summary>Every family. A new one is a file beside this and a line here.</summary>
    private static readonly Family[] All =
    [
        Bert.Family,
        DistilBert.Family,
        Roberta.Family,
        Roberta.Multilingual,
        Roberta.Camembert,
        Electra.Family,
        DebertaV2.Family,
        ModernBert.Family,
        Gemma2.Family,
        Gemma3.Family,
        Gpt2.Family,
        GptNeoX.Family,
        Llama.Family,
        Mistral.Family,
        Olmo2.Family,
        Opt.Family,
        Phi3.Family,
        Qwen2.Family,
        Qwen3.Family,
    ];

    /// <summary>The <c>model_type</c> of every family that can be a language model.</summary>
    internal static IEnumerable<string> CausalTypes => All.Where(family => family.IsCausal).Select(family => family.ModelType);

    /// <summary>Values that Hugging Face's config class has where config.json is silent, as far as results depend on them and the network's own reading has no other.</summary>
    internal JsonObject Assumed { get; init; } = [];

    /// <summary>Puts the parts of a config that the two generations spell differently into the older spelling.</summary>
    internal Action<ModelConfig, JsonObject> ToOlder { get; init; } = (_, json) => OlderSpelling.Rope(json);

    internal static JsonObject AssumedOf(JsonNode? modelType) => Array.Find(All, family => family.ModelType == modelType?.ToString())?.Assumed ?? [];

    /// <exception cref="ModelException">The config is of an architecture that is not supported.</exception>
    internal static Family Of(ModelConfig config, string source)
    {
        var type = config.ModelType;
        return Array.Find(All, family => family.ModelType == type)
            ?? throw new ModelException($"{source}: model_type is {type}, which is not supported. Supported: {string.Join(", ", All.Select(family => family.ModelType))}.");
    }

    /// <summary>Labels of the only head that an encoder has.</summary>
    internal static int LabelsOf(Head head) =>
        head is Head.Labels(var count) ? count : throw new ModelException("An encoder reads a text as a whole: it has no language-model or value head.");
}
