using System.Text.Json;

namespace Prefer.Text.Templates;

/// <summary>What a chat template is given: <c>messages</c>, <c>tools</c>, the special tokens and whatever else. A later value of a name wins.</summary>
public sealed class TemplateVariables
{
    private readonly Dictionary<string, object> values = new(StringComparer.Ordinal);

    /// <summary>Makes a copy, to which more can be added.</summary>
    public TemplateVariables(TemplateVariables? from = null)
    {
        foreach (var (name, value) in from?.values ?? [])
        {
            values[name] = value;
        }
    }

    /// <summary>Sets a variable from JSON.</summary>
    public TemplateVariables Set(string name, JsonElement value)
    {
        values[name] = JsonText.Read(value);
        return this;
    }

    /// <summary>Sets a text, or Python's None for null.</summary>
    public TemplateVariables Set(string name, string? value)
    {
        values[name] = (object?)value ?? None.Value;
        return this;
    }

    /// <summary>Sets true or false.</summary>
    public TemplateVariables Set(string name, bool value)
    {
        values[name] = Values.Of(value);
        return this;
    }

    /// <summary>Sets a list of texts.</summary>
    public TemplateVariables Set(string name, IEnumerable<string> value)
    {
        values[name] = new ListValue([.. value]);
        return this;
    }

    /// <summary>Sets <c>messages</c>.</summary>
    public TemplateVariables SetMessages(IEnumerable<(string Role, string Content)> messages)
    {
        values["messages"] = new ListValue([.. messages.Select(message =>
        {
            var dict = new DictValue();
            dict.Set("role", message.Role);
            dict.Set("content", message.Content);
            return dict;
        })]);
        return this;
    }

    /// <summary>Whether the variable is set, to None even.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    internal object? Find(string name) => values.GetValueOrDefault(name);
}
