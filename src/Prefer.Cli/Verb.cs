using System.CommandLine;
using Prefer.Cli.Options;

namespace Prefer.Cli;

/// <summary>What a user types after <c>prefer</c>: a verb with its options and its work, or a group of verbs (<c>prefer data</c>).</summary>
internal sealed class Verb
{
    private readonly Action<Command>? declare;

    private Verb(string name, string description, Action<Command>? declare, IReadOnlyList<Verb> verbs)
    {
        Name = name;
        Description = description;
        this.declare = declare;
        Verbs = verbs;
    }

    /// <summary>The word that calls it.</summary>
    public string Name { get; }

    /// <summary>One sentence for <c>--help</c>.</summary>
    public string Description { get; }

    /// <summary>The verbs of a group; empty for a verb.</summary>
    public IReadOnlyList<Verb> Verbs { get; }

    /// <summary>A verb whose options are the record <typeparamref name="T"/>.</summary>
    /// <param name="name">The word that calls it.</param>
    /// <param name="description">One sentence for <c>--help</c>.</param>
    /// <param name="run">The work; returns the exit code, and throws what <see cref="CommandLine"/> lists for wrong input.</param>
    /// <param name="positional">The property of <typeparamref name="T"/> that is a plain argument, or null.</param>
    public static Verb Of<T>(string name, string description, Func<T, Terminal, int> run, string? positional = null) where T : class =>
        new(name, description, command =>
        {
            var binder = new OptionsBinder<T>(positional);
            binder.AddTo(command);
            command.SetAction(parsed =>
            {
                var options = binder.Bind(parsed);
                using var terminal = Terminal.OfProcess(CommandLine.WantsJson(parsed));
                return run(options, terminal);
            });
        }, []);

    /// <summary>A word under which other verbs stand.</summary>
    public static Verb Group(string name, string description, params IReadOnlyList<Verb> verbs) => new(name, description, null, verbs);

    /// <summary>The command with its flags, which costs reflection and is done only for the verb that is called.</summary>
    public Command ToCommand(bool withOptions)
    {
        var command = new Command(Name, Description);
        if (withOptions)
        {
            declare?.Invoke(command);
        }

        return command;
    }
}
