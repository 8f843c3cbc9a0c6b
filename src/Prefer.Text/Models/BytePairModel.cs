using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Prefer.Text.Models;

/// <summary>Byte-pair encoding: a word's characters, merged pair by pair in the order that training found.</summary>
internal sealed class BytePairModel : IModel
{
    private readonly string _continuingPrefix, _endOfWordSuffix;
    private readonly UnknownToken? _unknown;
    private readonly bool _fusesUnknown, _fallsBackToBytes, _prefersWholeWords;
    private readonly int?[] _byteIds = new int?[256];
    private readonly BytePairMerges _merges;
    private readonly WordStarts? _starts;

    private BytePairModel(JsonPlace place)
    {
        Vocabulary = Vocabulary.Read(place.Required("vocab"));
        _continuingPrefix = place.Text("continuing_subword_prefix", "");
        _endOfWordSuffix = place.Text("end_of_word_suffix", "");
        _fusesUnknown = place.Flag("fuse_unk", false);
        _fallsBackToBytes = place.Flag("byte_fallback", false);
        _prefersWholeWords = place.Flag("ignore_merges", false);
        _unknown = place.Optional("unk_token")?.Text() is { } unknown ? new UnknownToken(unknown, Vocabulary) : null;

        for (var value = 0; value < 256; value++)
        {
            _byteIds[value] = Vocabulary.IdOf(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));
        }

        _merges = new BytePairMerges(ReadMerges(place.Required("merges")));
        // Merges go by id, so two tokens of one id would merge as each other.
        var isOneToOne = Vocabulary.Entries.DistinctBy(entry => entry.Value).Count() == Vocabulary.Count;
        if (isOneToOne && !_prefersWholeWords && _continuingPrefix.Length == 0 && _endOfWordSuffix.Length == 0)
        {
            _starts = new WordStarts(Vocabulary);
        }
    }

    /// <summary>A token of a word and the UTF-16 units of the word that it covers.</summary>
    private readonly record struct Piece(int Id, int Start, int End);

    public Vocabulary Vocabulary { get; }

    public static IModel Read(JsonPlace place)
    {
        if (place.Optional("dropout") is { } dropout && dropout.Element.GetRawText() is not ("0" or "0.0"))
        {
            throw dropout.Refusal($"is {dropout.Element.GetRawText()}; merges dropped at random are not supported, only null");
        }

        return new BytePairModel(place);
    }

    public void Tokenize(AlignedText word, List<Token> tokens)
    {
        if (_prefersWholeWords && Vocabulary.IdOf(word.Units) is { } whole)
        {
            tokens.Add(new Token(whole, word.RangeOf(0, word.Length)));
            return;
        }

        foreach (var piece in Merge(word.Units))
        {
            tokens.Add(new Token(piece.Id, word.RangeOf(piece.Start, piece.End)));
        }
    }

    public int WordEnd(ReadOnlySpan<char> text, int start) => _starts?.WordEnd(text, start) ?? text.Length;

    private Piece[] Merge(ReadOnlySpan<char> word)
    {
        var symbols = Symbols(word);
        _merges.Apply(symbols);
        symbols.RemoveAll(symbol => symbol.Length == 0);

        // Symbols count bytes, because a byte token may be a part of a character; pieces count whole characters.
        var pieces = new Piece[symbols.Count];
        int unit = 0, unitByte = 0, endByte = 0;
        for (var i = 0; i < pieces.Length; i++)
        {
            var startByte = endByte;
            endByte += symbols[i].Length;
            Advance(word, ref unit, ref unitByte, startByte);
            var start = unit;
            Advance(word, ref unit, ref unitByte, endByte - 1);
            Rune.DecodeFromUtf16(word[unit..], out _, out var width);
            pieces[i] = new Piece(symbols[i].Id, start, unit + width);
        }

        return pieces;
    }

    /// <summary>Moves a cursor on to the character that holds a byte.</summary>
    private static void Advance(ReadOnlySpan<char> word, ref int unit, ref int unitByte, int wantedByte)
    {
        while (true)
        {
            Rune.DecodeFromUtf16(word[unit..], out var rune, out var width);
            if (wantedByte < unitByte + rune.Utf8SequenceLength)
            {
                return;
            }

            unit += width;
            unitByte += rune.Utf8SequenceLength;
        }
    }

    private List<BytePairMerges.Symbol> Symbols(ReadOnlySpan<char> word)
    {
        var symbols = new List<BytePairMerges.Symbol>(word.Length);
        int unknownId = 0, unknownLength = 0; // bytes of unknown characters that are not written yet
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < word.Length;)
        {
            Rune.DecodeFromUtf16(word[i..], out var rune, out var width);
            var bytes = utf8[..rune.EncodeToUtf8(utf8)];
            if (IdOfCharacter(word.Slice(i, width), isFirst: i == 0, isLast: i + width == word.Length) is { } id)
            {
                FlushUnknown();
                symbols.Add(new(id, bytes.Length));
            }
            else if (!(_fallsBackToBytes && TryAddBytes(bytes, symbols)) && _unknown is not null)
            {
                if (!_fusesUnknown)
                {
                    FlushUnknown();
                }

                unknownId = _unknown.IdFor(word.Slice(i, width));
                unknownLength += bytes.Length;
            }

            i += width;
        }

        FlushUnknown();
        return symbols;

        void FlushUnknown()
        {
            if (unknownLength > 0)
            {
                symbols.Add(new(unknownId, unknownLength));
                unknownLength = 0;
            }
        }
    }

    private int? IdOfCharacter(ReadOnlySpan<char> character, bool isFirst, bool isLast)
    {
        var hasPrefix = !isFirst && _continuingPrefix.Length > 0;
        var hasSuffix = isLast && _endOfWordSuffix.Length > 0;
        return hasPrefix || hasSuffix
            ? Vocabulary.IdOf(string.Concat(hasPrefix ? _continuingPrefix : "", character, hasSuffix ? _endOfWordSuffix : ""))
            : Vocabulary.IdOf(character);
    }

    private bool TryAddBytes(ReadOnlySpan<byte> bytes, List<BytePairMerges.Symbol> symbols)
    {
        foreach (var value in bytes)
        {
            if (_byteIds[value] is null)
            {
                return false;
            }
        }

        foreach (var value in bytes)
        {
            symbols.Add(new(_byteIds[value]!.Value, 1));
        }

        return true;
    }

    private Dictionary<long, (int Rank, int NewId)> ReadMerges(JsonPlace place)
    {
        var merges = new Dictionary<long, (int Rank, int NewId)>();
        var rank = 0;
        foreach (var item in place.Items().Where(item => !(item.IsString && item.Text().StartsWith("#version", StringComparison.Ordinal))))
        {
            var (left, right) = ReadPair(item);
            var leftId = Vocabulary.IdOf(left) ?? throw Missing(left);
            var rightId = Vocabulary.IdOf(right) ?? throw Missing(right);
            var merged = left + (right.StartsWith(_continuingPrefix, StringComparison.Ordinal) ? right[_continuingPrefix.Length..] : right);
            var mergedId = Vocabulary.IdOf(merged) ?? throw Missing(merged);
            CollectionsMarshal.GetValueRefOrAddDefault(merges, BytePairMerges.Key(leftId, rightId), out _) = (rank++, mergedId);

            TokenizerException Missing(string token) =>
                item.Refusal($"merges \"{left}\" and \"{right}\", but \"{token}\" is not in the vocab");
        }

        return merges;
    }

    /// <summary>Older files write "left right", newer ones ["left", "right"].</summary>
    private static (string Left, string Right) ReadPair(JsonPlace item)
    {
        string[] parts = item.IsString ? item.Text().Split(' ') : [.. item.Items().Select(part => part.Text())];
        return parts.Length == 2
            ? (parts[0], parts[1])
            : throw item.Refusal($"has {parts.Length} parts, expected the two tokens of a merge");
    }
}
