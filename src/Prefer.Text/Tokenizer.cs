using System.Collections.Immutable;
using Prefer.Text.Decoders;
using Prefer.Text.Models;
using Prefer.Text.Normalizers;
using Prefer.Text.PostProcessors;
using Prefer.Text.PreTokenizers;

namespace Prefer.Text;

/// <summary>
/// A tokenizer of the <c>tokenizer.json</c> format: added tokens, normalizer, pre-tokenizer, model, post-processor and decoder, each
/// one of the kinds in the folders beside this file. Immutable; any number of threads may use one. The file's truncation and padding are ignored on purpose: how
/// long a sequence may be is decided where it is used.
/// </summary>
public sealed partial class Tokenizer
{
    private readonly INormalizer? _normalizer;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly IModel _model;
    private readonly IPostProcessor? _postProcessor;
    private readonly IDecoder? _decoder;
    private readonly AddedVocabulary _added;

    /// <summary>The file that the tokenizer was read from, byte for byte.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The added tokens in ascending order of their ids.</summary>
    public IReadOnlyList<AddedToken> AddedTokens => _added.Tokens;

    /// <summary>How many different tokens there are, added ones included. Ids may have gaps: size an embedding by <see cref="LargestId"/>.</summary>
    public int VocabularySize { get; }

    /// <summary>How many tokens the model itself knows.</summary>
    internal int ModelSize => _model.Vocabulary.Count;

    /// <summary>What stands around one text.</summary>
    internal ImmutableArray<TemplatePiece> Single => Template(isPair: false);

    /// <summary>What stands around the texts of a pair.</summary>
    internal ImmutableArray<TemplatePiece> Pair => Template(isPair: true);

    /// <summary>The largest id of any token, or that the post-processor adds.</summary>
    public int LargestId { get; }

    /// <summary>A text as tokens that know where in the text they came from.</summary>
    public Encoding EncodeWithOffsets(string text, bool addSpecialTokens = true) =>
        Assemble(isPair: false, TokenizeWithOffsets(text), [], addSpecialTokens);

    /// <summary>Two texts as tokens; the offsets of each are in its own text.</summary>
    public Encoding EncodeWithOffsets(string text, string pair, bool addSpecialTokens = true) =>
        Assemble(isPair: true, TokenizeWithOffsets(text), TokenizeWithOffsets(pair), addSpecialTokens);

    /// <summary>Puts the special tokens of the post-processor around ids that were encoded without.</summary>
    public TokenSequence AddSpecialTokens(ReadOnlySpan<int> ids) => Surround(Template(isPair: false), ids, []);

    /// <summary>Joins two id sequences that were encoded without special tokens as the post-processor joins a pair; either may be empty.</summary>
    public TokenSequence AddSpecialTokens(ReadOnlySpan<int> ids, ReadOnlySpan<int> pairIds) => Surround(Template(isPair: true), ids, pairIds);

    /// <summary>How many special tokens the post-processor adds to one text, or to a pair.</summary>
    public int SpecialTokenCount(bool pair) => Template(pair).Sum(piece => piece.SpecialIds.Length);

    /// <summary>The text of ids. Ids that no token has are left out, and so are special tokens where that is asked for.</summary>
    public string Decode(IReadOnlyList<int> ids, bool skipSpecialTokens = false)
    {
        var tokens = new List<string>(ids.Count);
        foreach (var id in ids)
        {
            if ((_added.WrittenFormOf(id) ?? _model.Vocabulary.TokenOf(id)) is { } token
                && !(skipSpecialTokens && _added.IsSpecial(token)))
            {
                tokens.Add(token);
            }
        }

        return _decoder is null ? string.Join(' ', tokens) : string.Concat(_decoder.Decode(tokens));
    }

    /// <summary>The id of a token as the vocabulary writes it (<c>Ġthe</c>, <c>##ing</c>, <c>[CLS]</c>), or null.</summary>
    public int? TokenToId(string token) => _added.IdOf(token) ?? _model.Vocabulary.IdOf(token);

    /// <summary>The token of an id as the vocabulary writes it, or null.</summary>
    public string? IdToToken(int id) => _added.ContentOf(id) ?? _model.Vocabulary.TokenOf(id);

    private List<Token> Tokenize(string text)
    {
        var tokens = new List<Token>(text.Length / 3);
        var words = new List<AlignedText>();
        foreach (var (fragment, addedId) in _added.Extract(AlignedText.Of(text), _normalizer))
        {
            if (addedId is { } id)
            {
                tokens.Add(new Token(id, fragment.RangeOf(0, fragment.Length), fragment.ToString()));
                continue;
            }

            words.Clear();
            if (_preTokenizer is null)
            {
                words.Add(fragment);
            }
            else
            {
                _preTokenizer.Split(fragment, words);
            }

            foreach (var word in words)
            {
                _model.Tokenize(word, tokens);
            }
        }

        return tokens;
    }

    private List<Token> TokenizeWithOffsets(string text)
    {
        var tokens = Tokenize(text);
        _postProcessor?.TrimOffsets(tokens, IdToToken);
        return tokens;
    }

    private ImmutableArray<TemplatePiece> Template(bool isPair) => isPair
        ? _postProcessor?.Pair ?? TemplatePiece.PlainPair
        : _postProcessor?.Single ?? TemplatePiece.PlainSingle;

    private static int[] Ids(List<Token> tokens)
    {
        var ids = new int[tokens.Count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = tokens[i].Id;
        }

        return ids;
    }

    private static List<int> Ids(ImmutableArray<TemplatePiece> template, ReadOnlySpan<int> first, ReadOnlySpan<int> second, bool addSpecialTokens)
    {
        var ids = new List<int>(first.Length + second.Length + template.Length);
        foreach (var piece in template)
        {
            if (!piece.IsSpecial)
            {
                ids.AddRange(piece.IsSecondText ? second : first);
            }
            else if (addSpecialTokens)
            {
                ids.AddRange(piece.SpecialIds.AsSpan());
            }
        }

        return ids;
    }

    private static TokenSequence Surround(ImmutableArray<TemplatePiece> template, ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        var typeIds = ImmutableArray.CreateBuilder<int>();
        foreach (var piece in template)
        {
            var count = piece.IsSpecial ? piece.SpecialIds.Length : piece.IsSecondText ? second.Length : first.Length;
            typeIds.AddRange(Enumerable.Repeat(piece.TypeId, count));
        }

        var leading = template.TakeWhile(piece => piece.IsSpecial).Sum(piece => piece.SpecialIds.Length);
        return new TokenSequence([.. Ids(template, first, second, addSpecialTokens: true)], typeIds.ToImmutable(), leading);
    }

    private Encoding Assemble(bool isPair, List<Token> first, List<Token> second, bool addSpecialTokens)
    {
        var typeIds = ImmutableArray.CreateBuilder<int>();
        var offsets = ImmutableArray.CreateBuilder<TextRange>();
        var specials = ImmutableArray.CreateBuilder<bool>();
        var template = Template(isPair);
        foreach (var piece in template.Where(piece => addSpecialTokens || !piece.IsSpecial))
        {
            IEnumerable<TextRange> ranges = piece.IsSpecial
                ? Enumerable.Repeat(default(TextRange), piece.SpecialIds.Length)
                : (piece.IsSecondText ? second : first).Select(token => token.Range);
            offsets.AddRange(ranges);
            typeIds.AddRange(Enumerable.Repeat(piece.TypeId, offsets.Count - typeIds.Count));
            specials.AddRange(Enumerable.Repeat(piece.IsSpecial, offsets.Count - specials.Count));
        }

        return new Encoding
        {
            Ids = [.. Ids(template, Ids(first), Ids(second), addSpecialTokens)],
            TypeIds = typeIds.ToImmutable(),
            Offsets = offsets.ToImmutable(),
            SpecialTokensMask = specials.ToImmutable(),
        };
    }
}
