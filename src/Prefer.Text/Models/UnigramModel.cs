using System.Buffers;
using System.Globalization;
using System.Text;

namespace Prefer.Text.Models;

/// <summary>
/// Unigram (Kudo 2018, arXiv:1804.10959): of all ways to cut a word into tokens, the one whose log-probabilities have the largest sum, found
/// from left to right (Viterbi). Neighbouring unknown characters are one unknown token.
/// </summary>
internal sealed class UnigramModel : IModel
{
    /// <summary>How much less than the rarest token an unknown character scores.</summary>
    private const double UnknownPenalty = 10;

    /// <summary>Longer words take their working memory from the pool instead of the stack.</summary>
    private const int LongestOnStack = 128;

    private readonly TokenTrie _trie;
    private readonly double[] _scores;
    private readonly double _unknownScore;
    private readonly int? _unknownId;
    private readonly int[]? _byteIds;

    private UnigramModel(JsonPlace place)
    {
        var pieces = new List<string>();
        var scores = new List<double>();
        var list = place.Required("vocab");
        foreach (var item in list.Items())
        {
            JsonPlace[] entry = [.. item.Items()];
            if (entry.Length != 2)
            {
                throw item.Refusal($"has {entry.Length} parts, expected a token and its score");
            }

            pieces.Add(entry[0].Text());
            scores.Add(entry[1].Number());
        }

        Vocabulary = Vocabulary.OfList(pieces);
        _scores = [.. scores];
        _trie = new TokenTrie(Vocabulary.Entries.Where(entry => entry.Key.Length > 0));
        _unknownScore = _scores.DefaultIfEmpty(double.PositiveInfinity).Min() - UnknownPenalty;
        _unknownId = place.Optional("unk_id")?.Count();
        if (_unknownId >= pieces.Count)
        {
            throw place.Required("unk_id").Refusal($"is {_unknownId}, but the vocab has {pieces.Count} tokens");
        }

        if (place.Flag("byte_fallback", false))
        {
            _byteIds = [.. Enumerable.Range(0, 256).Select(value => Vocabulary.IdOf(ByteToken(value)) ?? TokenTrie.NoToken)];
        }
    }

    /// <summary>The end of the best way to cut a word up to some unit: the score of the whole way, and its last token.</summary>
    private struct Best
    {
        public double Score;
        public int Start, Id;
    }

    public Vocabulary Vocabulary { get; }

    public static IModel Read(JsonPlace place) => new UnigramModel(place);

    public void Tokenize(AlignedText word, List<Token> tokens)
    {
        if (word.Length <= LongestOnStack)
        {
            Tokenize(word, stackalloc Best[word.Length + 1], tokens);
            return;
        }

        var rented = ArrayPool<Best>.Shared.Rent(word.Length + 1);
        Tokenize(word, rented.AsSpan(0, word.Length + 1), tokens);
        ArrayPool<Best>.Shared.Return(rented);
    }

    private void Tokenize(AlignedText word, Span<Best> ends, List<Token> tokens)
    {
        FindBest(word.Units, ends);

        // From the end of the word to its start, so that the tokens come out reversed.
        var first = tokens.Count;
        for (var end = word.Length; end > 0;)
        {
            var (start, id) = (ends[end].Start, ends[end].Id);
            if (id != _unknownId)
            {
                tokens.Add(new Token(id, word.RangeOf(start, end)));
            }
            else
            {
                while (start > 0 && ends[start].Id == _unknownId)
                {
                    start = ends[start].Start;
                }

                AddUnknown(word, start, end, tokens);
            }

            end = start;
        }

        tokens.Reverse(first, tokens.Count - first);
    }

    /// <summary>Of ways with the same score the one found first stays: the one whose last token is longer.</summary>
    private void FindBest(ReadOnlySpan<char> word, Span<Best> ends)
    {
        ends.Fill(new Best { Start = -1 });
        for (var start = 0; start < word.Length;)
        {
            var scoreHere = ends[start].Score;
            var width = char.IsHighSurrogate(word[start]) ? 2 : 1;
            var isKnown = false;
            var node = TokenTrie.Root;
            for (var end = start; end < word.Length && _trie.TryStep(ref node, word[end]);)
            {
                end++;
                if (_trie.IdAt(node) is not TokenTrie.NoToken and var id)
                {
                    Offer(ref ends[end], scoreHere + _scores[id], start, id);
                    isKnown |= end - start == width;
                }
            }

            if (!isKnown)
            {
                ref var next = ref ends[start + width];
                if (next.Start < 0 || scoreHere + _unknownScore > next.Score)
                {
                    next = new Best { Score = scoreHere + _unknownScore, Start = start, Id = _unknownId ?? throw Unknown(word[start..]) };
                }
            }

            start += width;
        }
    }

    private static void Offer(ref Best best, double score, int start, int id)
    {
        if (best.Start < 0 || score > best.Score)
        {
            best = new Best { Score = score, Start = start, Id = id };
        }
    }

    /// <summary>Adds a run of unknown characters, its bytes last to first.</summary>
    private void AddUnknown(AlignedText word, int start, int end, List<Token> tokens)
    {
        var range = word.RangeOf(start, end);
        var run = word.Units[start..end];
        if (Vocabulary.IdOf(run) is { } id)
        {
            tokens.Add(new Token(id, range));
        }
        else if (!TryAddBytes(run, range, tokens))
        {
            tokens.Add(new Token(_unknownId!.Value, range, word.IsAligned ? run.ToString() : null));
        }
    }

    private bool TryAddBytes(ReadOnlySpan<char> run, TextRange range, List<Token> tokens)
    {
        if (_byteIds is null)
        {
            return false;
        }

        var bytes = System.Text.Encoding.UTF8.GetBytes(run.ToArray());
        foreach (var value in bytes)
        {
            if (_byteIds[value] == TokenTrie.NoToken)
            {
                return false;
            }
        }

        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            tokens.Add(new Token(_byteIds[bytes[i]], range));
        }

        return true;
    }

    private static string ByteToken(int value) => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>");

    private static TokenizerException Unknown(ReadOnlySpan<char> rest)
    {
        Rune.DecodeFromUtf16(rest, out var rune, out _);
        return new TokenizerException(
            $"the text has the character {rune} (U+{rune.Value:X4}), which is in no token of the Unigram model, and the model has no unk_id to stand for it");
    }
}
