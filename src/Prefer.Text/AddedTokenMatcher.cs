using System.Text;
using Prefer.Text.Models;
using Prefer.Text.Unicode;

namespace Prefer.Text;

/// <summary>A stretch of text: an added token where <see cref="AddedId"/> is set, otherwise text for the model.</summary>
internal readonly record struct Fragment(AlignedText Text, int? AddedId);

/// <summary>Finds added tokens in a text: the leftmost, and of those that start there the longest.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly (string Pattern, AddedToken Token)[] _entries;
    private readonly TokenTrie _trie; // of indices into the entries
    private readonly System.Buffers.SearchValues<char> _firstUnits;

    /// <summary>Where two tokens have the same pattern, the one of the lower id is found; an empty pattern is never found.</summary>
    public AddedTokenMatcher(IEnumerable<(string Pattern, AddedToken Token)> tokens)
    {
        _entries = [.. tokens.Where(entry => entry.Pattern.Length > 0).OrderBy(entry => entry.Token.Id).DistinctBy(entry => entry.Pattern, StringComparer.Ordinal)];
        _trie = new TokenTrie(_entries.Select((entry, index) => KeyValuePair.Create(entry.Pattern, index)));
        _firstUnits = System.Buffers.SearchValues.Create([.. _entries.Select(entry => entry.Pattern[0]).Distinct()]);
    }

    /// <summary>Cuts a text at its added tokens; the fragments that are not empty, in order.</summary>
    public IEnumerable<Fragment> Split(AlignedText text)
    {
        var done = 0;
        for (var index = NextFirstUnit(text, 0); index is { } at;)
        {
            if (MatchAt(text, at) is not var (pattern, token))
            {
                index = NextFirstUnit(text, at + 1);
                continue;
            }

            var (start, end) = (at, at + pattern.Length);
            index = NextFirstUnit(text, end);
            if (token.SingleWord && (EndsInWord(text.Units[..start]) || StartsWithWord(text.Units[end..])))
            {
                continue;
            }

            // White space that an earlier token took stays with that token.
            start = token.StripLeft ? Math.Max(done, text.Units[..start].TrimEnd().Length) : start;
            end = token.StripRight ? text.Length - text.Units[end..].TrimStart().Length : end;
            if (start >= end)
            {
                continue; // Nothing of a token that is itself white space is left.
            }

            if (done < start)
            {
                yield return new Fragment(text.Slice(done, start - done), null);
            }

            yield return new Fragment(text.Slice(start, end - start), token.Id);
            done = end;
        }

        if (done < text.Length)
        {
            yield return new Fragment(text.Slice(done), null);
        }
    }

    private int? NextFirstUnit(AlignedText text, int from)
    {
        var found = text.Units[from..].IndexOfAny(_firstUnits);
        return found < 0 ? null : from + found;
    }

    private (string Pattern, AddedToken Token)? MatchAt(AlignedText text, int at)
    {
        var units = text.Units[at..];
        var longest = TokenTrie.NoToken;
        var node = TokenTrie.Root;
        for (var i = 0; i < units.Length && _trie.TryStep(ref node, units[i]); i++)
        {
            longest = _trie.IdAt(node) is not TokenTrie.NoToken and var index ? index : longest;
        }

        return longest == TokenTrie.NoToken ? null : _entries[longest];
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) =>
        Rune.DecodeLastFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && RustCharacters.Word.Contains(rune.Value);

    private static bool StartsWithWord(ReadOnlySpan<char> text) =>
        Rune.DecodeFromUtf16(text, out var rune, out _) == System.Buffers.OperationStatus.Done && RustCharacters.Word.Contains(rune.Value);
}
