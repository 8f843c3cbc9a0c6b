using System.Globalization;
using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>What stands after a backslash.</summary>
internal sealed partial class PatternParser
{
    private PatternNode ReadEscape()
    {
        var letter = Next();
        if (PatternClasses.OfEscape(letter, inBrackets: false) is { } set)
        {
            return new SetNode(set);
        }

        if (ReadProperty(letter) is { } property)
        {
            return new SetNode(property);
        }

        switch (letter)
        {
            case 'b':
                return new AnchorNode(PatternOperation.WordBoundary);
            case 'B':
                return new AnchorNode(PatternOperation.NoWordBoundary);
            case 'A':
                return new AnchorNode(PatternOperation.TextStart);
            case 'Z':
                return new AnchorNode(PatternOperation.LastLineEnd);
            case 'z':
                return new AnchorNode(PatternOperation.TextEnd);
            case 'G':
                return new AnchorNode(PatternOperation.SearchStart);
            case 'K':
                return new AnchorNode(PatternOperation.Keep);
            case 'N':
                return new SetNode(PatternClasses.NotLineFeed);
            case 'O':
                return new SetNode(CodePointSet.All);
            case 'R':
                return Atomic(new AlternationNode(
                    [
                        new SequenceNode([new LiteralNode('\r', IgnoresCase: false), new LiteralNode('\n', IgnoresCase: false)]),
                        new SetNode(PatternClasses.LineBreaks),
                    ]));
            case 'X' or 'y' or 'Y':
                throw Unsupported($"\"\\{(char)letter}\"");
            case 'g' when Sees("<") || Sees("'"):
                throw Unsupported("\"\\g\"");
            case 'k' when Take("<"):
                return ReadNamedReference('>');
            case 'k' when Take("'"):
                return ReadNamedReference('\'');
            case >= '1' and <= '9' when ReadNumberedReference(letter - '0') is { } reference:
                return reference;
            default:
                return new LiteralNode(ReadCharacter(letter, inBrackets: false), _ignoresCase);
        }
    }

    private CodePointSet? ReadProperty(int letter)
    {
        if (letter is not ('p' or 'P') || !Take("{"))
        {
            return null;
        }

        var isNegated = letter == 'P' ^ Take("^");
        var start = _at;
        while (Next() != '}')
        {
        }

        var name = Text(start, _at - 1);
        var set = PatternClasses.OfProperty(name) ?? throw Refusal($"names the property \"{name}\", which is not known");
        return isNegated ? set.Complement() : set;
    }

    private BackreferenceNode ReadNamedReference(char closing)
    {
        var start = _at;
        while (Next() != closing)
        {
        }

        var name = Text(start, _at - 1);
        if (int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            _hasNumberedReferences = true;
            var index = number < 0 ? _groupCount + 1 + number : number;
            return index >= 1 && index <= _groupCount
                ? new BackreferenceNode([index], _ignoresCase)
                : throw Unsupported($"a reference to group {number}, which is not before it");
        }

        return _names.TryGetValue(name, out var groups)
            ? new BackreferenceNode([.. groups.AsEnumerable().Reverse()], _ignoresCase)
            : throw Refusal($"refers to a group \"{name}\", which is not before it");
    }

    /// <summary>Null where the digits are no reference but an octal number.</summary>
    private BackreferenceNode? ReadNumberedReference(int firstDigit)
    {
        var start = _at;
        var number = firstDigit;
        while (!IsAtEnd && _codes[_at] is >= '0' and <= '9' && number < 1000)
        {
            number = 10 * number + _codes[_at++] - '0';
        }

        if (number <= _groupCount && _hasUnnamedGroups)
        {
            _hasNumberedReferences = true;
            return new BackreferenceNode([number], _ignoresCase);
        }

        if (number <= 9)
        {
            throw Unsupported($"a reference to group {number}, which is not before it");
        }

        _at = start;
        return null;
    }

    /// <summary>The code point that an escape stands for, the letter after the backslash being taken already.</summary>
    private int ReadCharacter(int letter, bool inBrackets)
    {
        switch (letter)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
            case 'a':
                return '\a';
            case 'e':
                return 0x1B;
            case 'b' when inBrackets:
                return '\b';
            case 'u':
                return ReadDigits(16, 4, 4);
            case 'x' when Take("{"):
                return ReadBraced(16, 8);
            case 'o' when Take("{"):
                return ReadBraced(8, 11);
            case 'x':
                return ReadBytes();
            case >= '0' and <= '7':
                _at--;
                return ReadDigits(8, 1, 3);
            case 'c':
                return Next() & 0x1F;
            case 'C' or 'M' when Sees("-"):
                throw Unsupported($"\"\\{(char)letter}-\"");
            default:
                return letter;
        }
    }

    private int ReadBraced(int radix, int mostDigits)
    {
        var code = ReadDigits(radix, 1, mostDigits);
        return Take("}") ? code : throw Unsupported("a sequence of code points in one escape");
    }

    private int ReadDigits(int radix, int fewest, int most)
    {
        var value = 0L;
        var count = 0;
        while (count < most && !IsAtEnd && Digit(_codes[_at]) is { } digit && digit < radix)
        {
            value = radix * value + digit;
            _at++;
            count++;
        }

        return count >= fewest && Rune.IsValid((int)Math.Min(value, int.MaxValue)) ? (int)value : throw Refusal("has an escape that is no code point");
    }

    /// <summary>Bytes from 80 on are the UTF-8 of a character, written byte by byte.</summary>
    private int ReadBytes()
    {
        Span<byte> bytes = stackalloc byte[4];
        bytes[0] = (byte)ReadDigits(16, 1, 2);
        if (bytes[0] < 0x80)
        {
            return bytes[0];
        }

        for (var count = 1; count < 4 && Take("\\x"); count++)
        {
            bytes[count] = (byte)ReadDigits(16, 1, 2);
            if (Rune.DecodeFromUtf8(bytes[..(count + 1)], out var rune, out _) == System.Buffers.OperationStatus.Done)
            {
                return rune.Value;
            }
        }

        throw Refusal("has bytes that are no UTF-8");
    }

    private static int? Digit(int code) => code switch
    {
        >= '0' and <= '9' => code - '0',
        >= 'a' and <= 'f' => code - 'a' + 10,
        >= 'A' and <= 'F' => code - 'A' + 10,
        _ => null,
    };
}
