namespace Prefer.Text.PreTokenizers;

/// <summary>Pre-tokenizers one after the other, each cutting the words of the one before.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] parts) : IPreTokenizer
{
    private IPreTokenizer[] Parts => parts;

    public static IPreTokenizer Read(JsonPlace place) => new PreTokenizerSequence(
        [.. place.Required("pretokenizers").Items().Select(PreTokenizerKinds.Table.Read)]);

    /// <summary>The pre-tokenizers that one amounts to, in order: a sequence's parts, or itself.</summary>
    public static IEnumerable<IPreTokenizer> PartsOf(IPreTokenizer? preTokenizer) => preTokenizer switch
    {
        null => [],
        PreTokenizerSequence sequence => sequence.Parts.SelectMany(PartsOf),
        _ => [preTokenizer],
    };

    public void Split(AlignedText text, List<AlignedText> words)
    {
        List<AlignedText> current = [text];
        foreach (var part in parts)
        {
            var next = new List<AlignedText>(current.Count);
            foreach (var word in current)
            {
                part.Split(word, next);
            }

            current = next;
        }

        words.AddRange(current);
    }
}
