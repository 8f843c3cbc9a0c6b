using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Prefer.Data;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Prefer.Cli.Options;

/// <summary>The file behind <c>--config</c>: one flat YAML mapping of setting names to values. JSON is read too, being YAML.</summary>
internal static class ConfigFile
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sets what the file says.</summary>
    /// <returns>The settings that the file set.</returns>
    /// <exception cref="UsageException">No such file, not a mapping, an unknown or repeated key, or a wrong value; says the line.</exception>
    public static HashSet<Setting> Apply(string path, IReadOnlyList<Setting> settings, object options)
    {
        var names = new Dictionary<string, Setting>();
        foreach (var setting in settings)
        {
            names[setting.Name] = setting;
            names[setting.FlagName] = setting;
        }

        var given = new HashSet<Setting>();
        foreach (var (keyNode, valueNode) in ReadMapping(path))
        {
            var key = keyNode is YamlScalarNode { Value: { } text } ? text : "";
            var where = $"{path}:{keyNode.Start.Line}: {key}";
            var name = key.Replace('_', '-');
            if (!names.TryGetValue(name, out var setting))
            {
                var nearest = NearestName.Of(name, names.Keys);
                throw new UsageException($"{path}:{keyNode.Start.Line}: unknown key '{key}'" + (nearest is null
                    ? $". Known keys: {string.Join(", ", names.Keys)}."
                    : $"; did you mean '{nearest}'?"));
            }

            if (!given.Add(setting))
            {
                throw new UsageException($"{where}: given twice.");
            }

            Set(setting, options, valueNode, isNegated: name != setting.Name, where);
        }

        return given;
    }

    /// <summary>A file that <see cref="Apply"/> reads back to the same record.</summary>
    public static string Write(IReadOnlyList<Setting> settings, object options)
    {
        var text = new StringBuilder();
        foreach (var setting in settings)
        {
            var items = setting.Write(options)?.Select(item => setting.IsText ? JsonSerializer.Serialize(item, Readable) : item);
            text.Append(setting.Name).Append(": ").AppendLine(items switch
            {
                null => "null",
                _ when setting.IsMany => $"[{string.Join(", ", items)}]",
                _ => items.Single(),
            });
        }

        return text.ToString();
    }

    private static void Set(Setting setting, object options, YamlNode node, bool isNegated, string where)
    {
        switch (node)
        {
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" }:
                setting.SetNothing(options, where);
                break;
            case YamlScalarNode { Value: { } text }:
                setting.Set(options, [text], isNegated, where);
                break;
            case YamlSequenceNode items when items.All(item => item is YamlScalarNode { Value: not null }):
                setting.Set(options, [.. items.Select(item => ((YamlScalarNode)item).Value!)], isNegated, where);
                break;
            default:
                throw new UsageException($"{where}: found a nested value, expected {setting.Expected}.");
        }
    }

    private static YamlMappingNode ReadMapping(string path)
    {
        var stream = new YamlStream();
        try
        {
            using var reader = new StreamReader(path);
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            throw new UsageException($"{path}:{e.Start.Line}: not YAML: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--config: {e.Message}", e);
        }

        return stream.Documents switch
        {
            [] => [],
            [{ RootNode: YamlMappingNode mapping }] => mapping,
            _ => throw new UsageException($"{path}: expected one mapping of option names to values, as in 'learning-rate: 1e-5'."),
        };
    }
}
