using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>
/// Reads a regular expression as Oniguruma's own syntax has it, on code points. Not read, and refused by name: calls of groups, conditions,
/// callouts, absent expressions, text segments (<c>\X \y \Y</c>) and the options W, D, S, P, y, C, I and L.
/// </summary>
internal sealed partial class PatternParser
{
    private const int LargestCount = 100_000, DeepestNesting = 200;

    private readonly int[] _codes;
    private readonly Dictionary<string, List<int>> _names = new(StringComparer.Ordinal);
    private int _at, _depth, _behindDepth, _groupCount;
    private bool _hasUnnamedGroups, _hasNumberedReferences;
    private bool _ignoresCase, _dotTakesAll, _isExtended;

    private PatternParser(string pattern) => _codes = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];

    /// <returns>The pattern and how many groups can be referred to.</returns>
    public static (PatternNode Root, int GroupCount) Parse(string pattern)
    {
        var parser = new PatternParser(pattern);
        var root = parser.ReadAlternatives();
        if (parser._at < parser._codes.Length)
        {
            throw parser.Refusal("has a \")\" without its \"(\"");
        }

        if (parser._names.Count > 0 && parser._hasNumberedReferences)
        {
            throw parser.Refusal("refers to a group by its number although groups have names");
        }

        return (root, parser._groupCount);
    }

    private bool IsAtEnd => _at >= _codes.Length;

    private PatternException Refusal(string finding) => new($"{finding} (at character {Math.Min(_at, _codes.Length)})");

    private PatternException Unsupported(string what) => Refusal($"uses {what}, which is not supported");

    private bool Sees(ReadOnlySpan<char> text)
    {
        if (_at + text.Length > _codes.Length)
        {
            return false;
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (_codes[_at + i] != text[i])
            {
                return false;
            }
        }

        return true;
    }

    private bool Take(ReadOnlySpan<char> text)
    {
        var sees = Sees(text);
        _at += sees ? text.Length : 0;
        return sees;
    }

    private int Next() => IsAtEnd ? throw Refusal("ends in the middle of a part") : _codes[_at++];

    private PatternNode ReadAlternatives()
    {
        if (++_depth > DeepestNesting)
        {
            throw Refusal($"is nested more than {DeepestNesting} deep");
        }

        var branches = new List<PatternNode> { ReadBranch() };
        while (Take("|"))
        {
            branches.Add(ReadBranch());
        }

        _depth--;
        return branches.Count == 1 ? branches[0] : new AlternationNode(branches);
    }

    private PatternNode ReadBranch()
    {
        var parts = new List<PatternNode>();
        while (true)
        {
            SkipComments();
            if (IsAtEnd || Sees("|") || Sees(")"))
            {
                return Sequence(parts);
            }

            if (ReadIsolatedOptions() is { } rest)
            {
                parts.Add(rest);
                return Sequence(parts);
            }

            parts.Add(ReadRepeats(ReadPart()));
        }
    }

    /// <summary>Comments, and in extended mode white space.</summary>
    private void SkipComments()
    {
        while (true)
        {
            if (Take("(?#"))
            {
                for (var code = Next(); code != ')'; code = Next())
                {
                    _at += code == '\\' ? 1 : 0;
                }
            }
            else if (_isExtended && !IsAtEnd && _codes[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else if (_isExtended && Take("#"))
            {
                while (!IsAtEnd && _codes[_at++] != '\n')
                {
                }
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Literals that ignore case next to each other may be one character of the text: "ss" is ß.</summary>
    private PatternNode Sequence(List<PatternNode> parts)
    {
        var result = new List<PatternNode>(parts.Count);
        for (var i = 0; i < parts.Count;)
        {
            if (parts[i] is not LiteralNode { IgnoresCase: true })
            {
                result.Add(parts[i++]);
                continue;
            }

            var run = new List<LiteralNode>();
            while (i < parts.Count && parts[i] is LiteralNode { IgnoresCase: true } literal)
            {
                run.Add(literal);
                i++;
            }

            result.Add(FoldedRun(run, 0));
        }

        return result.Count == 1 ? result[0] : new SequenceNode(result);
    }

    private PatternNode FoldedRun(List<LiteralNode> run, int start)
    {
        var parts = new List<PatternNode>();
        for (var i = start; i < run.Count; i++)
        {
            var choices = _behindDepth > 0 ? [] : CaseFolding.Sequences.Where(entry => IsFolded(entry.Folded, run, i)).ToList();
            if (choices.Count == 0)
            {
                parts.Add(FoldedLiteral(run[i].Code));
                continue;
            }

            var branches = choices.Select(PatternNode (choice) => new SequenceNode(
                [new SetNode(choice.From), FoldedRun(run, i + choice.Folded.Length)]));
            parts.Add(new AlternationNode([.. branches, new SequenceNode([FoldedLiteral(run[i].Code), FoldedRun(run, i + 1)])]));
            break;
        }

        return parts.Count == 1 ? parts[0] : new SequenceNode(parts);

        static bool IsFolded(int[] folded, List<LiteralNode> run, int start) => start + folded.Length <= run.Count
            && folded.Select((code, index) => CaseFolding.Fold(run[start + index].Code) == code).All(same => same);
    }

    private PatternNode FoldedLiteral(int code) => Folded(CaseFolding.EqualTo(code));

    /// <summary>A closed set, or what its members fold to where that is several characters.</summary>
    private PatternNode Folded(CodePointSet set)
    {
        PatternNode[] sequences = _behindDepth > 0
            ? []
            : [.. CaseFolding.Sequences.Where(entry => entry.From.Overlaps(set)).Select(entry => Unfolded(entry.Folded))];
        return sequences.Length == 0
            ? new SetNode(set)
            : new AlternationNode([new SetNode(set), .. sequences]);

        static PatternNode Unfolded(int[] folded) =>
            new SequenceNode([.. folded.Select(PatternNode (code) => new SetNode(CaseFolding.EqualTo(code)))]);    }

    private PatternNode ReadRepeats(PatternNode part)
    {
        SkipComments();
        while (ReadRepeat() is var (least, most, isLazy, isPossessive))
        {
            if (IsOnlyPlace(part))
            {
                throw Refusal("repeats a part that takes nothing");
            }

            var body = part is LiteralNode { IgnoresCase: true } literal ? FoldedLiteral(literal.Code) : part;
            part = new RepeatNode(body, least, most, isLazy);
            part = isPossessive ? Atomic(part) : part;
            SkipComments();
        }

        return part;
    }

    /// <summary>In a look-behind the reference ends the text at the place; that matters only to what takes all it can get.</summary>
    private AtomicNode Atomic(PatternNode body) =>
        _behindDepth == 0 ? new AtomicNode(body) : throw Unsupported("a part of a look-behind that is not tried again");

    private static bool IsOnlyPlace(PatternNode part) =>
        part is AnchorNode or LookNode || (part is AlternationNode alternation && alternation.Branches.Any(IsOnlyPlace));

    private (int Least, int? Most, bool IsLazy, bool IsPossessive)? ReadRepeat()
    {
        (int Least, int? Most)? counts = Take("*") ? (0, null) : Take("+") ? (1, null) : Take("?") ? (0, 1) : null;
        if (counts is var (least, most))
        {
            return Take("?") ? (least, most, true, false) : (least, most, false, Take("+"));
        }

        if (ReadInterval() is not var (from, to, isFixed))
        {
            return null;
        }

        // {n}? is an optional {n}, {n,m}+ a repeated {n,m}, and {m,n} with m > n possessive: so Oniguruma reads them.
        return from > to ? (to.Value, from, false, true) : (from, to, !isFixed && Take("?"), false);
    }

    /// <summary>{n}, {n,}, {,m} or {n,m}; null, and nothing is taken, for anything else, which then stands for itself.</summary>
    private (int From, int? To, bool IsFixed)? ReadInterval()
    {
        var start = _at;
        if (!Take("{"))
        {
            return null;
        }

        var from = ReadCount();
        var hasComma = Take(",");
        var to = hasComma ? ReadCount() : from;
        if (!Take("}") || (from is null && to is null))
        {
            _at = start;
            return null;
        }

        return (from ?? 0, to, !hasComma);
    }

    private int? ReadCount()
    {
        var start = _at;
        var value = 0;
        while (!IsAtEnd && _codes[_at] is >= '0' and <= '9')
        {
            value = 10 * value + _codes[_at++] - '0';
            if (value > LargestCount)
            {
                throw Refusal($"repeats more than {LargestCount} times");
            }
        }

        return _at > start ? value : null;
    }

    private PatternNode ReadPart()
    {
        if (ReadInterval() is not null)
        {
            throw Refusal("has a quantifier with nothing before it");
        }

        var code = Next();
        switch (code)
        {
            case '\\':
                return ReadEscape();
            case '[':
                return ReadClass();
            case '(':
                return ReadGroup();
            case '.':
                return new SetNode(_dotTakesAll ? CodePointSet.All : PatternClasses.NotLineFeed);
            case '^':
                return new AnchorNode(PatternOperation.LineStart);
            case '$':
                return new AnchorNode(PatternOperation.LineEnd);
            case '*' or '+' or '?':
                throw Refusal("has a quantifier with nothing before it");
            default:
                return new LiteralNode(code, _ignoresCase);
        }
    }

    private PatternNode ReadClass()
    {
        var (set, isNegated) = ReadBrackets();
        if (!_ignoresCase)
        {
            return new SetNode(isNegated ? set.Complement() : set);
        }

        var closed = CaseFolding.Close(set);
        return isNegated ? new SetNode(closed.Complement()) : Folded(closed);
    }
}
