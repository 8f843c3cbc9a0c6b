namespace Prefer.Evaluation.Diagnosis;

/// <summary>How much a finding weighs.</summary>
public enum Severity
{
    /// <summary>Good to know.</summary>
    Note,

    /// <summary>Figures may not mean what they seem to.</summary>
    Warning,

    /// <summary>Something is wrong, and figures are wrong with it.</summary>
    Fault,
}

/// <summary>Something that a person should know, in words.</summary>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Name">What it is, in snake_case: the same for every data set.</param>
/// <param name="Count">How many comparisons, responses or tokens it concerns.</param>
/// <param name="What">What was found, a sentence.</param>
/// <param name="Advice">What to do, a sentence.</param>
public sealed record Finding(Severity Severity, string Name, long Count, string What, string Advice);
