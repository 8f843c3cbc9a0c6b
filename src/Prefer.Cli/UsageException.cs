namespace Prefer.Cli;

/// <summary>The command line or its configuration file is wrong; exit code 2. The message says what was found and what is allowed.</summary>
internal sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner);
