using System.Text.Json;
using Prefer.Text.Conversion;
using Prefer.Text.Decoders;
using Prefer.Text.Models;
using Prefer.Text.Normalizers;
using Prefer.Text.PostProcessors;
using Prefer.Text.PreTokenizers;

namespace Prefer.Text;

/// <summary>Reading and writing of <c>tokenizer.json</c>.</summary>
public sealed partial class Tokenizer
{
    private Tokenizer(JsonPlace place, byte[] json)
    {
        place.Allow(
            "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        if (place.Optional("version") is { } version && version.Text() != "1.0")
        {
            throw version.Refusal($"is \"{version.Text()}\", expected \"1.0\"");
        }

        Json = json;
        _model = ModelKinds.Read(place.Required("model"));
        _normalizer = Part(place, "normalizer", NormalizerKinds.Table);
        _preTokenizer = Part(place, "pre_tokenizer", PreTokenizerKinds.Table);
        IPreTokenizer[] parts = [.. PreTokenizerSequence.PartsOf(_preTokenizer)];
        var cutterCount = Math.Max(Math.Min(1, parts.Length), 1 + Array.FindLastIndex(parts, part => part.LooksAtPlaces));
        (_cutters, _wordPreTokenizers) = (parts[..cutterCount], parts[cutterCount..]);
        _postProcessor = Part(place, "post_processor", PostProcessorKinds.Table);
        _decoder = Part(place, "decoder", DecoderKinds.Table);
        _added = AddedVocabulary.Read(place.Optional("added_tokens"), _model.Vocabulary, _normalizer);

        VocabularySize = _model.Vocabulary.Count + _added.Contents.Count(content => _model.Vocabulary.IdOf(content) is null);
        LargestId = AddedTokens.Select(token => (int?)token.Id)
            .Concat(Single.Concat(Pair).SelectMany(piece => piece.SpecialIds).Select(id => (int?)id))
            .Append(_model.Vocabulary.LargestId).Max()
            ?? throw place.Refusal("has no token at all");
    }

    /// <summary>Reads a <c>tokenizer.json</c>.</summary>
    /// <exception cref="TokenizerException">The file is missing or unreadable, is not JSON, or says something that is not supported.</exception>
    public static Tokenizer Load(string tokenizerJsonPath)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(tokenizerJsonPath);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{tokenizerJsonPath}: cannot be read: {error.Message}", error);
        }

        return Read(json, tokenizerJsonPath);
    }

    /// <summary>
    /// The tokenizer of a model folder as transformers loads it: its tokenizer.json, or one made of its vocabulary (vocab.txt, vocab.json and
    /// merges.txt, a SentencePiece model), with the tokens and the <c>add_bos_token</c> of its tokenizer_config.json. Null where the folder
    /// has neither.
    /// </summary>
    /// <exception cref="TokenizerException">A file is unreadable or not supported, or it is not known how the vocabulary is used.</exception>
    public static Tokenizer? LoadFolder(string folder)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        var settings = TokenizerSettings.Read(folder);
        if (File.Exists(path))
        {
            settings.Assume(TokenizerFamily.OfClass(settings)?.Roles ?? []);
            return SettingsApplied.To(Load(path), settings, path);
        }

        return TokenizerFamily.ConvertFolder(new VocabularyFolder(folder, settings)) is { } json
            ? SettingsApplied.To(FromJson(json.ToJsonString(Conversion.Part.Style), path), settings, path)
            : null;
    }

    /// <summary>Reads the content of a <c>tokenizer.json</c>.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What messages call it.</param>
    public static Tokenizer FromJson(ReadOnlySpan<byte> json, string name) => Read(json.ToArray(), name);

    /// <inheritdoc cref="FromJson(ReadOnlySpan{byte}, string)"/>
    public static Tokenizer FromJson(string json, string name) => Read(System.Text.Encoding.UTF8.GetBytes(json), name);

    /// <summary>Writes the file that the tokenizer was read from, byte for byte. A reader sees the old file or the new one, never a part.</summary>
    public void Save(string path)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(Json.Span);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static Tokenizer Read(byte[] json, string name)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            var position = $"line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}";
            throw new TokenizerException($"{name}: is not valid JSON at {position} of {json.Length} bytes; expected a tokenizer.json", error);
        }

        using (document)
        {
            return new Tokenizer(new JsonPlace(document.RootElement, "", name), json);
        }
    }

    private static TPart? Part<TPart>(JsonPlace place, string name, KindTable<TPart> kinds)
        where TPart : class =>
        place.Optional(name) is { } part ? kinds.Read(part) : null;
}
