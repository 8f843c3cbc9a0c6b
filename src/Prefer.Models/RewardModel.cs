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
    /// <summary>Packed tokens of one scoring pass.</summary>
    private const int ScoringTokenBudget = 4096;

    private readonly Family family;
    private readonly RewardHead head;
    private readonly List<string> notices;

    private RewardModel(
        string name, ModelConfig config, Family family, RewardHead head, Network network, ParameterSet parameters, TokenizerFiles tokenizer, EncodingOptions encoding, DType dtype, string device, IEnumerable<string> notices)
    {
        (Config, this.family, this.head, Network, Parameters, TokenizerFiles, DType, Device) = (config, family, head, network, parameters, tokenizer, dtype, device);
        Encoder = new ConversationEncoder(tokenizer.Tokenizer, encoding, EndTokenId, ChatFormat.Of(name, encoding, tokenizer));
        this.notices = [.. notices, .. Encoder.Notices()];
    }

    /// <summary>Makes the encoder that turns prompts and responses into this model's ids.</summary>
    public ConversationEncoder Encoder { get; }

    /// <summary>The tokenizer, or null for a folder without one.</summary>
    public Tokenizer? Tokenizer => TokenizerFiles.Tokenizer;

    /// <summary>What a person should know about how the folder was read: skipped weights, a fresh head, which token is pooled.</summary>
    public IReadOnlyList<string> Notices => notices;

    /// <summary>Element type of the computation.</summary>
    public DType DType { get; }

    /// <summary>Where the weights are.</summary>
    public string Device { get; }

    /// <summary>Positions the model has: the longest sequence it can read; <see cref="int.MaxValue"/> where nothing bounds it.</summary>
    public int MaxPositions => Network.MaxPositions;

    /// <summary>How the head's labels become a reward; null for a value head, which is one number.</summary>
    public RewardReading? Reading => head.Reading;

    internal bool IsCausal => family.IsCausal;

    internal ModelConfig Config { get; }

    internal Network Network { get; }

    internal ParameterSet Parameters { get; }

    internal TokenizerFiles TokenizerFiles { get; }

    internal int? PadTokenId => Config.OptionalToken("pad_token_id");

    internal int? EndTokenId => Config.EndTokenId;

    /// <summary>Rewards of rows, in their order. Rows are read as they are needed, a pass at a time.</summary>
    /// <exception cref="DataException">A row cannot be encoded, or its ids do not fit the model.</exception>
    public IEnumerable<double> Score(IEnumerable<Candidate> candidates) =>
        Score(candidates.Select(candidate => Encode(candidate.Prompt, candidate.Response, candidate.Origin)));

    /// <summary>The reward of one text answer to a one-turn prompt.</summary>
    public double Score(string prompt, string response) =>
        Score([Encoder.Encode([new Message("user", prompt)], Response.FromText(response))]).Single();

    /// <summary>Rewards of encoded sequences, in their order.</summary>
    public IEnumerable<double> Score(IEnumerable<EncodedSequence> sequences)
    {
        var batch = NewBatch();
        foreach (var sequence in sequences)
        {
            if (batch.SequenceCount > 0 && batch.TokenCount + batch.CountNew(sequence) > ScoringTokenBudget)
            {
                foreach (var reward in Rewards(batch))
                {
                    yield return reward;
                }
                batch = NewBatch();
            }
            batch.Add(sequence, PooledPosition(sequence.Ids.AsSpan()));
        }
        foreach (var reward in batch.SequenceCount > 0 ? Rewards(batch) : [])
        {
            yield return reward;
        }
    }

    /// <summary>Ids of a prompt and response, checked against the model's vocabulary, segments and positions.</summary>
    /// <exception cref="DataException">They do not fit.</exception>
    public EncodedSequence Encode(System.Collections.Immutable.ImmutableArray<Message> prompt, Response response, RowOrigin? origin = null) =>
        SequenceFit.Check(Encoder.Encode(prompt, response, origin), Network, origin);

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Parameters.Dispose();

    /// <summary>Whether a causal model computes a common prefix once. Off, the same rewards cost more: the yardstick of sharing.</summary>
    internal bool SharesPrefixes { get; set; } = true;

    internal RewardBatch NewBatch() => new(family.IsCausal && SharesPrefixes, Network.FrequencyGroup);

    /// <summary>
    /// The token that Hugging Face pools: the first for encoders; for decoders the last one that is not the pad token
    /// (the first where all are), or the last of all where the config names no pad token. Value heads are read at the last token of all.
    /// </summary>
    internal int PooledPosition(ReadOnlySpan<int> ids) =>
        !family.IsCausal ? 0
        : !head.ReadsLastToken && PadTokenId is { } pad ? Math.Max(0, ids.LastIndexOfAnyExcept(pad))
        : ids.Length - 1;

    /// <summary>Rewards [S] of a batch, part of the gradient graph.</summary>
    internal Tensor Forward(RewardBatch batch, double dropout = 0)
    {
        var (forest, pooled) = batch.Build();
        var pass = new ForestPass(forest, DType, Device, dropout);
        return Rewards(Network.Logits(Network.Pool(Network.Hidden(pass), pass, pooled), pass));
    }

    /// <summary>What the head gave, [S, L], as rewards [S].</summary>
    private Tensor Rewards(Tensor logits) =>
        head.Combines ? logits.Matmul(Tensor.From<double>(head.Reading!.Weights.AsSpan(), Device).To(DType)) : logits.Reshape(-1);

    private double[] Rewards(RewardBatch batch)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        return Forward(batch).To(DType.Float64).ToArray<double>();
    }
}
