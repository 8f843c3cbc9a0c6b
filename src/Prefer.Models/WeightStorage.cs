namespace Prefer.Models;

/// <summary>How a model's matrices are held.</summary>
public enum WeightStorage
{
    /// <summary>Every element in the computation's type.</summary>
    Full,

    /// <summary>The body's linear layers and the token embedding as int8 with a scale for each row, for scoring only; norms, biases, other embeddings and the head as they are.</summary>
    Int8,
}
