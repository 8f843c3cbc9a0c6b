using System.Text.Json.Nodes;
using Prefer.Models.Families;

namespace Prefer.Models;

/// <summary>The <c>config.json</c> that is written: the older spelling, which both generations of Hugging Face's code read.</summary>
internal static class SavedConfig
{
    internal static JsonObject Of(ModelConfig config, Family family)
    {
        var json = config.Json.DeepClone().AsObject();
        json["architectures"] = new JsonArray(family.Architecture);
        json["id2label"] = new JsonObject { ["0"] = "LABEL_0" };
        json["label2id"] = new JsonObject { ["LABEL_0"] = 0 };
        json.Remove("num_labels");
        json.Remove("dtype");
        json["torch_dtype"] = "float32";
        family.ToOlder(config, json);
        return json;
    }
}
