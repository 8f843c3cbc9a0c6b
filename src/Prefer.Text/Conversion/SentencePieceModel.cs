using System.Collections.Immutable;

namespace Prefer.Text.Conversion;

/// <summary>What a piece of a SentencePiece model is, by the numbers of its file format.</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>A piece and its score: a log-probability in a Unigram model, minus the rank of its merge in a BPE model.</summary>
internal readonly record struct Piece(string Text, float Score, PieceKind Kind);

/// <summary>How a SentencePiece model cuts a text, by the numbers of its file format.</summary>
internal enum PieceModel
{
    Unigram = 1,
    BytePair = 2,
    Word = 3,
    Character = 4,
}

/// <summary>
/// A SentencePiece <c>.model</c> file, as far as a tokenizer.json can say it (sentencepiece_model.proto of google/sentencepiece). Its settings
/// for white space are not read: which of them hold is a matter of the model's family, not of the file.
/// </summary>
internal sealed record SentencePieceModel
{
    public required ImmutableArray<Piece> Pieces { get; init; }

    public PieceModel Model { get; init; } = PieceModel.Unigram;

    public bool FallsBackToBytes { get; init; }

    public int UnknownId { get; init; }

    public string UnknownPiece { get; init; } = "<unk>";

    /// <summary>Normalization rules as a trie with its replacements; empty for none.</summary>
    public ImmutableArray<byte> CharacterMap { get; init; } = [];

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="TokenizerException">They are not a SentencePiece model.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> file, string name)
    {
        try
        {
            var model = Read(file);
            return model.Pieces.IsEmpty ? throw new InvalidDataException("it has no pieces") : model;
        }
        catch (InvalidDataException error)
        {
            throw new TokenizerException($"{name}: is not a SentencePiece model: {error.Message}; expected the .model file that SentencePiece's trainer writes", error);
        }
    }

    private static SentencePieceModel Read(ReadOnlySpan<byte> file)
    {
        var pieces = ImmutableArray.CreateBuilder<Piece>();
        var model = new SentencePieceModel { Pieces = [] };
        var reader = new ProtobufReader(file);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    pieces.Add(ReadPiece(reader.Bytes(), pieces.Count));
                    break;
                case 2:
                    model = model.WithTrainer(reader.Bytes());
                    break;
                case 3:
                    model = model.WithNormalizer(reader.Bytes());
                    break;
            }
        }

        return model with { Pieces = pieces.ToImmutable() };
    }

    private static Piece ReadPiece(ReadOnlySpan<byte> message, int id)
    {
        string? text = null;
        var score = 0f;
        var kind = PieceKind.Normal;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = Text(reader.Bytes(), $"piece {id}");
                    break;
                case 2:
                    score = float.IsFinite(reader.Single()) ? reader.Single() : throw new InvalidDataException($"the score of piece {id} is not finite");
                    break;
                case 3:
                    kind = Enum.IsDefined((PieceKind)reader.Integer()) ? (PieceKind)reader.Integer() : throw new InvalidDataException($"piece {id} is of the kind {reader.Integer()}, expected 1 to 6");
                    break;
            }
        }

        return new Piece(text ?? throw new InvalidDataException($"piece {id} has no text"), score, kind);
    }

    private SentencePieceModel WithTrainer(ReadOnlySpan<byte> message)
    {
        var model = this;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            model = reader.Field switch
            {
                3 => model with { Model = Enum.IsDefined((PieceModel)reader.Integer()) ? (PieceModel)reader.Integer() : throw new InvalidDataException($"it is of the type {reader.Integer()}, expected 1 to 4") },
                35 => model with { FallsBackToBytes = reader.Flag() },
                40 => model with { UnknownId = reader.Integer() },
                45 => model with { UnknownPiece = Text(reader.Bytes(), "the unknown piece") },
                _ => model,
            };
        }

        return model;
    }

    private SentencePieceModel WithNormalizer(ReadOnlySpan<byte> message)
    {
        var model = this;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            model = reader.Field == 2 ? model with { CharacterMap = [.. reader.Bytes()] } : model;
        }

        return model;
    }

    private static string Text(ReadOnlySpan<byte> bytes, string what)
    {
        try
        {
            return new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (System.Text.DecoderFallbackException error)
        {
            throw new InvalidDataException($"{what} is not UTF-8", error);
        }
    }
}
