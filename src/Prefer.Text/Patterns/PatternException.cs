namespace Prefer.Text.Patterns;

/// <summary>A regular expression cannot be read. The message says where and why.</summary>
internal sealed class PatternException(string message) : Exception(message);
