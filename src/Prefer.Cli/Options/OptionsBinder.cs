using System.CommandLine;
using System.Reflection;

namespace Prefer.Cli.Options;

/// <summary>
/// Between a verb's options record and its flags and <c>--config</c> file. The record is the only declaration: each settable
/// property is a flag, named after it, described by its <see cref="System.ComponentModel.DescriptionAttribute"/>, with the
/// value of a fresh record as default. Flags win over the file, the file over the defaults.
/// </summary>
/// <typeparam name="T">A record with a constructor without parameters; <c>required</c> properties must be given.</typeparam>
internal sealed class OptionsBinder<T> where T : class
{
    private readonly Dictionary<Setting, Option> options = [];
    private readonly Dictionary<Setting, Argument> arguments = [];
    private readonly Option<string> config = new("--config") { Description = "YAML file with any of these options; flags win over it.", HelpName = "file" };

    /// <param name="positional">The property that can also be given as the verb's plain argument; or null.</param>
    public OptionsBinder(string? positional = null)
    {
        var defaults = Activator.CreateInstance<T>();
        Settings = [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true })
            .OrderBy(property => property.MetadataToken)
            .Select(property => new Setting(property, defaults))];
        foreach (var setting in Settings)
        {
            options[setting] = MakeOption(setting);
        }

        if (positional is not null)
        {
            var setting = Settings.Single(candidate => candidate.PropertyName == positional);
            arguments[setting] = setting.IsMany
                ? new Argument<string[]>(setting.Name) { Description = setting.Description, Arity = ArgumentArity.ZeroOrMore }
                : new Argument<string>(setting.Name) { Description = setting.Description, Arity = ArgumentArity.ZeroOrOne };
        }
    }

    /// <summary>The record's settable properties, in the order they are declared.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>Adds the flags, and <c>--config</c>, to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var argument in arguments.Values)
        {
            command.Add(argument);
        }

        foreach (var setting in Settings)
        {
            command.Add(options[setting]);
        }

        command.Add(config);
    }

    /// <summary>The record that a command line stands for.</summary>
    /// <exception cref="UsageException">A value, a key or the file is wrong, or a required option is missing.</exception>
    public T Bind(ParseResult parsed)
    {
        var record = Activator.CreateInstance<T>();
        var given = parsed.GetValue(config) is { } path ? ConfigFile.Apply(path, Settings, record) : [];
        foreach (var setting in Settings)
        {
            if (GivenTexts(parsed, setting) is { } texts)
            {
                setting.Set(record, texts, setting.IsOnByDefault, Spelling(setting));
                given.Add(setting);
            }
        }

        var missing = Settings.FirstOrDefault(setting => setting.IsRequired && !given.Contains(setting));
        return missing is null ? record
            : throw new UsageException($"{Spelling(missing)} is missing, expected {missing.Expected}: {missing.Description}");
    }

    /// <summary>The record as a file that <c>--config</c> reads back.</summary>
    public string ToYaml(T record) => ConfigFile.Write(Settings, record);

    private string Spelling(Setting setting) => arguments.ContainsKey(setting) ? $"<{setting.Name}>" : setting.Flag;

    private List<string>? GivenTexts(ParseResult parsed, Setting setting)
    {
        var given = arguments.TryGetValue(setting, out var argument) && parsed.GetResult(argument) is { } plain ? plain.Tokens.Select(token => token.Value).ToList() : [];
        if (parsed.GetResult(options[setting]) is { Implicit: false } flag)
        {
            given.AddRange(setting.IsSwitch && flag.Tokens.Count == 0 ? ["true"] : flag.Tokens.Select(token => token.Value));
        }

        return given.Count > 0 ? given : null;
    }

    private static Option MakeOption(Setting setting)
    {
        if (setting.IsSwitch)
        {
            return new Option<bool>(setting.Flag) { Description = setting.Description };
        }

        var remark = setting.IsRequired ? " (required)" : setting.Default is { Count: > 0 } written ? $" [default: {string.Join(' ', written)}]" : "";
        var option = setting.IsMany
            ? new Option<string[]>(setting.Flag) { Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true }
            : (Option)new Option<string>(setting.Flag) { Arity = ArgumentArity.ExactlyOne };
        option.Description = setting.Description + remark;
        option.HelpName = setting.Placeholder;
        return option;
    }
}
