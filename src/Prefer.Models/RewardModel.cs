using Prefer.Data;
using Prefer.Models.Families;
using Prefer.Models.Forest;
using Prefer.Text;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>
/// A reward model: a network with a scalar head, its tokenizer, and how text becomes tokens for it. Load one with
/// <see cref="Load"/>, ask it with <see cref="Score(IEnumerable{Candidate})"/>, dispose of it to free the weights.
/// One thread at a time.
/// </summary>
public sealed partial class RewardModel : IDisposable
{
    private readonly Family family;
    private readonly RewardHead head;
    private readonly List<string> notices;

    private RewardModel(
        string name, ModelConfig config, Family family, RewardHead head, Network network, ParameterSet parameters, TokenizerFiles tokenizer, EncodingOptions encoding, DType dtype, string device, IEnumerable<string> notices)
    {
        Folder = name;
        (Config, this.family, this.head, Network, Parameters, TokenizerFiles, DType, Device) = (config, family, head, network, parameters, tokenizer, dtype, device);
        ComputeType = dtype;
        PadTokenId = config.OptionalToken("pad_token_id");
        Encoder = new ConversationEncoder(tokenizer.Tokenizer, encoding, EndTokenId, ChatFormat.Of(name, encoding, tokenizer));
        this.notices = [.. notices, .. Encoder.Notices()];
    }

    /// <summary>The folder it was loaded from, as it was named; of a drawn model what it was drawn for.</summary>
    public string Folder { get; }

    /// <summary>Makes the encoder that turns prompts and responses into this model's ids.</summary>
    public ConversationEncoder Encoder { get; }

    /// <summary>The tokenizer, or null for a folder without one.</summary>
    public Tokenizer? Tokenizer => TokenizerFiles.Tokenizer;

    /// <summary>What a person should know about how the folder was read: skipped weights, a fresh head, which token is pooled.</summary>
    public IReadOnlyList<string> Notices => notices;

    /// <summary>Element type of the weights.</summary>
    public DType DType { get; }

    /// <summary>Element type that the body computes in; bf16 beside weights in fp32 is how bf16 trains.</summary>
    internal DType ComputeType { get; set; }

    /// <summary>Where the weights are.</summary>
    public string Device { get; }

    /// <summary>Positions the model has: the longest sequence it can read; <see cref="int.MaxValue"/> where nothing bounds it.</summary>
    public int MaxPositions => Network.MaxPositions;

    /// <summary>How the head's labels become a reward; null for a value head, which is one number.</summary>
    public RewardReading? Reading => head.Reading;

    /// <summary>Whether sequences that begin alike are computed together as far as they are alike; encoders, which read both ways, never do.</summary>
    internal bool SharesPrefixes { get; set; }

    internal bool IsCausal => family.IsCausal;

    internal ModelConfig Config { get; }

    internal Network Network { get; }

    internal ParameterSet Parameters { get; }

    internal TokenizerFiles TokenizerFiles { get; }

    // Read once: batches are made on another thread than the one that saves, and the config's JSON is not for two at a time.
    internal int? PadTokenId { get; }

    internal int? EndTokenId => Config.EndTokenId;

    /// <summary>Ids of a prompt and response, checked against the model's vocabulary, segments and positions.</summary>
    /// <exception cref="DataException">They do not fit.</exception>
    public EncodedSequence Encode(System.Collections.Immutable.ImmutableArray<Message> prompt, Response response, RowOrigin? origin = null) =>
        SequenceFit.Check(Encoder.Encode(prompt, response, origin), Network, origin);

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Parameters.Dispose();

    internal RewardBatch NewBatch() => new(SharesPrefixes, Network.FrequencyGroup);

    /// <summary>
    /// The token that Hugging Face pools: the first for encoders; for decoders the last one that is not the pad token
    /// (the first where all are), or the last of all where the config names no pad token. Value heads are read at the last token of all.
    /// </summary>
    internal int PooledPosition(ReadOnlySpan<int> ids) =>
        !family.IsCausal ? 0
        : !head.ReadsLastToken && PadTokenId is { } pad ? Math.Max(0, ids.LastIndexOfAnyExcept(pad))
        : ids.Length - 1;

    /// <summary>Rewards [S] of a batch, part of the gradient graph.</summary>
    /// <param name="batch">The sequences.</param>
    /// <param name="dropout">Probability at every place where the family has dropout.</param>
    /// <param name="recomputes">Whether the activations of layers are computed again in the backward pass instead of kept.</param>
    internal Tensor Forward(RewardBatch batch, double dropout = 0, bool recomputes = false)
    {
        var (forest, pooled) = batch.Build();
        return Forward(forest, pooled, dropout, recomputes);
    }

    /// <summary>Rewards [S] of a forest, part of the gradient graph.</summary>
    /// <param name="forest">As <see cref="NewBatch"/> builds it.</param>
    /// <param name="pooled">Where each sequence's pooled token lies in it, [S].</param>
    /// <param name="dropout">Probability at every place where the family has dropout.</param>
    /// <param name="recomputes">Whether the activations of layers are computed again in the backward pass instead of kept.</param>
    internal Tensor Forward(TokenForest forest, long[] pooled, double dropout = 0, bool recomputes = false)
    {
        var pass = new ForestPass(forest, ComputeType, Device, dropout, recomputes);
        var read = Network.Pool(Network.Hidden(pass), pass, pooled);
        // The head is fp32 whatever the body's precision.
        return Rewards(Network.Logits(ComputeType == DType.BFloat16 ? read.To(DType.Float32) : read, pass));
    }

    /// <summary>What the head gave, [S, L], as rewards [S].</summary>
    private Tensor Rewards(Tensor logits) =>
        head.Combines ? logits.Matmul(Tensor.From<double>(head.Reading!.Weights.AsSpan(), Device).To(logits.DType)) : logits.Reshape(-1);
}
