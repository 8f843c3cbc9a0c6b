namespace Prefer.Text.Conversion;

/// <summary>A folder whose vocabulary is being converted, and the settings beside it.</summary>
internal sealed record VocabularyFolder(string Folder, TokenizerSettings Settings)
{
    /// <summary>Names that SentencePiece models go by.</summary>
    public static readonly string[] SentencePieceNames = ["tokenizer.model", "spiece.model", "spm.model", "sentencepiece.bpe.model"];

    public string PathOf(string name) => Path.Combine(Folder, name);

    public bool Has(string name) => File.Exists(PathOf(name));

    /// <summary>The file as UTF-8.</summary>
    public string Text(string name)
    {
        try
        {
            return new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(Bytes(name));
        }
        catch (System.Text.DecoderFallbackException error)
        {
            throw new TokenizerException($"{PathOf(name)}: is not UTF-8 at byte {error.Index + 1}", error);
        }
    }

    public SentencePieceModel SentencePiece()
    {
        var name = SentencePieceNames.First(Has);
        return SentencePieceModel.Read(Bytes(name), PathOf(name));
    }

    /// <summary>The token of a role that the post-processor needs.</summary>
    public string Known(string role, IReadOnlyDictionary<string, int> ids)
    {
        var token = Settings.Role(role) ?? throw new TokenizerException($"{Settings.Place}: has no {role}, which a tokenizer of this class puts around a text");
        return ids.ContainsKey(token) ? token : throw new TokenizerException($"{Settings.Place}: its {role} is \"{token}\", which is not in the vocabulary of {Folder}");
    }

    /// <summary>An exception about the folder's SentencePiece model, for the caller to throw.</summary>
    public TokenizerException Refusal(string finding) => new($"{PathOf(SentencePieceNames.First(Has))}: {finding}");

    private byte[] Bytes(string name)
    {
        try
        {
            return File.ReadAllBytes(PathOf(name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{PathOf(name)}: cannot be read: {error.Message}", error);
        }
    }
}
