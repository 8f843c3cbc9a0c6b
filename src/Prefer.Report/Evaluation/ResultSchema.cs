using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Prefer.Evaluation;
using Prefer.Statistics;

namespace Prefer.Report.Evaluation;

/// <summary>The JSON schema of <c>result.json</c>, made of the records that it is written from and of their documentation.</summary>
public sealed partial class ResultSchema
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> documentation = [];
    private readonly SortedDictionary<string, JsonNode> definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, JsonNode> made = [];

    private ResultSchema()
    {
    }

    /// <summary>The schema, as docs/result.schema.json holds it.</summary>
    /// <exception cref="ReportException">The documentation files of the assemblies are not beside them.</exception>
    public static JsonObject Make() => new ResultSchema().Root();

    private JsonObject Root()
    {
        Export(typeof(EvaluationResult));
        Export(typeof(EvaluationAbout));
        var root = definitions[nameof(EvaluationResult)].AsObject();
        definitions.Remove(nameof(EvaluationResult));
        root["properties"]!["about"] = new JsonObject { ["description"] = "What the figures were made of; absent in what --json prints.", ["$ref"] = Reference(nameof(EvaluationAbout)) };
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "result.json of prefer eval" };
        foreach (var (name, value) in root.ToArray())
        {
            root.Remove(name);
            schema[name] = value;
        }
        schema["$defs"] = new JsonObject(definitions.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value)));
        return schema;
    }

    private void Export(Type type) => ResultJson.Options.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform });

    // Called for the inner nodes first. Records become definitions, so that each stands once; intervals and numbers get the form in which they are written. A type that comes
    // again may come as a pointer into the schema, to a place that is none once records have moved: it gets what it got before.
    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        var type = context.TypeInfo.Type;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var isNullable = plain != type || (node is JsonObject { } given && given["type"] is JsonArray kinds && kinds.Any(kind => (string?)kind == "null"));
        if (node is JsonObject pointer && pointer.ContainsKey("$ref"))
        {
            node = made[type].DeepClone();
        }
        else if (plain == typeof(Interval))
        {
            node = new JsonObject { ["type"] = isNullable ? new JsonArray("array", "null") : "array", ["items"] = new JsonObject { ["type"] = "number" }, ["minItems"] = 2, ["maxItems"] = 2 };
        }
        else if (plain == typeof(double))
        {
            node = new JsonObject { ["type"] = isNullable ? new JsonArray("number", "null") : "number" };
        }
        else if (node is JsonObject record && record.ContainsKey("properties") && plain.Namespace!.StartsWith("Prefer", StringComparison.Ordinal))
        {
            record["type"] = "object";
            definitions[plain.Name] = Described(record, Summary(plain));
            node = new JsonObject { ["$ref"] = Reference(plain.Name) };
            node = isNullable ? new JsonObject { ["anyOf"] = new JsonArray(node, new JsonObject { ["type"] = "null" }) } : node;
        }
        made[type] = node.DeepClone();
        return context.PropertyInfo?.AttributeProvider is PropertyInfo property && node is JsonObject schema ? Described(schema, Summary(property)) : node;
    }

    private static JsonObject Described(JsonObject schema, string? summary)
    {
        if (summary is not null)
        {
            schema.Remove("description");
            schema.Insert(0, "description", summary);
        }
        return schema;
    }

    private static string Reference(string name) => $"#/$defs/{name}";

    private string? Summary(Type type) => Flat(Member(type, $"T:{NameOf(type)}")?.Element("summary"));

    // A positional property is documented as a parameter of its record.
    private string? Summary(PropertyInfo property) =>
        Flat(Member(property.DeclaringType!, $"P:{NameOf(property.DeclaringType!)}.{property.Name}")?.Element("summary"))
        ?? Flat(Member(property.DeclaringType!, $"T:{NameOf(property.DeclaringType!)}")?.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")!.Value == property.Name));

    private static string NameOf(Type type) => (type.FullName ?? type.Name).Replace('+', '.');

    private XElement? Member(Type type, string name)
    {
        if (!documentation.TryGetValue(type.Assembly, out var members))
        {
            var path = Path.ChangeExtension(type.Assembly.Location, ".xml");
            if (!File.Exists(path))
            {
                throw new ReportException($"{path}: not found; expected the documentation beside the assembly, from which the schema is made; build Prefer anew");
            }
            documentation[type.Assembly] = members = XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);
        }
        return members.GetValueOrDefault(name);
    }

    private static string? Flat(XElement? documented)
    {
        if (documented is null)
        {
            return null;
        }
        var copy = new XElement(documented);
        foreach (var element in copy.Descendants().Where(element => element.Attribute("cref") is not null).ToList())
        {
            element.ReplaceWith(JsonNamingPolicy.SnakeCaseLower.ConvertName(element.Attribute("cref")!.Value.Split('.', ':')[^1]));
        }
        return WhiteSpace().Replace(copy.Value, " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
