namespace Prefer.Text.Decoders;

/// <summary>Speech models' tokens, one a frame: repetitions become one token, padding goes, and with clean-up the word delimiter becomes a space.</summary>
internal sealed class CtcDecoder : IDecoder
{
    private readonly string _padding, _wordDelimiter;
    private readonly bool _cleansUp;

    private CtcDecoder(JsonPlace place)
    {
        _padding = place.Text("pad_token", "<pad>");
        _wordDelimiter = place.Text("word_delimiter_token", "|");
        _cleansUp = place.Flag("cleanup", true);
        if (_padding.Length == 0 || _wordDelimiter.Length == 0)
        {
            throw place.Refusal("has an empty pad_token or word_delimiter_token, which can be in no token");
        }
    }

    public static IDecoder Read(JsonPlace place) => new CtcDecoder(place);

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens)
    {
        var pieces = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1])
            {
                continue;
            }

            var piece = tokens[i].Replace(_padding, "", StringComparison.Ordinal);
            if (_cleansUp)
            {
                piece = WordPieceDecoder.CleanUp(piece).Replace(_wordDelimiter, " ", StringComparison.Ordinal);
            }

            if (piece.Length > 0)
            {
                pieces.Add(piece);
            }
        }

        return pieces;
    }
}
