using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models.Families;
using Prefer.Models.Files;
using Prefer.Models.Forest;
using Prefer.Text;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>
/// A causal language model: a decoder with its projection to the vocabulary. Gives log-probabilities of tokens and greedy continuations.
/// Dispose of it to free the weights. One thread at a time. T packed tokens, V vocabulary. Left out: sampling, and a cache of keys and
/// values (a continuation computes its sequence anew for every token).
/// </summary>
public sealed class LanguageModel : IDisposable
{
    /// <summary>Packed tokens of one pass.</summary>
    private const int TokenBudget = 4096;

    /// <summary>Logits that are held at once: 64 MB in fp32, whatever the vocabulary.</summary>
    private const int PieceElements = 1 << 24;

    private static readonly string[] HeadNames = ["lm_head.weight", "embed_out.weight"];

    private readonly HashSet<int> endTokens;

    private LanguageModel(string name, ModelConfig config, Network network, ParameterSet parameters, TokenizerFiles files, EncodingOptions encoding, IEnumerable<int> endTokens, LoadOptions options, IReadOnlyList<string> notices)
    {
        (Network, Parameters, Tokenizer, DType, Device) = (network, parameters, files.Tokenizer, options.DType, options.Device);
        this.endTokens = [.. endTokens];
        Encoder = new ConversationEncoder(files.Tokenizer, encoding, config.EndTokenId, ChatFormat.Of(name, encoding, files)) { MarksResponse = true };
        Notices = [.. notices, .. Encoder.Notices()];
    }

    /// <summary>Makes ids of prompts and responses.</summary>
    public ConversationEncoder Encoder { get; }

    /// <summary>The tokenizer, or null for a folder without one.</summary>
    public Tokenizer? Tokenizer { get; }

    /// <summary>What a person should know about how the folder was read.</summary>
    public IReadOnlyList<string> Notices { get; }

    /// <summary>Element type of the computation.</summary>
    public DType DType { get; }

    /// <summary>Where the weights are.</summary>
    public string Device { get; }

    /// <summary>Positions the model has: the longest sequence it can read.</summary>
    public int MaxPositions => Network.MaxPositions;

    internal Network Network { get; }

    internal ParameterSet Parameters { get; }

    /// <summary>Loads a folder of a <c>…ForCausalLM</c> in Hugging Face's layout.</summary>
    /// <exception cref="ModelException">It is not one, or cannot be used.</exception>
    /// <exception cref="TokenizerException">Its tokenizer cannot be used.</exception>
    public static LanguageModel Load(string folder, LoadOptions? options = null)
    {
        options ??= new LoadOptions();
        var (config, family) = ModelFolder.Open(folder);
        if (!family.IsCausal)
        {
            throw new ModelException($"{folder}: {config.ModelType} reads texts both ways; it gives no next token. A language model ({string.Join(", ", Family.CausalTypes)}) was expected.");
        }
        using var checkpoint = Checkpoint.Open(folder);
        var files = ModelFolder.Tokenizer(folder, options);
        var parameters = ModelFolder.Parameters(folder, checkpoint, family, options);
        if (parameters.StoredName(family.HeadWeight) is { } reward)
        {
            throw new ModelException($"{folder}: is a reward model (it has {reward}), which gives no next token. A language model was expected; prefer score asks reward models.");
        }
        var notices = new List<string>();
        try
        {
            var network = family.Create(config, parameters, new Head.Vocabulary());
            if (UntiedHead(parameters, checkpoint, family) is { } head)
            {
                notices.Add($"The config ties the head to the embedding, but {head} in the file differs from it: it is used as it stands, as Hugging Face's transformers 5 does (transformers 4 would take the embedding).");
                parameters.Dispose();
                config.Json["tie_word_embeddings"] = false;
                parameters = ModelFolder.Parameters(folder, checkpoint, family, options);
                network = family.Create(config, parameters, new Head.Vocabulary());
            }
            parameters.Complete(name => family.IsKnownExtra(name) || name.StartsWith("v_head.", StringComparison.Ordinal));
            if (parameters.FreshNames.Count > 0)
            {
                throw new ModelException($"{folder}: has no language-model head (missing: {string.Join(", ", parameters.FreshNames)}), and the config does not tie it to the embedding (tie_word_embeddings). It is a bare body, or the weights are not whole.");
            }
            ModelFolder.CheckVocabulary(folder, files, network);
            return new LanguageModel(folder, config, network, parameters, files, Encoding(folder, network, files, options), EndTokens(folder, config), options, notices);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Ids of a prompt and response, checked against the model's vocabulary and positions.</summary>
    /// <exception cref="DataException">They do not fit.</exception>
    public EncodedSequence Encode(ImmutableArray<Message> prompt, Response response, RowOrigin? origin = null) =>
        SequenceFit.Check(Encoder.Encode(prompt, response, origin), Network, origin);

    /// <summary>
    /// log p(token t+1 | tokens ≤ t) of each sequence, one value fewer than it has tokens, in nats. Sequences are read as they are needed,
    /// a pass at a time; prefixes that those of a pass share are computed once.
    /// </summary>
    public IEnumerable<double[]> LogProbs(IEnumerable<EncodedSequence> sequences)
    {
        var builder = new TokenForestBuilder(sharePrefixes: true);
        foreach (var sequence in sequences)
        {
            if (builder.SequenceCount > 0 && builder.TokenCount + builder.CountNew(sequence.Ids.AsSpan(), Network.FrequencyGroup(sequence.Ids.Length)) > TokenBudget)
            {
                foreach (var values in LogProbs(builder.Build()))
                {
                    yield return values;
                }
                builder = new TokenForestBuilder(sharePrefixes: true);
            }
            builder.Add(sequence.Ids.AsSpan(), group: Network.FrequencyGroup(sequence.Ids.Length));
        }
        foreach (var values in builder.SequenceCount > 0 ? LogProbs(builder.Build()) : [])
        {
            yield return values;
        }
    }

    /// <summary>The most probable next token, again and again, behind each prompt.</summary>
    /// <param name="prompts">Token ids, at least one each.</param>
    /// <param name="count">Tokens at most; fewer behind an end token, which is the last one given.</param>
    /// <exception cref="DataException">A prompt and its continuation would not fit the model's positions.</exception>
    public IReadOnlyList<ImmutableArray<int>> Continue(IReadOnlyList<ImmutableArray<int>> prompts, int count)
    {
        var sequences = prompts.Select(prompt => prompt.ToList()).ToArray();
        foreach (var (index, prompt) in prompts.Index())
        {
            CheckRoom(prompt.Length, count, $"prompt {index + 1}");
        }
        var going = Enumerable.Range(0, sequences.Length).ToList();
        for (var step = 0; step < count && going.Count > 0; step++)
        {
            var next = new List<int>();
            for (var start = 0; start < going.Count;)
            {
                var builder = new TokenForestBuilder(sharePrefixes: true);
                do
                {
                    var sequence = sequences[going[start++]];
                    builder.Add([.. sequence], group: Network.FrequencyGroup(sequence.Count));
                }
                while (start < going.Count && builder.TokenCount + sequences[going[start]].Count <= TokenBudget);
                next.AddRange(NextTokens(builder.Build()));
            }
            foreach (var (sequence, token) in going.Zip(next))
            {
                sequences[sequence].Add(token);
            }
            going = [.. going.Where(sequence => !endTokens.Contains(sequences[sequence][^1]))];
        }
        return [.. sequences.Select((sequence, index) => sequence.Skip(prompts[index].Length).ToImmutableArray())];
    }

    /// <summary>Checks that a continuation fits the model's positions.</summary>
    /// <exception cref="DataException">It does not.</exception>
    public void CheckRoom(int promptLength, int count, string place)
    {
        if (promptLength + count > MaxPositions)
        {
            throw new DataException($"{place}: {promptLength} tokens and {count} more, but the model has {MaxPositions} positions. Ask for fewer, or shorten the prompt.");
        }
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Parameters.Dispose();

    /// <summary>
    /// log p of every packed token given those before it, part of the gradient graph. Logits are held for some rows at a time.
    /// </summary>
    /// <returns>The indices of the tokens that have one before them, and their log-probabilities in the same order; null where there are none.</returns>
    internal (int[] Predicted, Tensor? LogProbs) Predict(ForestPass pass)
    {
        var before = pass.Forest.Predecessors();
        int[] predicted = [.. Enumerable.Range(0, before.Length).Where(index => before[index] is not null)];
        if (predicted.Length == 0)
        {
            return (predicted, null);
        }
        var hidden = Network.Hidden(pass); // [T, h]
        var rows = Math.Max(1, PieceElements / Network.VocabularySize);
        var pieces = new List<Tensor>();
        foreach (var piece in predicted.Chunk(rows))
        {
            using var scope = new TensorScope();
            var logits = Network.Logits(hidden.IndexSelect(0, Indices(piece.Select(index => before[index]!.Value))), pass); // [n, V]
            var precise = DType == DType.Float64 ? DType.Float64 : DType.Float32;
            pieces.Add(scope.MoveOut(logits.To(precise).LogSoftmax(-1).Gather(1, Indices(piece.Select(index => pass.Forest.Tokens[index])).Unsqueeze(1)).Reshape(-1)));
        }
        return (predicted, Tensor.Cat([.. pieces]));
    }

    private double[][] LogProbs(TokenForest forest)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var (predicted, values) = Predict(new ForestPass(forest, DType, Device));
        var byToken = new double[forest.Tokens.Length];
        foreach (var (index, value) in predicted.Zip(values?.To(DType.Float64).ToArray<double>() ?? []))
        {
            byToken[index] = value;
        }
        return [.. forest.SequenceLengths.Select((length, sequence) => Enumerable.Range(1, length - 1).Select(position => byToken[forest.PackedIndex(sequence, position)]).ToArray())];
    }

    private int[] NextTokens(TokenForest forest)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var pass = new ForestPass(forest, DType, Device);
        var last = forest.SequenceLengths.Select((length, sequence) => forest.PackedIndex(sequence, length - 1));
        var hidden = Network.Hidden(pass).IndexSelect(0, Indices(last)); // [S, h]
        var rows = Math.Max(1, PieceElements / Network.VocabularySize);
        return [.. Enumerable.Range(0, forest.SequenceLengths.Count).Chunk(rows)
            .SelectMany(piece => Network.Logits(hidden.IndexSelect(0, Indices(piece)), pass).ArgMax(-1).ToArray<long>()).Select(token => (int)token)];
    }

    private Tensor Indices(IEnumerable<int> values) => Tensor.From<long>([.. values.Select(value => (long)value)], Device);

    /// <summary>The name of a head that the file has beside a config that ties it, where the two differ.</summary>
    private static string? UntiedHead(ParameterSet parameters, Checkpoint checkpoint, Family family)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var isTied = !HeadNames.Any(parameters.Names.Contains);
        if (!isTied || HeadNames.Select(parameters.StoredName).FirstOrDefault(name => name is not null) is not { } head || parameters.StoredName(family.TokenEmbedding) is not { } words)
        {
            return null;
        }
        return checkpoint.Shape(head).SequenceEqual(checkpoint.Shape(words))
            && !AreEqual(checkpoint.Map(head), checkpoint.Map(words))
            ? head
            : null;
    }

    /// <summary>Whether two matrices of one shape have the same values. NaN is equal to nothing.</summary>
    private static bool AreEqual(Tensor one, Tensor other)
    {
        const long elements = 1 << 20; // at a time: 8 MB, since the matrices may not fit beside themselves in double precision
        var size = Math.Max(1, elements / Math.Max(1, one.Shape[1]));
        for (long start = 0; start < one.Shape[0]; start += size)
        {
            using var scope = new TensorScope();
            var count = Math.Min(size, one.Shape[0] - start);
            if (!(one.Narrow(0, start, count).To(DType.Float64) - other.Narrow(0, start, count).To(DType.Float64)).Abs().Sum().Item().Equals(0.0))
            {
                return false;
            }
        }
        return true;
    }

    private static EncodingOptions Encoding(string folder, Network network, TokenizerFiles files, LoadOptions options)
    {
        if (options.EncodingMode == EncodingMode.Pair)
        {
            throw new ModelException($"{folder}: a language model reads one text, not pairs. Use --encoding template or concat.");
        }
        if (options.MaxLength > network.MaxPositions)
        {
            throw new ModelException($"{folder}: a maximum length of {options.MaxLength} tokens was asked for, but the model has {network.MaxPositions} positions. Ask for {network.MaxPositions} or fewer.");
        }
        var rendered = ChatFormat.Choose(folder, null, options.EncodingMode ?? EncodingMode.Template, files, options);
        return rendered with
        {
            Mode = options.EncodingMode ?? (rendered.Template == ChatFormat.ChatName || options.Template is not null ? EncodingMode.Template : EncodingMode.Concat),
            AppendEndToken = options.AppendEndToken ?? false,
            MaxLength = options.MaxLength ?? network.MaxPositions,
        };
    }

    /// <summary>What ends a continuation: generation_config.json says, as in Hugging Face's generate, or the config where there is no such file.</summary>
    private static IReadOnlyList<int> EndTokens(string folder, ModelConfig config)
    {
        var path = Path.Combine(folder, "generation_config.json");
        if (!File.Exists(path))
        {
            return config.EndTokenIds;
        }
        try
        {
            return ModelConfig.From(JsonNode.Parse(File.ReadAllText(path)), path).EndTokenIds;
        }
        catch (JsonException error)
        {
            throw new ModelException($"{path}: not valid JSON: {error.Message}", error);
        }
    }
}
