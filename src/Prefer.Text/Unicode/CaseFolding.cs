using System.Collections.Frozen;
using System.Globalization;

namespace Prefer.Text.Unicode;

/// <summary>
/// What is equal when case is ignored: full case folding of Unicode 16 from the embedded <c>casefolding.txt</c>. Some characters fold to
/// two or three: ß to ss.
/// </summary>
internal static class CaseFolding
{
    private static readonly FrozenDictionary<int, CodePointSet> Classes;
    private static readonly FrozenDictionary<int, int> Folds;

    static CaseFolding()
    {
        var classes = new Dictionary<int, CodePointSet>();
        var folds = new Dictionary<int, int>();
        var sequences = new List<(int[] Folded, CodePointSet From)>();
        foreach (var line in EmbeddedLines.Read("casefolding.txt"))
        {
            var sides = line.Split(" = ");
            int[] folded = [.. sides[0].Split(' ').Select(Hexadecimal)];
            int[] from = [.. sides[1].Split(' ').Select(Hexadecimal)];
            if (folded.Length > 1)
            {
                var origins = CodePointSet.Of(from.Select(code => (code, code)));
                sequences.Add((folded, origins));
                foreach (var code in from)
                {
                    classes.Add(code, origins);
                }

                continue;
            }

            var members = CodePointSet.Of(from.Concat(folded).Select(code => (code, code)));
            foreach (var code in from.Concat(folded))
            {
                classes.Add(code, members);
                folds.Add(code, folded[0]);
            }
        }

        Classes = classes.ToFrozenDictionary();
        Folds = folds.ToFrozenDictionary();
        Sequences = sequences;
    }

    /// <summary>What several code points are folded to, and the single ones that fold to the same.</summary>
    public static IReadOnlyList<(int[] Folded, CodePointSet From)> Sequences { get; }

    /// <summary>The one code point that a code point folds to.</summary>
    public static int Fold(int code) => Folds.GetValueOrDefault(code, code);

    /// <summary>The code points that are equal to one when case is ignored, itself among them.</summary>
    public static CodePointSet EqualTo(int code) => Classes.GetValueOrDefault(code) ?? CodePointSet.Of(code);

    /// <summary>A set with everything that is equal to one of its members.</summary>
    public static CodePointSet Close(CodePointSet set) =>
        CodePointSet.Of(set.Ranges.Concat(Classes.Where(entry => set.Contains(entry.Key)).SelectMany(entry => entry.Value.Ranges)));

    private static int Hexadecimal(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
