using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Prefer.Data;

namespace Prefer.Cli;

/// <summary>
/// From arguments to a verb that runs. Wrong usage never reaches the verb: it is a <see cref="UsageException"/> that names
/// the nearest valid word. Abbreviated flags, bundled one-letter flags and response files are left out on purpose.
/// </summary>
internal static class CommandLine
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the result as JSON on standard output, and nothing else there.", Recursive = true };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "Show where an error came from.", Recursive = true };

    /// <summary>Runs the verb that the arguments name.</summary>
    /// <returns>The verb's exit code.</returns>
    /// <exception cref="UsageException">The arguments are wrong.</exception>
    public static int Run(IReadOnlyList<string> arguments, IReadOnlyList<Verb> verbs)
    {
        var root = new RootCommand("Prefer teaches models what people prefer: from comparisons to a trained, evaluated and served reward model.");
        root.Add(Json);
        root.Add(Verbose);
        var called = AddVerbs(root, verbs, arguments);

        RefuseUnknownFlags(arguments, root, called);
        var parsed = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            throw Refusal(parsed, called);
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>True when the command line asks for JSON on standard output.</summary>
    public static bool WantsJson(ParseResult parsed) => parsed.GetValue(Json);

    // Adds all verbs, and to the called one its options. Returns the called command: the root when no verb is named.
    private static Command AddVerbs(Command parent, IReadOnlyList<Verb> verbs, IReadOnlyList<string> arguments)
    {
        var word = arguments.FirstOrDefault(argument => !argument.StartsWith('-'));
        var called = parent;
        foreach (var verb in verbs)
        {
            var isCalled = verb.Name == word;
            var command = verb.ToCommand(withOptions: isCalled);
            parent.Add(command);
            var rest = isCalled ? [.. arguments.SkipWhile(argument => argument != word).Skip(1)] : Array.Empty<string>();
            var inner = AddVerbs(command, verb.Verbs, rest);
            called = isCalled ? inner : called;
        }

        return called;
    }

    // The parser alone would take a misspelt flag for one more value of the flag before it.
    private static void RefuseUnknownFlags(IReadOnlyList<string> arguments, RootCommand root, Command called)
    {
        string[] known = [.. called.Options.Concat(root.Options).SelectMany(option => option.Aliases.Append(option.Name)).Distinct()];
        foreach (var argument in arguments.TakeWhile(argument => argument != "--"))
        {
            var flag = argument.Split('=', 2)[0];
            var looksLikeFlag = flag.Length > 1 && flag[0] == '-' && !char.IsAsciiDigit(flag[1]) && flag[1] != '.';
            if (looksLikeFlag && !known.Contains(flag))
            {
                var nearest = NearestName.Of(flag.TrimStart('-').Replace('_', '-'), known.Where(name => name.StartsWith("--", StringComparison.Ordinal)).Select(name => name[2..]));
                throw new UsageException($"unknown flag '{flag}'" + (nearest is null ? $". 'prefer {PathOf(called)}--help' lists the flags." : $"; did you mean '--{nearest}'?"));
            }
        }
    }

    private static UsageException Refusal(ParseResult parsed, Command called)
    {
        var path = PathOf(called);
        if (called.Subcommands.Count > 0)
        {
            var names = called.Subcommands.Select(verb => verb.Name).ToList();
            var expected = $"expected one of: {string.Join(", ", names)}.";
            if (parsed.UnmatchedTokens is not [var word, ..])
            {
                return new UsageException($"'{$"prefer {path}".TrimEnd()}' needs a verb, {expected} 'prefer {path}--help' describes them.");
            }

            var nearest = NearestName.Of(word, names);
            return new UsageException($"there is no verb '{path}{word}'; " + (nearest is null ? expected : $"did you mean '{path}{nearest}'?"));
        }

        if (parsed.UnmatchedTokens is [var unexpected, ..])
        {
            return new UsageException($"unexpected argument '{unexpected}'. 'prefer {path}--help' shows how it is used.");
        }

        var error = parsed.Errors[0];
        return new UsageException(error.SymbolResult is OptionResult { Option: var option, Tokens.Count: 0 }
            ? $"{option.Name} needs a value{(option.HelpName is { } value ? $": {value}" : "")}."
            : error.Message);
    }

    // The words before a verb's own arguments, each followed by a space.
    private static string PathOf(Command command) =>
        command is RootCommand ? "" : string.Concat(command.Parents.OfType<Command>().Select(PathOf)) + command.Name + " ";
}
