namespace Prefer.Text.Patterns;

/// <summary>What stands in parentheses.</summary>
internal sealed partial class PatternParser
{
    private PatternNode ReadGroup()
    {
        if (Sees("*"))
        {
            throw Unsupported("a callout, \"(*\"");
        }

        if (!Take("?"))
        {
            _hasUnnamedGroups = true;
            var index = ++_groupCount;
            return new GroupNode(ReadToClosing(), index);
        }

        if (Take(":"))
        {
            return ReadToClosing();
        }

        if (Take("="))
        {
            return new LookNode(ReadToClosing(), IsBehind: false, IsNegative: false);
        }

        if (Take("!"))
        {
            return new LookNode(ReadToClosing(), IsBehind: false, IsNegative: true);
        }

        if (Take(">"))
        {
            return Atomic(ReadToClosing());
        }

        if (Take("<=") || Sees("<!"))
        {
            var isNegative = Take("<!");
            _behindDepth++;
            var body = ReadToClosing();
            _behindDepth--;
            return new LookNode(body, IsBehind: true, isNegative);
        }

        if (Take("<"))
        {
            return ReadNamedGroup('>');
        }

        return Take("'") ? ReadNamedGroup('\'') : ReadOptionGroup();
    }

    private GroupNode ReadNamedGroup(char closing)
    {
        var name = ReadName(closing);
        var index = ++_groupCount;
        if (!_names.TryGetValue(name, out var groups))
        {
            _names.Add(name, groups = []);
        }

        groups.Add(index);
        return new GroupNode(ReadToClosing(), index);
    }

    private string ReadName(char closing)
    {
        var start = _at;
        while (Next() != closing)
        {
        }

        var name = Text(start, _at - 1);
        return name.Length > 0 && PatternClasses.Word.Contains(char.ConvertToUtf32(name, 0)) && !char.IsAsciiDigit(name[0])
            ? name
            : throw Refusal($"names a group \"{name}\"");
    }

    private string Text(int start, int end) => string.Concat(_codes[start..end].Select(char.ConvertFromUtf32));

    private SequenceNode ReadOptionGroup()
    {
        var saved = (_ignoresCase, _dotTakesAll, _isExtended);
        ReadOptions();
        if (!Take(":"))
        {
            throw Refusal("has options before which something is missing");
        }

        var body = ReadToClosing();
        (_ignoresCase, _dotTakesAll, _isExtended) = saved;
        return new SequenceNode([body]);
    }

    /// <summary>Options such as <c>(?i)</c> hold to the end of the group around them, alternatives included; null where none stand.</summary>
    private PatternNode? ReadIsolatedOptions()
    {
        var start = _at;
        var saved = (_ignoresCase, _dotTakesAll, _isExtended);
        if (Take("(?") && !IsAtEnd && _codes[_at] is 'i' or 'm' or 'x' or '-')
        {
            ReadOptions();
            if (Take(")"))
            {
                var rest = ReadAlternatives();
                (_ignoresCase, _dotTakesAll, _isExtended) = saved;
                return rest;
            }
        }

        _at = start;
        (_ignoresCase, _dotTakesAll, _isExtended) = saved;
        return null;
    }

    private void ReadOptions()
    {
        var isOn = true;
        while (!Sees(":") && !Sees(")"))
        {
            var option = Next();
            switch (option)
            {
                case '-':
                    isOn = false;
                    break;
                case 'i':
                    _ignoresCase = isOn;
                    break;
                case 'm':
                    _dotTakesAll = isOn;
                    break;
                case 'x':
                    _isExtended = isOn;
                    break;
                default:
                    throw Unsupported($"\"(?{char.ConvertFromUtf32(option)}\"");
            }
        }
    }

    private PatternNode ReadToClosing()
    {
        var body = ReadAlternatives();
        return Take(")") ? body : throw Refusal("has a \"(\" without its \")\"");
    }
}
