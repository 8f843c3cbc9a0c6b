namespace Prefer.Text;

/// <summary>A tokenizer that cannot be read, trained or used: says what was found, where, and what is supported. The command line exits with 2 on it.</summary>
public sealed class TokenizerException(string message, Exception? inner = null) : Exception(message, inner);
