namespace Prefer.Text;

/// <summary>The kinds of one part of the pipeline by the name that tokenizer.json's <c>type</c> gives them. A name that is not here is refused.</summary>
internal sealed class KindTable<TPart>(string partName, Dictionary<string, Func<JsonPlace, TPart>> kinds)
{
    public TPart Read(JsonPlace place) => Read(place, place.Required("type").Text());

    /// <summary>Reads a part whose kind the caller found out by other means than its <c>type</c>.</summary>
    public TPart Read(JsonPlace place, string kind) =>
        kinds.TryGetValue(kind, out var read)
            ? read(place)
            : throw place.Refusal(
                $"is a {partName} of the kind \"{kind}\", which is not supported; supported: {string.Join(", ", kinds.Keys.Order(StringComparer.Ordinal))}");
}
