using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.Normalizers;

/// <summary>Takes out combining marks, those of Unicode 9. Letters that carry one stay as they are: a decomposition has to come before.</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    private static readonly CodePointSet Marks = CodePointTable.Unicode9["marks"];

    public AlignedText Normalize(AlignedText text) =>
        text.Units.ContainsAnyExceptInRange('\0', '\u02FF') ? text.Map(rune => Marks.Contains(rune.Value) ? default(Rune?) : rune) : text;
}
