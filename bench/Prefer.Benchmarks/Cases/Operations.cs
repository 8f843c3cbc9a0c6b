using Prefer.Models;

namespace Prefer.Benchmarks.Cases;

/// <summary>
/// Floating-point operations that tokens need in a network: two for each weight of a matrix product and token, and four for each
/// column of a query and key that it sees, in every layer. Norms, activations, embeddings and the head are not counted.
/// </summary>
internal sealed record Operations
{
    /// <summary>Backward needs twice what forward needs: a product for the input's gradient and one for the weight's.</summary>
    private const int StepFactor = 3;

    private readonly double perToken;
    private readonly double perKey;

    internal Operations(RewardModel model)
    {
        // Matrices of layers: embeddings and heads have no layer in their name.
        long[][] matrices = [.. model.Parameters.Names.Where(name => name.Contains(".layer", StringComparison.Ordinal)).Select(name => model.Parameters[name].Shape.ToArray()).Where(shape => shape.Length == 2)];
        perToken = 2.0 * matrices.Sum(shape => shape[0] * shape[1]);
        var isEncoder = model.Config.ModelType == "distilbert";
        perKey = 4.0 * model.Config.Count(isEncoder ? "dim" : "hidden_size") * model.Config.Count(isEncoder ? "n_layers" : "num_hidden_layers");
    }

    /// <summary>Of one forward pass.</summary>
    internal double Forward(long tokens, double keys) => (perToken * tokens) + (perKey * keys);

    /// <summary>Of forward and backward.</summary>
    internal double Step(long tokens, double keys) => StepFactor * Forward(tokens, keys);
}
