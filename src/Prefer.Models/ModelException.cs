namespace Prefer.Models;

/// <summary>A model folder, config or weight file that cannot be used: what was found, where, what was expected, what to do.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
