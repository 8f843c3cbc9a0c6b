namespace Prefer.Text.PreTokenizers;

/// <summary>Pre-tokenizers one after the other, each cutting the words of the one before.</summary>
internal sealed class PreTokenizerSequence(IPreTokenizer[] parts) : IPreTokenizer
{
    public static IPreTokenizer Read(JsonPlace place) => new PreTokenizerSequence(
        [.. place.Required("pretokenizers").Items().Select(PreTokenizerKinds.Table.Read)]);

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
