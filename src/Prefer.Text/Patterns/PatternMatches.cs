namespace Prefer.Text.Patterns;

/// <summary>
/// The matches of a pattern in a text, found one by one. An empty match where the match before it ended is passed over, as the reference does;
/// an empty text has none.
/// </summary>
internal ref struct PatternMatches
{
    private readonly Pattern _pattern;
    private readonly ReadOnlySpan<char> _text;
    private int _from;
    private int _lastEnd;

    public PatternMatches(Pattern pattern, ReadOnlySpan<char> text)
    {
        _pattern = pattern;
        _text = text;
        _lastEnd = text.IsEmpty ? 0 : -1;
        _from = text.IsEmpty ? 1 : 0;
    }

    public (int Start, int End) Current { get; private set; }

    public readonly PatternMatches GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_from <= _text.Length)
        {
            if (!PatternMatcher.TryFind(_pattern, _text, _from, out var start, out var end))
            {
                _from = _text.Length + 1;
                return false;
            }

            if (start == end && end == _lastEnd)
            {
                _from += _from < _text.Length && char.IsHighSurrogate(_text[_from]) ? 2 : 1;
                continue;
            }

            _from = end;
            _lastEnd = end;
            Current = (start, end);
            return true;
        }

        return false;
    }
}
