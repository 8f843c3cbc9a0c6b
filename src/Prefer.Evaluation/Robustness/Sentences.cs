namespace Prefer.Evaluation.Robustness;

/// <summary>
/// A text as sentences and what stands between them. A sentence ends at a line's end, or behind <c>.</c>, <c>!</c> or <c>?</c> (and closing quotes or brackets) before white space; the full
/// stop of a list number ends none. Abbreviations are not known.
/// </summary>
/// <param name="Parts">Sentences, none empty; joined with the gaps they are the text.</param>
/// <param name="Gaps">White space before the first sentence, between them, and behind the last: one more than there are sentences.</param>
internal sealed record Sentences(IReadOnlyList<string> Parts, IReadOnlyList<string> Gaps)
{
    public static Sentences Of(string text)
    {
        List<string> parts = [], gaps = [];
        for (var at = 0; ;)
        {
            var start = SkipSpace(text, at);
            gaps.Add(text[at..start]);
            if (start == text.Length)
            {
                return new Sentences(parts, gaps);
            }

            at = End(text, start);
            parts.Add(text[start..at]);
        }
    }

    /// <summary>The text of other sentences between the same gaps.</summary>
    public static string Join(IReadOnlyList<string> parts, IReadOnlyList<string> gaps) => string.Concat(gaps.Zip(parts, (gap, part) => gap + part)) + gaps[^1];

    private static int End(string text, int start)
    {
        for (var at = start; at < text.Length; at++)
        {
            if (text[at] is '\n' or '\r')
            {
                return TrimmedEnd(text, start, at);
            }

            if (text[at] is '.' or '!' or '?' && text.AsSpan(start, at - start).ContainsAnyExceptInRange('0', '9'))
            {
                var end = at + 1;
                while (end < text.Length && ".!?\"')]”’*_".Contains(text[end], StringComparison.Ordinal))
                {
                    end++;
                }

                if (end == text.Length || char.IsWhiteSpace(text[end]))
                {
                    return end;
                }
            }
        }

        return TrimmedEnd(text, start, text.Length);
    }

    private static int TrimmedEnd(string text, int start, int end) => start + text.AsSpan(start, end - start).TrimEnd().Length;

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }

        return at;
    }
}
