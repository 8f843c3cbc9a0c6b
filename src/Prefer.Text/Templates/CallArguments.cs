namespace Prefer.Text.Templates;

/// <summary>Arguments of a call.</summary>
/// <param name="Positional">Those without a name. After <see cref="Bind"/>, one for each parameter, null where none was given.</param>
/// <param name="Named">Those with one, in their order.</param>
internal readonly record struct CallArguments(object?[] Positional, IReadOnlyList<KeyValuePair<string, object>> Named)
{
    public static CallArguments None { get; } = new([], []);

    public object? this[int index] => index < Positional.Length ? Positional[index] : null;

    public object Of(int index, object missing) => this[index] ?? missing;

    public bool Flag(int index, bool missing = false) => this[index] is { } value ? Values.IsTrue(value) : missing;

    /// <summary>An argument that is a string, or null where it is missing or None.</summary>
    public string? Text(int index) => this[index] switch
    {
        null or Templates.None => null,
        string text => text,
        Markup markup => markup.Text,
        Undefined undefined => throw undefined.Fault(),
        { } other => throw new TemplateFault($"an argument that is {Values.TypeName(other)}, where str was expected"),
    };

    public int Count(int index, int missing) => this[index] is { } value and not Templates.None ? Values.Index(value) : missing;

    /// <summary>Puts named arguments in the places of their parameters.</summary>
    /// <exception cref="TemplateFault">Too many, an unknown name, one given twice, or a required one is missing.</exception>
    public CallArguments Bind(string callee, string[] parameters, int requiredCount)
    {
        if (Positional.Length > parameters.Length)
        {
            throw new TemplateFault($"{callee}() takes at most {parameters.Length} argument{(parameters.Length == 1 ? "" : "s")} ({Positional.Length} given)");
        }

        var bound = this;
        if (Named.Count > 0)
        {
            var places = new object?[parameters.Length];
            Positional.CopyTo(places, 0);
            foreach (var (name, value) in Named)
            {
                var at = Array.IndexOf(parameters, name);
                if (at < 0)
                {
                    throw new TemplateFault($"{callee}() got an unexpected keyword argument '{name}'");
                }

                places[at] = places[at] is null ? value : throw new TemplateFault($"{callee}() got multiple values for argument '{name}'");
            }

            bound = new CallArguments(places, []);
        }

        for (var at = 0; at < requiredCount; at++)
        {
            if (bound[at] is null)
            {
                throw new TemplateFault($"{callee}() missing required argument: '{parameters[at]}'");
            }
        }

        return bound;
    }
}

/// <summary>A filter, test, method or global function that Prefer brings along.</summary>
/// <param name="name">Its name in templates.</param>
/// <param name="parameters">Names of its parameters after the value it works on; null where it takes any.</param>
/// <param name="requiredCount">How many of them must be given.</param>
/// <param name="body">The work, on the value (filters, tests, methods) and the bound arguments.</param>
internal sealed class Builtin(string name, string[]? parameters, int requiredCount, Func<TemplateContext, object, CallArguments, object> body)
{
    public string Name => name;

    public object Call(TemplateContext context, object value, CallArguments arguments)
    {
        var bound = parameters is null || (arguments.Named.Count == 0 && arguments.Positional.Length <= parameters.Length && arguments.Positional.Length >= requiredCount)
            ? arguments
            : arguments.Bind(name, parameters, requiredCount);
        return context.Charged(body(context, value, bound));
    }
}

/// <summary>A method taken from its value: <c>message.content.strip</c> before it is called.</summary>
internal sealed class BoundMethod(Builtin method, object self) : Callable
{
    public override string Name => method.Name;

    public override object Call(TemplateContext context, CallArguments arguments) => method.Call(context, self, arguments);
}

/// <summary>A list of builtins by name. Parameters are written as <c>"name(required, optional=)"</c>; <c>"name(*)"</c> takes any.</summary>
internal sealed class BuiltinTable
{
    private readonly Dictionary<string, Builtin> builtins = new(StringComparer.Ordinal);

    public BuiltinTable Add(string signature, Func<TemplateContext, object, CallArguments, object> body)
    {
        var open = signature.IndexOf('(', StringComparison.Ordinal);
        var name = open < 0 ? signature : signature[..open];
        string[]? parameters = open < 0 ? [] : signature[(open + 1)..^1].Split(", ", StringSplitOptions.RemoveEmptyEntries);
        parameters = parameters is ["*"] ? null : parameters;
        var required = parameters?.TakeWhile(parameter => !parameter.EndsWith('=')).Count() ?? 0;
        builtins.Add(name, new Builtin(name, parameters is null ? null : [.. parameters.Select(parameter => parameter.TrimEnd('='))], required, body));
        return this;
    }

    public BuiltinTable Alias(string name, string of)
    {
        builtins.Add(name, builtins[of]);
        return this;
    }

    public BuiltinTable Include(BuiltinTable other)
    {
        foreach (var (name, builtin) in other.builtins)
        {
            builtins.Add(name, builtin);
        }

        return this;
    }

    public IEnumerable<Builtin> All => builtins.Values;

    public Builtin? Find(string name) => builtins.GetValueOrDefault(name);
}
