using System.Text.Json.Nodes;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>What the files beside a tokenizer.json or a vocabulary change in it.</summary>
public sealed class TokenizerSettingsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_without_settings_keeps_its_file_byte_for_byte()
    {
        var json = SmallTokenizers.WordPiece().ToJsonString();
        FolderOfFiles.Write(folder, ("tokenizer.json", json));
        Assert.Equal(json, System.Text.Encoding.UTF8.GetString(Tokenizer.LoadFolder(folder.Path)!.Json.Span));
    }

    [Fact]
    public void A_folder_without_any_tokenizer_has_none() => Assert.Null(Tokenizer.LoadFolder(folder.Path));

    [Theory]
    [InlineData("""{"bos_token": "a", "eos_token": "b", "add_bos_token": true, "add_eos_token": true}""", "0 2 1", "0 2 1 0 6 1", "0 0 0 1 1 1")]
    [InlineData("""{"bos_token": "a", "eos_token": {"content": "b"}, "add_bos_token": true}""", "0 2", "0 2 0 6", "0 0 1 1")]
    [InlineData("""{"bos_token": "a", "eos_token": "b", "add_bos_token": false}""", "2", "2 6", "0 1")]
    [InlineData("""{"bos_token": null, "add_bos_token": true}""", "2", "2 6", "0 1")]
    [InlineData("""{"bos_token": "a", "eos_token": "b"}""", "2 5", "2 5 6", "0 0 0")]
    public void Add_bos_token_and_add_eos_token_decide_what_stands_around_a_text(string config, string single, string pair, string types)
    {
        var json = SmallTokenizers.BytePair();
        json["post_processor"] = JsonNode.Parse(
            """
            {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<unk>", "type_id": 0}}],
             "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<unk>", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
             "special_tokens": {"<unk>": {"id": "<unk>", "ids": [5], "tokens": ["<unk>"]}}}
            """);
        FolderOfFiles.Write(folder, ("tokenizer.json", json), ("tokenizer_config.json", config));
        var tokenizer = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal(single, string.Join(' ', tokenizer.Encode("c")));
        var encoding = tokenizer.EncodeWithOffsets("c", " ");
        Assert.Equal(pair, string.Join(' ', encoding.Ids));
        Assert.Equal(types, string.Join(' ', encoding.TypeIds));
    }

    [Fact]
    public void Tokens_that_the_settings_name_and_the_file_lacks_are_added_behind_the_others()
    {
        FolderOfFiles.Write(
            folder, ("tokenizer.json", SmallTokenizers.BytePair()),
            ("tokenizer_config.json", JsonNode.Parse(
                """
                {"added_tokens_decoder": {"8": {"content": "<y>", "lstrip": true, "special": false, "normalized": false},
                                          "7": {"content": "<x>", "special": true, "normalized": false}, "5": {"content": "<unk>", "special": true}},
                 "pad_token": "<p>", "bos_token": "<x>", "additional_special_tokens": ["<z>", {"content": "<w>", "rstrip": true}]}
                """)!));
        var tokenizer = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal(
            [
                new AddedToken(5, "<unk>", Special: true), new AddedToken(7, "<x>", Special: true), new AddedToken(8, "<y>", StripLeft: true),
                new AddedToken(9, "<p>", Special: true), new AddedToken(10, "<z>", Special: true), new AddedToken(11, "<w>", Special: true, StripRight: true, Normalized: true),
            ],
            tokenizer.AddedTokens);
        Assert.Equal([7, 4, 8, 11, 3], tokenizer.Encode("<x>abc <y><w>  ab"));
    }

    [Fact]
    public void Older_files_list_added_tokens_beside_the_special_ones()
    {
        FolderOfFiles.Write(
            folder, ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nÄb\nab\n##c\n"), ("added_tokens.json", new Dictionary<string, int> { ["<new>"] = 8 }),
            ("special_tokens_map.json", new { cls_token = "[SEP]" }), ("config.json", new { model_type = "electra" }),
            ("tokenizer_config.json", new { do_lower_case = false, strip_accents = false }));
        var tokenizer = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal([3, 5, 7, 8, 6, 3], tokenizer.Encode("Äbc <new> ab"));
        Assert.Equal("Äbc ab", tokenizer.Decode([3, 5, 7, 6, 3], skipSpecialTokens: true));
    }

    [Fact]
    public void Roberta_has_its_own_template_and_opt_its_beginning()
    {
        object vocabulary = new Dictionary<string, int> { ["<s>"] = 0, ["<pad>"] = 1, ["</s>"] = 2, ["<unk>"] = 3, ["a"] = 4, ["b"] = 5, ["ab"] = 6, ["<mask>"] = 7, ["Ġ"] = 8 };
        FolderOfFiles.Write(folder, ("vocab.json", vocabulary), ("merges.txt", "#version: 0.2\na b"), ("config.json", new { model_type = "roberta" }));
        var roberta = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal([0, 6, 7, 8, 4, 2], roberta.Encode("ab <mask> a"));
        Assert.Equal([0, 4, 2, 2, 5, 2], roberta.Encode("a", "b"));

        FolderOfFiles.Write(folder, ("config.json", new { model_type = "opt" }));
        var opt = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal([2, 6], opt.Encode("ab"));
    }

    [Fact]
    public void Xlm_roberta_moves_the_pieces_up_by_one()
    {
        (string, double, int)[] pieces = [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁a", -1, 1), ("b", -2, 1), ("▁", -3, 1)];
        FolderOfFiles.Write(
            folder, ("sentencepiece.bpe.model", FolderOfFiles.SentencePiece(pieces, model: 1, unknownId: 0)), ("config.json", new { model_type = "xlm-roberta" }));
        var tokenizer = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal([0, 4, 5, 3, 4, 2], tokenizer.Encode("ab? a"));
        Assert.Equal([0, 4, 2, 2, 6, 5, 2], tokenizer.Encode("a", "b"));
        Assert.Equal(7, tokenizer.TokenToId("<mask>"));
    }

    [Fact]
    public void Gemma_keeps_spaces_and_turns_the_byte_of_a_tab_into_a_tab()
    {
        (string, double, int)[] pieces =
        [
            ("<pad>", 0, 3), ("<eos>", 0, 3), ("<bos>", 0, 3), ("<unk>", 0, 2), .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0.0, 6)),
            ("<user>", 0, 4), ("▁a", -1, 1), ("▁▁", -2, 1), ("▁", -5, 1), ("a", -6, 1),
        ];
        FolderOfFiles.Write(
            folder, ("tokenizer.model", FolderOfFiles.SentencePiece(pieces, model: 2, unknownId: 3, bytes: true)),
            ("config.json", new { model_type = "gemma2" }), ("tokenizer_config.json", new { add_bos_token = true }));
        var tokenizer = Tokenizer.LoadFolder(folder.Path)!;
        Assert.Equal([2, 264, 263, 261, 4 + 9, 260, 4 + 0xC3, 4 + 0xA9], tokenizer.Encode("a  a\t<user>é"));
        Assert.Equal("a  a\t<user>é", tokenizer.Decode(tokenizer.Encode("a  a\t<user>é", addSpecialTokens: false)));
        Assert.Equal("\t", tokenizer.IdToToken(4 + 9));
    }

    [Fact]
    public void Llama_that_is_not_legacy_puts_no_space_behind_special_tokens()
    {
        (string, double, int)[] pieces =
            [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), .. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0.0, 6)), ("▁a", -1, 1), ("▁", -5, 1), ("a", -6, 1)];
        var model = FolderOfFiles.SentencePiece(pieces, model: 2, unknownId: 0, bytes: true);
        FolderOfFiles.Write(folder, ("tokenizer.model", model), ("tokenizer_config.json", new { tokenizer_class = "LlamaTokenizer", legacy = false, add_bos_token = true, add_eos_token = true }));
        Assert.Equal([1, 259, 2, 261, 2], Tokenizer.LoadFolder(folder.Path)!.Encode("a</s>a"));

        FolderOfFiles.Write(folder, ("tokenizer_config.json", new { tokenizer_class = "LlamaTokenizer" }));
        Assert.Equal([1, 259, 2, 259], Tokenizer.LoadFolder(folder.Path)!.Encode("a</s>a"));
    }

    [Fact]
    public void What_cannot_be_converted_is_refused()
    {
        Assert.StartsWith($"{folder.Path}: has spm.model but no tokenizer.json, and what kind of tokenizer that is was not found: tokenizer_class", Refusal(("spm.model", "x")), StringComparison.Ordinal);
        Assert.StartsWith($"{folder.Path}: a GPT2Tokenizer without tokenizer.json needs vocab.json and merges.txt; found spm.model", Refusal(("config.json", new { model_type = "gpt2" })), StringComparison.Ordinal);
        Assert.StartsWith($"{folder.File("spm.model")}: is not a SentencePiece model: ", Refusal(("config.json", new { model_type = "deberta-v2" })), StringComparison.Ordinal);
        FolderOfFiles.Write(folder, ("merges.txt", "a b c\n"), ("config.json", new { model_type = "gpt2" }));
        Assert.Equal($"{folder.File("merges.txt")}: line 1 is \"a b c\", expected two tokens with a space between them", Refusal(("vocab.json", """{"a": 0}""")));
        Assert.StartsWith($"{folder.File("vocab.json")}: is not a vocabulary", Refusal(("vocab.json", "[1]")), StringComparison.Ordinal);
        Assert.StartsWith($"{folder.File("tokenizer_config.json")}: not a JSON object: ", Refusal(("tokenizer_config.json", "[]")), StringComparison.Ordinal);
        Assert.Contains("$.bos_token is a string that is not valid Unicode", Refusal(("tokenizer_config.json", """{"bos_token": "\ud800"}"""), ("vocab.json", """{"a": 0}"""), ("merges.txt", "")), StringComparison.Ordinal);
        Assert.Equal($"{folder.File("tokenizer_config.json")}: add_bos_token is \"yes\", expected true or false", Refusal(("vocab.json", """{"a": 0}"""), ("merges.txt", ""), ("tokenizer_config.json", new { add_bos_token = "yes" })));
    }

    [Fact]
    public void Every_broken_sentencepiece_model_is_refused_in_one_way()
    {
        (string, double, int)[] pieces = [("[PAD]", 0, 3), ("[CLS]", 0, 3), ("[SEP]", 0, 3), ("[UNK]", 0, 2), ("▁a", -1, 1), ("🎉", -2, 1)];
        var file = FolderOfFiles.SentencePiece(pieces, model: 1, unknownId: 3);
        FolderOfFiles.Write(folder, ("config.json", new { model_type = "deberta-v2" }));
        var random = new Random(3);
        for (var i = 0; i < 800; i++)
        {
            var broken = file[..(i < file.Length ? i : file.Length)];
            for (var change = 0; i >= file.Length && change < 1 + (i % 3); change++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            FolderOfFiles.Write(folder, ("spm.model", broken));
            try
            {
                Tokenizer.LoadFolder(folder.Path);
            }
            catch (TokenizerException error)
            {
                Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
            }
        }
    }

    private string Refusal(params (string Name, object Content)[] files)
    {
        FolderOfFiles.Write(folder, files);
        return Assert.Throws<TokenizerException>(() => Tokenizer.LoadFolder(folder.Path)).Message;
    }
}
