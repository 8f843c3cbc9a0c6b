namespace Prefer.Text.Templates;

/// <summary>A chat template that cannot be read, or that fails on a conversation. The message names the template, the line and the cause.</summary>
/// <param name="name">What messages call the template.</param>
/// <param name="line">1-based line of the template.</param>
/// <param name="cause">What is wrong; for <c>raise_exception</c> the template's own words.</param>
public sealed class TemplateException(string name, int line, string cause, Exception? inner = null) : Exception($"{name}, line {line}: {cause}", inner)
{
    /// <summary>1-based line of the template.</summary>
    public int Line => line;

    /// <summary>What is wrong, without the place; for <c>raise_exception</c> the template's own words.</summary>
    public string Cause => cause;
}

/// <summary>The same before the name of the template is known; <see cref="ChatTemplate"/> adds it.</summary>
/// <param name="cause">What is wrong.</param>
/// <param name="line">1-based line, or 0 for the line being rendered.</param>
internal sealed class TemplateFault(string cause, int line = 0) : Exception(cause)
{
    public int Line => line;
}
