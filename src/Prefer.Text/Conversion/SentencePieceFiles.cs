using System.Text.Json.Nodes;

namespace Prefer.Text.Conversion;

/// <summary>Tokenizers that are a SentencePiece model, by family: what the families put around it differs.</summary>
internal static class SentencePieceFiles
{
    /// <summary>Unigram, with sentinel tokens behind the pieces and an end after the text.</summary>
    public static JsonObject T5(VocabularyFolder folder)
    {
        var model = folder.SentencePiece();
        var sentinels = folder.Settings.Count("extra_ids") ?? 100;
        List<Piece> pieces = [.. model.Pieces, .. Enumerable.Range(0, sentinels).Reverse().Select(index => Zero($"<extra_id_{index}>"))];
        var ids = Ids(pieces);
        var end = folder.Known("eos_token", ids);
        var json = Part.Tokenizer(
            Model(folder, model, pieces, ids, model.UnknownId), model.CharacterMap.IsEmpty ? null : Part.Precompiled(model.CharacterMap.AsSpan()),
            Part.Sequence("pretokenizers", Part.Of("WhitespaceSplit"), Part.Metaspace("always")),
            Part.Template(ids, [(Part.TextA, 0), (end, 0)], [(Part.TextA, 0), (end, 0), (Part.TextB, 0), (end, 0)]), Part.Metaspace("always"));
        AddTokens(json, pieces, model, ids, Enumerable.Range(0, sentinels).Select(index => $"<extra_id_{index}>"));
        return json;
    }

    /// <summary>Unigram with BERT's special tokens; <c>[MASK]</c> comes behind the pieces.</summary>
    public static JsonObject DebertaV2(VocabularyFolder folder)
    {
        var model = folder.SentencePiece();
        var ids = Ids(model.Pieces);
        var (cls, sep) = (folder.Known("cls_token", ids), folder.Known("sep_token", ids));
        List<JsonObject> normalizers = [Part.Strip(left: true, right: true)];
        if (folder.Settings.Flag("do_lower_case") == true)
        {
            normalizers.Insert(0, Part.Of("Lowercase"));
        }

        if (!model.CharacterMap.IsEmpty)
        {
            normalizers.Add(Part.Precompiled(model.CharacterMap.AsSpan()));
        }

        normalizers.Add(Part.ReplaceRegex(" {2,}", " "));
        List<JsonObject> words = [Part.Metaspace("always")];
        if (folder.Settings.Flag("split_by_punct") == true)
        {
            words.Insert(0, new JsonObject { ["type"] = "Punctuation", ["behavior"] = "Isolated" });
        }

        var json = Part.Tokenizer(
            Model(folder, model, model.Pieces, ids, model.UnknownId), Part.Sequence("normalizers", [.. normalizers]), Part.Sequence("pretokenizers", [.. words]),
            Part.Template(ids, [(cls, 0), (Part.TextA, 0), (sep, 0)], [(cls, 0), (Part.TextA, 0), (sep, 0), (Part.TextB, 1), (sep, 1)]), Part.Metaspace("always"));
        AddTokens(json, model.Pieces, model, ids, []);
        return json;
    }

    /// <summary>Unigram in fairseq's order: its four special tokens, the pieces behind SentencePiece's three, and the mask.</summary>
    public static JsonObject XlmRoberta(VocabularyFolder folder)
    {
        const int unknown = 3;
        var model = folder.SentencePiece();
        List<Piece> pieces = [Zero("<s>"), Zero("<pad>"), Zero("</s>"), Zero("<unk>"), .. model.Pieces.Skip(3), Zero("<mask>")];
        var ids = Ids(pieces);
        var (cls, sep) = (folder.Known("cls_token", ids), folder.Known("sep_token", ids));
        List<JsonObject> normalizers = model.CharacterMap.IsEmpty ? [] : [Part.Precompiled(model.CharacterMap.AsSpan())];
        normalizers.AddRange([Part.Strip(left: false, right: true), Part.ReplaceRegex(" {2,}", Part.Space)]);
        var json = Part.Tokenizer(
            Model(folder, model, pieces, ids, unknown), Part.Sequence("normalizers", [.. normalizers]),
            Part.Sequence("pretokenizers", Part.Of("WhitespaceSplit"), Part.Metaspace("always")),
            Part.Template(ids, [(cls, 0), (Part.TextA, 0), (sep, 0)], [(cls, 0), (Part.TextA, 0), (sep, 0), (sep, 0), (Part.TextB, 0), (sep, 0)]), Part.Metaspace("always"));
        AddTokens(json, pieces, model, ids, ["<s>", "<pad>", "</s>", "<unk>"]);
        return json;
    }

    /// <summary>Llama 1 and 2, Mistral, Phi-3: merges, bytes for unknown characters, a space before the text.</summary>
    public static JsonObject Llama(VocabularyFolder folder)
    {
        var model = folder.SentencePiece();
        var (settings, ids) = (folder.Settings, Ids(model.Pieces));
        var addsPrefix = settings.Flag("add_prefix_space") ?? true;

        // Legacy: the space goes before every stretch of text between special tokens, also before one that starts with a space.
        JsonObject? normalizer = null, preTokenizer = null;
        if (settings.Flag("legacy") ?? true)
        {
            var spaces = Part.ReplaceText(" ", Part.Space);
            normalizer = addsPrefix
                ? Part.Sequence("normalizers", new JsonObject { ["type"] = "Prepend", ["prepend"] = Part.Space }, spaces)
                : Part.Sequence("normalizers", spaces);
        }
        else
        {
            preTokenizer = Part.Metaspace(addsPrefix ? "first" : "never", split: false);
        }

        List<JsonObject> decoders = [Part.ReplaceText(Part.Space, " "), Part.Of("ByteFallback"), Part.Of("Fuse")];
        if (addsPrefix)
        {
            decoders.Add(new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        }

        var json = Part.Tokenizer(
            Model(folder, model, model.Pieces, ids, model.UnknownId, bytes: true), normalizer, preTokenizer, Surrounded(folder, ids), Part.Sequence("decoders", [.. decoders]));
        AddTokens(json, model.Pieces, model, ids, []);
        return json;
    }

    /// <summary>Gemma: merges, bytes for unknown characters, spaces as they are.</summary>
    public static JsonObject Gemma(VocabularyFolder folder)
    {
        const string tab = "<0x09>";
        var model = folder.SentencePiece();
        List<Piece> pieces = [.. model.Pieces];
        var ids = Ids(pieces);

        // Older files have no tab but as a byte, which then stands for it.
        if (!ids.ContainsKey("\t") && ids.Remove(tab, out var tabId))
        {
            pieces[tabId] = Zero("\t");
            ids["\t"] = tabId;
        }

        var json = Part.Tokenizer(
            Model(folder, model, pieces, ids, model.UnknownId, bytes: true), Part.ReplaceText(" ", Part.Space), Part.Split("String", " ", "MergedWithPrevious"), Surrounded(folder, ids),
            Part.Sequence("decoders", Part.ReplaceText(Part.Space, " "), Part.Of("ByteFallback"), Part.Of("Fuse")));
        AddTokens(json, pieces, model, ids, []);
        return json;
    }

    /// <summary>The beginning-of-sequence token before a text, unless it was said that there is none; nothing where add_… decides later.</summary>
    private static JsonObject? Surrounded(VocabularyFolder folder, Dictionary<string, int> ids)
    {
        if (folder.Settings.Flag("add_bos_token") is not null || folder.Settings.Flag("add_eos_token") is not null)
        {
            return null;
        }

        var bos = folder.Known("bos_token", ids);
        return Part.Template(ids, [(bos, 0), (Part.TextA, 0)], [(bos, 0), (Part.TextA, 0), (bos, 1), (Part.TextB, 1)]);
    }

    private static Piece Zero(string text) => new(text, 0, PieceKind.Control);

    private static Dictionary<string, int> Ids(IEnumerable<Piece> pieces)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (piece, id) in pieces.Select((piece, id) => (piece, id)))
        {
            ids[piece.Text] = id;
        }

        return ids;
    }

    private static JsonObject Model(
        VocabularyFolder folder, SentencePieceModel model, IReadOnlyList<Piece> pieces, Dictionary<string, int> ids, int unknownId, bool bytes = false) => model.Model switch
        {
            PieceModel.Unigram when unknownId >= 0 && unknownId < pieces.Count => Unigram(pieces, unknownId, bytes),
            PieceModel.Unigram => throw folder.Refusal($"its unknown piece has the id {unknownId}, but it has {pieces.Count} pieces"),
            PieceModel.BytePair => Part.BytePair(
                new JsonObject(ids.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, entry.Value))),
                SentencePieceMerges.Of([.. pieces.Select(piece => (piece.Text, piece.Score))], ids), model.UnknownPiece, fuse: true, bytes: bytes),
            _ => throw folder.Refusal($"the SentencePiece model is of the type {model.Model}, expected Unigram or BytePair"),
        };

    private static JsonObject Unigram(IReadOnlyList<Piece> pieces, int unknownId, bool bytes) => new()
    {
        ["type"] = "Unigram",
        ["unk_id"] = unknownId,
        ["vocab"] = new JsonArray([.. pieces.Select(piece => new JsonArray(piece.Text, (double)piece.Score))]),
        ["byte_fallback"] = bytes,
    };

    /// <summary>Control pieces are special tokens; those that a user defined are found in the text but are not special.</summary>
    private static void AddTokens(JsonObject json, IReadOnlyList<Piece> pieces, SentencePieceModel model, Dictionary<string, int> ids, IEnumerable<string> specials)
    {
        var special = specials.Concat(model.Pieces.Where(piece => piece.Kind == PieceKind.Control).Select(piece => piece.Text)).ToHashSet(StringComparer.Ordinal);
        var userDefined = model.Pieces.Where(piece => piece.Kind == PieceKind.UserDefined).Select(piece => piece.Text);
        json["added_tokens"] = new JsonArray(
        [
            .. special.Concat(userDefined).Distinct(StringComparer.Ordinal).Where(text => text.Length > 0 && ids.TryGetValue(text, out var id) && id < pieces.Count)
                .Select(text => new AddedToken(ids[text], text, Special: special.Contains(text)))
                .OrderBy(token => token.Id).Select(Part.AddedToken),
        ]);
    }
}
