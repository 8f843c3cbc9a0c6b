using System.Text.Json;

namespace Prefer.Text;

/// <summary>An element of a tokenizer.json and where it stands, so that every refusal can say so. All reading of the file goes through here.</summary>
internal readonly struct JsonPlace(JsonElement element, string path, string file)
{
    public JsonElement Element => element;

    public bool IsObject => element.ValueKind == JsonValueKind.Object;

    public bool IsArray => element.ValueKind == JsonValueKind.Array;

    public bool IsString => element.ValueKind == JsonValueKind.String;

    /// <summary>The member of that name, or null when it is absent or JSON's null.</summary>
    public JsonPlace? Optional(string name)
    {
        ExpectObject();
        return element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? Member(name, member)
            : null;
    }

    public JsonPlace Required(string name) =>
        Optional(name) ?? throw Refusal($"has no \"{name}\"");

    public string Text() => IsString ? Unescape() : throw Refusal($"is {Kind}, expected a string");

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refusal($"is {Kind}, expected true or false"),
    };

    public int Count() => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value >= 0
        ? value
        : throw Refusal($"is {Shown}, expected a whole number from 0 to {int.MaxValue}");

    /// <summary>A string of exactly one code point.</summary>
    public System.Text.Rune Character() => System.Text.Rune.DecodeFromUtf16(Text(), out var rune, out var length) == System.Buffers.OperationStatus.Done
        && length == Text().Length
            ? rune
            : throw Refusal($"is \"{Text()}\", expected one character");

    public double Number() => element.ValueKind == JsonValueKind.Number && ReferenceNumber.Parse(element.GetRawText()) is var value && double.IsFinite(value)
        ? value
        : throw Refusal($"is {Shown}, expected a number");

    public string Text(string name, string missing) => Optional(name)?.Text() ?? missing;

    public bool Flag(string name, bool missing) => Optional(name)?.Flag() ?? missing;

    public IEnumerable<JsonPlace> Items()
    {
        if (!IsArray)
        {
            throw Refusal($"is {Kind}, expected a list");
        }

        return Enumerate(element, path, file);

        static IEnumerable<JsonPlace> Enumerate(JsonElement list, string path, string file)
        {
            var index = 0;
            foreach (var item in list.EnumerateArray())
            {
                yield return new JsonPlace(item, $"{path}[{index++}]", file);
            }
        }
    }

    public IEnumerable<(string Name, JsonPlace Value)> Members()
    {
        ExpectObject();
        return Enumerate(this);

        static IEnumerable<(string Name, JsonPlace Value)> Enumerate(JsonPlace place)
        {
            foreach (var member in place.Element.EnumerateObject())
            {
                var name = place.NameOf(member);
                yield return (name, place.Member(name, member.Value));
            }
        }
    }

    /// <summary>
    /// Refuses members other than the given ones. Only the document itself is held to it, as by the reference, which ignores members that it
    /// does not know in every part of the pipeline: they cannot change its ids.
    /// </summary>
    public void Allow(params ReadOnlySpan<string> names)
    {
        ExpectObject();
        foreach (var member in element.EnumerateObject())
        {
            var name = NameOf(member);
            if (!names.Contains(name) && member.Value.ValueKind != JsonValueKind.Null)
            {
                throw Refusal(
                    $"has the field \"{name}\", which is not supported here; supported: {string.Join(", ", names.ToArray())}");
            }
        }
    }

    /// <summary>An exception that names the file and the place, for the caller to throw.</summary>
    public TokenizerException Refusal(string finding) =>
        new($"{file}: {(path.Length == 0 ? "the document" : path)} {finding}");

    private string Kind => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };

    private string Shown => element.ValueKind == JsonValueKind.Number ? element.GetRawText() : Kind;

    private JsonPlace Member(string name, JsonElement value) => new(value, path.Length == 0 ? name : $"{path}.{name}", file);

    private string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new TokenizerException(Refusal("has a name that is not valid Unicode").Message, error);
        }
    }

    private void ExpectObject()
    {
        if (!IsObject)
        {
            throw Refusal($"is {Kind}, expected an object");
        }
    }

    private string Unescape()
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new TokenizerException(Refusal("is a string that is not valid Unicode").Message, error);
        }
    }
}
