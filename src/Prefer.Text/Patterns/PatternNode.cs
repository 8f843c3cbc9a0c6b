using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>A part of a regular expression as it was read.</summary>
internal abstract record PatternNode
{
    /// <summary>The least and the most code points that the part can match; the most is null where there is no bound.</summary>
    public abstract (int Least, int? Most) Length { get; }

    /// <summary>
    /// The code points that a match can begin with, and whether it may be empty. Null where the pattern does not tell.
    /// Parts that only look are empty and begin with nothing.
    /// </summary>
    public abstract (CodePointSet Set, bool MayBeEmpty)? First { get; }
}

/// <summary>One code point of a set.</summary>
internal sealed record SetNode(CodePointSet Set) : PatternNode
{
    public override (int Least, int? Most) Length => (1, 1);

    public override (CodePointSet Set, bool MayBeEmpty)? First => (Set, false);
}

/// <summary>A code point written out; neighbours that ignore case are folded together when the sequence is complete.</summary>
internal sealed record LiteralNode(int Code, bool IgnoresCase) : PatternNode
{
    public CodePointSet Set => IgnoresCase ? CaseFolding.EqualTo(Code) : CodePointSet.Of(Code);

    public override (int Least, int? Most) Length => (1, 1);

    public override (CodePointSet Set, bool MayBeEmpty)? First => (Set, false);
}

/// <summary>One part after the other; none of them is the empty match.</summary>
internal sealed record SequenceNode(IReadOnlyList<PatternNode> Parts) : PatternNode
{
    public static SequenceNode Empty { get; } = new([]);

    public override (int Least, int? Most) Length => Parts.Aggregate(
        (Least: 0, Most: (int?)0), (sum, part) => (Bounded(sum.Least + (long)part.Length.Least), sum.Most + part.Length.Most));

    public override (CodePointSet Set, bool MayBeEmpty)? First
    {
        get
        {
            var set = CodePointSet.Empty;
            foreach (var part in Parts)
            {
                if (part.First is not var (first, mayBeEmpty))
                {
                    return null;
                }

                set = set.Union(first);
                if (!mayBeEmpty)
                {
                    return (set, false);
                }
            }

            return (set, true);
        }
    }

    private static int Bounded(long length) => (int)Math.Min(length, int.MaxValue);
}

/// <summary>The first branch that lets the rest match.</summary>
internal sealed record AlternationNode(IReadOnlyList<PatternNode> Branches) : PatternNode
{
    public override (int Least, int? Most) Length =>
        (Branches.Min(branch => branch.Length.Least), Branches.Any(branch => branch.Length.Most is null) ? null : Branches.Max(branch => branch.Length.Most));

    public override (CodePointSet Set, bool MayBeEmpty)? First
    {
        get
        {
            var firsts = Branches.Select(branch => branch.First).ToList();
            return firsts.Contains(null)
                ? null
                : (CodePointSet.Of(firsts.SelectMany(first => first!.Value.Set.Ranges)), firsts.Any(first => first!.Value.MayBeEmpty));
        }
    }
}

/// <summary>A part again and again. Most is null where there is no bound.</summary>
internal sealed record RepeatNode(PatternNode Body, int Least, int? Most, bool IsLazy) : PatternNode
{
    public override (int Least, int? Most) Length =>
        ((int)Math.Min((long)Body.Length.Least * Least, int.MaxValue), Body.Length.Most is 0 ? 0 : Body.Length.Most * Most);

    public override (CodePointSet Set, bool MayBeEmpty)? First =>
        Body.First is var (set, mayBeEmpty) ? (set, mayBeEmpty || Least == 0) : null;
}

/// <summary>A part that is not tried again once it has matched: <c>(?&gt;…)</c> and possessive quantifiers.</summary>
internal sealed record AtomicNode(PatternNode Body) : PatternNode
{
    public override (int Least, int? Most) Length => Body.Length;

    public override (CodePointSet Set, bool MayBeEmpty)? First => Body.First;
}

/// <summary>A part in parentheses whose text can be referred to.</summary>
internal sealed record GroupNode(PatternNode Body, int Index) : PatternNode
{
    public override (int Least, int? Most) Length => Body.Length;

    public override (CodePointSet Set, bool MayBeEmpty)? First => Body.First;
}

/// <summary>Looks ahead or behind without taking anything.</summary>
internal sealed record LookNode(PatternNode Body, bool IsBehind, bool IsNegative) : PatternNode
{
    public override (int Least, int? Most) Length => (0, 0);

    public override (CodePointSet Set, bool MayBeEmpty)? First => (CodePointSet.Empty, true);
}

/// <summary>A condition on the place itself.</summary>
internal sealed record AnchorNode(PatternOperation Condition) : PatternNode
{
    public override (int Least, int? Most) Length => (0, 0);

    public override (CodePointSet Set, bool MayBeEmpty)? First => (CodePointSet.Empty, true);
}

/// <summary>The text of a group once more; of several groups of one name, the last that has matched.</summary>
internal sealed record BackreferenceNode(IReadOnlyList<int> Groups, bool IgnoresCase) : PatternNode
{
    public override (int Least, int? Most) Length => (0, null);

    public override (CodePointSet Set, bool MayBeEmpty)? First => null;
}
