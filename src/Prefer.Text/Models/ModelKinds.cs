namespace Prefer.Text.Models;

/// <summary>The models that can be read.</summary>
internal static class ModelKinds
{
    private static readonly KindTable<IModel> Table = new("model", new()
    {
        ["BPE"] = BytePairModel.Read,
        ["Unigram"] = UnigramModel.Read,
        ["WordLevel"] = WordLevelModel.Read,
        ["WordPiece"] = WordPieceModel.Read,
    });

    public static IModel Read(JsonPlace place) => Table.Read(place, place.Optional("type")?.Text() ?? Recognise(place));

    /// <summary>Older files do not name the kind of their model; it shows in the fields.</summary>
    private static string Recognise(JsonPlace place) =>
        place.Optional("merges") is not null ? "BPE"
        : place.Optional("vocab") is { IsArray: true } ? "Unigram"
        : place.Optional("max_input_chars_per_word") is not null ? "WordPiece"
        : place.Optional("vocab") is not null ? "WordLevel"
        : throw place.Refusal("has neither a \"type\" nor a \"vocab\"");
}
