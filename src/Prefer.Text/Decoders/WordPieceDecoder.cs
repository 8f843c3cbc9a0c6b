namespace Prefer.Text.Decoders;

/// <summary>Words with a space between them, continuations without; optionally English punctuation pulled to its word.</summary>
internal sealed class WordPieceDecoder : IDecoder
{
    private static readonly (string Spaced, string Clean)[] Cleanups =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    private readonly string _prefix;
    private readonly bool _cleansUp;

    private WordPieceDecoder(JsonPlace place)
    {
        _prefix = place.Text("prefix", "##");
        _cleansUp = place.Flag("cleanup", true);
    }

    public static IDecoder Read(JsonPlace place) => new WordPieceDecoder(place);

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens)
    {
        var pieces = new string[tokens.Count];
        for (var i = 0; i < pieces.Length; i++)
        {
            var piece = i == 0 ? tokens[i]
                : tokens[i].StartsWith(_prefix, StringComparison.Ordinal) ? tokens[i][_prefix.Length..]
                : " " + tokens[i];
            pieces[i] = _cleansUp ? CleanUp(piece) : piece;
        }

        return pieces;
    }

    /// <summary>Token by token, as the reference does it, so a pattern that spans two tokens stays.</summary>
    internal static string CleanUp(string piece) =>
        Cleanups.Aggregate(piece, (text, cleanup) => text.Replace(cleanup.Spaced, cleanup.Clean, StringComparison.Ordinal));
}
