namespace Prefer.Data;

/// <summary>Bad input: says what was found, where, what was expected and what to do. The command line exits with 2 on it.</summary>
public sealed class DataException(string message, Exception? inner = null) : Exception(message, inner);
