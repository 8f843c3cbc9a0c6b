namespace Prefer.Text.Conversion;

/// <summary>
/// The merges of a SentencePiece BPE model, which stores only its pieces: every way to cut a piece into two pieces is a merge, and a piece of
/// higher score is made earlier.
/// </summary>
internal static class SentencePieceMerges
{
    /// <param name="pieces">Pieces with their scores, each once.</param>
    /// <param name="ids">The ids of the pieces, and of any that only take part in merges.</param>
    public static List<(string Left, string Right)> Of(IReadOnlyList<(string Text, float Score)> pieces, IReadOnlyDictionary<string, int> ids)
    {
        var merges = new List<Merge>();
        var local = new List<Merge>();
        foreach (var (text, score) in pieces)
        {
            local.Clear();
            for (var cut = 1; cut < text.Length; cut++)
            {
                var (left, right) = (text[..cut], text[cut..]);
                if (!char.IsLowSurrogate(text[cut]) && ids.TryGetValue(left, out var leftId) && ids.TryGetValue(right, out var rightId))
                {
                    local.Add(new Merge(left, right, leftId, rightId, score));
                }
            }

            merges.AddRange(local.OrderBy(merge => merge.LeftId).ThenBy(merge => merge.RightId));
        }

        return
        [
            .. merges.OrderByDescending(merge => merge.Score).ThenByDescending(merge => CodePoints(merge.Left)).ThenByDescending(merge => CodePoints(merge.Right))
                .Select(merge => (merge.Left, merge.Right)),
        ];
    }

    private readonly record struct Merge(string Left, string Right, int LeftId, int RightId, float Score);

    private static int CodePoints(string text) => text.EnumerateRunes().Count();
}
