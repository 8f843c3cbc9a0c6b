using System.Text.Json.Nodes;
using Prefer.Models.Families;

namespace Prefer.Models.Files;

/// <summary>The <c>config.json</c> that is written: the older spelling, which both generations of Hugging Face's code read.</summary>
internal static class SavedConfig
{
    /// <param name="config">As it was loaded.</param>
    /// <param name="family">Its family.</param>
    /// <param name="labels">Names of the head's labels; null, for a value head, leaves labels and architecture as the config says.</param>
    internal static JsonObject Of(ModelConfig config, Family family, IReadOnlyList<string>? labels = null)
    {
        var json = config.Json.DeepClone().AsObject();
        if (labels is not null)
        {
            json["architectures"] = new JsonArray(family.Architecture);
            json["id2label"] = new JsonObject(labels.Select((name, index) => KeyValuePair.Create(index.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)name)));
            var numbers = new JsonObject();
            foreach (var (index, name) in labels.Index())
            {
                numbers[name] = index;
            }
            json["label2id"] = numbers;
            json.Remove("num_labels");
            // OpenRLHF's name of the head, which is score now.
            if (json.ContainsKey("value_head_prefix"))
            {
                json["value_head_prefix"] = "score";
            }
        }
        json.Remove("dtype");
        json["torch_dtype"] = "float32";
        family.ToOlder(config, json);
        return json;
    }
}
