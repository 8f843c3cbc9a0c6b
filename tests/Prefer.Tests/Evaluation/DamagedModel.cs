using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Prefer.Tests.Evaluation;

/// <summary>The recorded Llama with a head of NaN.</summary>
internal static class DamagedModel
{
    public static void WriteTo(string folder)
    {
        File.Copy(Path.Combine(RecordedRewards.Folder("llama"), "config.json"), Path.Combine(folder, "config.json"));
        var bytes = File.ReadAllBytes(Path.Combine(RecordedRewards.Folder("llama"), "model.safetensors"));
        var headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var offsets = JsonNode.Parse(bytes.AsSpan(8, headerLength))!["score.weight"]!["data_offsets"]!;
        for (var at = (int)offsets[0]!; at < (int)offsets[1]!; at += 4)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(8 + headerLength + at), float.NaN);
        }

        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), bytes);
    }
}
