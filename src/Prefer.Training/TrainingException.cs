namespace Prefer.Training;

/// <summary>A run that cannot begin or go on: what was found, what was expected, what to do.</summary>
/// <param name="message">The message.</param>
/// <param name="isUsage">True when options or input are wrong; false when a run failed under way.</param>
/// <param name="inner">What lies behind it.</param>
public sealed class TrainingException(string message, bool isUsage, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True when options or input are wrong; false when a run failed under way.</summary>
    public bool IsUsage => isUsage;
}
