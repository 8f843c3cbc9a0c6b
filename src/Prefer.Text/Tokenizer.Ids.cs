using System.Runtime.InteropServices;
using Prefer.Text.Models;
using Prefer.Text.PreTokenizers;

namespace Prefer.Text;

/// <summary>
/// Encoding where only ids are wanted: without places, and with the ids of words met before. Words are cut by the first pre-tokenizer, or by
/// all up to the last that looks at places; those after it, and the model, see nothing but the word.
/// </summary>
public sealed partial class Tokenizer
{
    [ThreadStatic]
    private static Scratch? scratch;

    private readonly WordCache _words = new(), _pieces = new();
    private readonly IPreTokenizer[] _cutters, _wordPreTokenizers;

    /// <summary>What one text needs and the next can use again.</summary>
    private sealed class Scratch
    {
        public readonly List<AlignedText> Words = [], Parts = [], NextParts = [];
        public readonly List<Token> Tokens = [];
        public readonly List<int> Ids = [];
    }

    /// <summary>The ids of a text, with the special tokens of the post-processor unless they are switched off.</summary>
    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        var ids = IdsOf(text);
        var template = Template(isPair: false);
        return !addSpecialTokens || template is [{ IsSpecial: false }] ? [.. ids] : [.. Ids(template, CollectionsMarshal.AsSpan(ids), [], addSpecialTokens)];
    }

    /// <summary>The ids of two texts, joined as the post-processor joins a pair.</summary>
    public int[] Encode(string text, string pair, bool addSpecialTokens = true)
    {
        int[] first = [.. IdsOf(text)];
        return [.. Ids(Template(isPair: true), first, CollectionsMarshal.AsSpan(IdsOf(pair)), addSpecialTokens)];
    }

    /// <summary>The ids of many texts, on all cores, each as <see cref="Encode(string, bool)"/> gives them.</summary>
    public int[][] EncodeBatch(IReadOnlyList<string> texts, bool addSpecialTokens = true)
    {
        var ids = new int[texts.Count][];
        Parallel.For(0, texts.Count, index => ids[index] = Encode(texts[index], addSpecialTokens));
        return ids;
    }

    /// <summary>The ids of a text, in a list that this thread's next call overwrites.</summary>
    private List<int> IdsOf(string text)
    {
        var own = scratch ??= new Scratch();
        own.Ids.Clear();
        TextArena.OfThread.Clear();
        foreach (var (fragment, addedId) in _added.Extract(AlignedText.Of(text, aligned: false), _normalizer))
        {
            if (addedId is { } id)
            {
                own.Ids.Add(id);
                continue;
            }

            own.Words.Clear();
            Cut(_cutters, fragment, own.Words, own);
            foreach (var word in own.Words)
            {
                AddWord(word, own);
            }
        }

        return own.Ids;
    }

    /// <summary>Adds the ids of a word that the cutters left.</summary>
    private void AddWord(AlignedText word, Scratch own)
    {
        if (_wordPreTokenizers.Length == 0)
        {
            AddPart(word, own);
            return;
        }

        if (_words.TryGet(word.Units, out var known))
        {
            own.Ids.AddRange(known);
            return;
        }

        var first = own.Ids.Count;
        own.Parts.Clear();
        Cut(_wordPreTokenizers, word, own.Parts, own);
        foreach (var part in own.Parts)
        {
            AddPart(part, own);
        }

        _words.Add(word.Units, CollectionsMarshal.AsSpan(own.Ids)[first..]);
    }

    /// <summary>Adds the ids of what the model sees: at once where they are known, else of each part that may be tokenized by itself.</summary>
    private void AddPart(AlignedText part, Scratch own)
    {
        if (_pieces.TryGet(part.Units, out var known))
        {
            own.Ids.AddRange(known);
            return;
        }

        if (_model.WordEnd(part.Units, 0) is var end && end < part.Length)
        {
            for (var start = 0; start < part.Length; start = end)
            {
                end = _model.WordEnd(part.Units, start);
                AddPart(part.Slice(start, end - start), own);
            }

            return;
        }

        own.Tokens.Clear();
        _model.Tokenize(part, own.Tokens);
        var ids = Ids(own.Tokens);
        _pieces.Add(part.Units, ids);
        own.Ids.AddRange(ids);
    }

    private static void Cut(IPreTokenizer[] preTokenizers, AlignedText text, List<AlignedText> words, Scratch own)
    {
        words.Add(text);
        for (var i = 0; i < preTokenizers.Length; i++)
        {
            own.NextParts.Clear();
            foreach (var word in words)
            {
                preTokenizers[i].Split(word, own.NextParts);
            }

            words.Clear();
            words.AddRange(own.NextParts);
        }
    }
}
