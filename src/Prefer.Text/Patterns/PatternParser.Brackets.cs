using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>What stands in brackets: ranges, classes, brackets in brackets, and intersections.</summary>
internal sealed partial class PatternParser
{
    /// <summary>What came last, which is what a hyphen after it depends on.</summary>
    private enum Last
    {
        Nothing,
        Code,
        Class,
        HalfRange,
        Whole,
    }

    /// <summary>The set inside the brackets, whose "[" is taken already, and whether its complement is meant.</summary>
    private (CodePointSet Set, bool IsNegated) ReadBrackets()
    {
        if (++_depth > DeepestNesting)
        {
            throw Refusal($"is nested more than {DeepestNesting} deep");
        }

        var isNegated = Take("^");
        var brackets = new Brackets(this);
        if (Sees("]"))
        {
            if (!_codes.AsSpan(_at + 1).Contains(']'))
            {
                throw Refusal("has empty brackets");
            }

            _at++;
            brackets.Add(']');
        }

        while (!Take("]"))
        {
            ReadMember(brackets);
        }

        _depth--;
        return (brackets.Build(), isNegated);
    }

    private void ReadMember(Brackets brackets)
    {
        if (IsAtEnd)
        {
            throw Refusal("has a \"[\" without its \"]\"");
        }

        if (Take("&&"))
        {
            brackets.Intersect();
        }
        else if (ReadNamedBracket() is { } named)
        {
            brackets.Add(named);
        }
        else if (Take("["))
        {
            var (set, isNegated) = ReadBrackets();
            brackets.AddWhole(isNegated ? set.Complement() : set);
        }
        else if (Take("-"))
        {
            brackets.AddHyphen(isLast: Sees("]") || Sees("&&"));
        }
        else if (Take("\\"))
        {
            var letter = Next();
            if ((PatternClasses.OfEscape(letter, inBrackets: true) ?? ReadProperty(letter)) is { } set)
            {
                brackets.Add(set);
            }
            else
            {
                brackets.Add(ReadCharacter(letter, inBrackets: true));
            }
        }
        else
        {
            brackets.Add(Next());
        }
    }

    /// <summary><c>[:name:]</c> or <c>[:^name:]</c>; null, and nothing is taken, where none stands.</summary>
    private CodePointSet? ReadNamedBracket()
    {
        var start = _at;
        if (!Take("[:"))
        {
            return null;
        }

        var isNegated = Take("^");
        var nameStart = _at;
        while (!IsAtEnd && _codes[_at] is >= 'a' and <= 'z' or >= 'A' and <= 'Z')
        {
            _at++;
        }

        var name = Text(nameStart, _at);
        if (!Take(":]"))
        {
            _at = start;
            return null;
        }

        var set = PatternClasses.OfBracket(name) ?? throw Refusal($"names the class \"[:{name}:]\", which is not known");
        return isNegated ? set.Complement() : set;
    }

    /// <summary>The members read so far.</summary>
    private sealed class Brackets(PatternParser parser)
    {
        private readonly List<(int First, int Last)> _ranges = [];
        private CodePointSet? _intersection;
        private Last _last;
        private int _code;

        public void Add(int code)
        {
            if (_last == Last.HalfRange)
            {
                if (code < _code)
                {
                    throw parser.Refusal("has a range whose end comes before its start");
                }

                _ranges.Add((_code, code));
                _last = Last.Whole;
                return;
            }

            _ranges.Add((code, code));
            _code = code;
            _last = Last.Code;
        }

        public void Add(CodePointSet set)
        {
            if (_last == Last.HalfRange)
            {
                throw parser.Refusal("has a range that ends in a class");
            }

            _ranges.AddRange(set.Ranges);
            _last = Last.Class;
        }

        public void AddWhole(CodePointSet set)
        {
            if (_last == Last.HalfRange)
            {
                throw parser.Unsupported("brackets as the end of a range");
            }

            _ranges.AddRange(set.Ranges);
            _last = Last.Whole;
        }

        public void AddHyphen(bool isLast)
        {
            if (isLast || _last is Last.Nothing or Last.HalfRange or Last.Whole)
            {
                Add('-');
            }
            else if (_last == Last.Class)
            {
                throw parser.Refusal("has a range that starts with a class");
            }
            else
            {
                _last = Last.HalfRange;
            }
        }

        public void Intersect()
        {
            _intersection = Build();
            _ranges.Clear();
            _last = Last.Nothing;
        }

        public CodePointSet Build()
        {
            var set = CodePointSet.Of(_ranges);
            return _intersection?.Intersect(set) ?? set;
        }
    }
}
