namespace Prefer.Torch;

/// <summary>libtorch refused: names the operator, the shapes given, and libtorch's own reason.</summary>
public sealed class TorchException(string message, Exception? inner = null) : Exception(message, inner);
