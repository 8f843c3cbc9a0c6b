using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Prefer.Data;
using Prefer.Models.Files;

namespace Prefer.Models;

/// <summary>One probe: a fixed input and the reward it had when the folder was saved.</summary>
public sealed record Probe
{
    /// <summary>A one-turn prompt; null for a probe of ids.</summary>
    public string? Prompt { get; init; }

    /// <summary>The response to it.</summary>
    public string? Response { get; init; }

    /// <summary>Token ids, for models without a tokenizer.</summary>
    public ImmutableArray<int>? InputIds { get; init; }

    /// <summary>The reward, computed in fp32 from the weights as written.</summary>
    public double Reward { get; init; }

    internal EncodedSequence Encode(ConversationEncoder encoder) =>
        InputIds is { } ids
            ? encoder.Encode([], new Response { InputIds = ids })
            : encoder.Encode([new Message("user", Prompt ?? "")], Data.Response.FromText(Response ?? ""));
}

/// <summary>What <c>prefer.json</c> holds beside a Hugging Face model folder. See docs/formats.md.</summary>
public sealed record ModelRecord
{
    /// <summary>The file's name in the folder.</summary>
    public const string FileName = "prefer.json";

    internal static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly int[] ProbeLengths = [3, 5, 8, 12];

    /// <summary>Version of the file's layout.</summary>
    public int Format { get; init; } = 1;

    /// <summary>How text becomes tokens.</summary>
    public required EncodingOptions Encoding { get; init; }

    /// <summary>How the head's labels become a reward; null for the plain reading of a head with one label.</summary>
    public RewardReading? Reading { get; init; }

    /// <summary>What its rewards mean, once it was calibrated; null before.</summary>
    public Calibration? Calibration { get; init; }

    /// <summary>The options of the training run, or null.</summary>
    public JsonNode? Training { get; init; }

    /// <summary>What the model was trained on: files, counts and fingerprints, or null.</summary>
    public JsonNode? Data { get; init; }

    /// <summary>By what the rows it was trained on are recognised, or null.</summary>
    public FingerprintRecord? Fingerprints { get; init; }

    /// <summary>Token ids that the training data had, as <see cref="TokenSet.ToBytes"/> gives them, or null.</summary>
    public byte[]? SeenTokens { get; init; }

    /// <summary>Inputs whose rewards must come back when the folder is loaded.</summary>
    public ImmutableArray<Probe> Probe { get; init; } = [];

    /// <summary>Reads the folder's record, or null where there is none: then it is a folder that Prefer did not write.</summary>
    /// <exception cref="ModelException">The file is not what it should be.</exception>
    internal static ModelRecord? Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            var record = JsonSerializer.Deserialize<ModelRecord>(File.ReadAllBytes(path), JsonOptions);
            if (record is not { Format: 1 })
            {
                throw new ModelException($"{path}: format {record?.Format}; this version reads format 1");
            }
            record.Calibration?.Check(path);
            return record;
        }
        catch (JsonException error)
        {
            throw new ModelException($"{path}: not a record that Prefer wrote: {error.Message}", error);
        }
    }

    internal void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this, JsonOptions));

    /// <summary>The inputs that a model is probed with: short and long, plain and not, so that a lost head, another template or tokenizer shows.</summary>
    internal static ImmutableArray<Probe> NewProbe(bool isText, int vocabularySize, int maxLength) =>
        isText
            ?
            [
                new Probe { Prompt = "At what temperature does water boil at sea level?", Response = "At 100 degrees Celsius, which is 212 degrees Fahrenheit." },
                new Probe { Prompt = "At what temperature does water boil at sea level?", Response = "No idea. Look it up yourself." },
                new Probe { Prompt = "Say hello in three languages.", Response = "Hello!\nGrüß Gott!\nこんにちは 👋" },
                new Probe { Prompt = "def add(a, b):", Response = "    return a + b  # 1 + 2 == 3" },
            ]
            : [.. ProbeLengths.Select(length => new Probe { InputIds = [.. Enumerable.Range(0, Math.Min(length, maxLength)).Select(index => ((7 * length) + (13 * index) + 5) % vocabularySize)] })];
}
