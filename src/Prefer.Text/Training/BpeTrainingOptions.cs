using System.Collections.Immutable;

namespace Prefer.Text;

/// <summary>What the post-processor of a trained tokenizer puts around a text.</summary>
public enum SpecialTokenTemplate
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary><c>[CLS] A [SEP]</c>, and for a pair <c>[CLS] A [SEP] B [SEP]</c> with segment 1 from B on.</summary>
    ClassifierSeparator,
}

/// <summary>How a byte-level BPE is trained.</summary>
public sealed record BpeTrainingOptions
{
    /// <summary>The first token of <see cref="SpecialTokenTemplate.ClassifierSeparator"/>.</summary>
    public const string Classifier = "[CLS]";

    /// <summary>The separator of <see cref="SpecialTokenTemplate.ClassifierSeparator"/>.</summary>
    public const string Separator = "[SEP]";

    /// <summary>Largest number of tokens: special tokens, 256 bytes, merges. Fewer come out when the texts have no more pairs to merge.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>A pair that occurs less often is not merged.</summary>
    public long MinFrequency { get; init; } = 2;

    /// <summary>They get the ids from 0 on, in this order.</summary>
    public ImmutableArray<string> SpecialTokens { get; init; } = ["<|pad|>", "<|endoftext|>"];

    /// <summary>What is put around a text.</summary>
    public SpecialTokenTemplate Template { get; init; } = SpecialTokenTemplate.None;

    /// <summary>For a causal model: padding and end of text, nothing around a text.</summary>
    public static BpeTrainingOptions ForDecoder(int vocabularySize) => new() { VocabularySize = vocabularySize };

    /// <summary>For a bidirectional encoder: padding, classifier and separator. Bytes leave nothing unknown, so there is no [UNK].</summary>
    public static BpeTrainingOptions ForEncoder(int vocabularySize) => new()
    {
        VocabularySize = vocabularySize,
        SpecialTokens = ["[PAD]", Classifier, Separator],
        Template = SpecialTokenTemplate.ClassifierSeparator,
    };

    internal void Check()
    {
        var smallest = SpecialTokens.Length + 256;
        if (VocabularySize < smallest)
        {
            throw new TokenizerException(
                $"a vocabulary of {VocabularySize} tokens was asked for, which is less than the {SpecialTokens.Length} special tokens and 256 bytes; ask for {smallest} or more");
        }

        if (MinFrequency < 1)
        {
            throw new TokenizerException($"a smallest pair frequency of {MinFrequency} was asked for; ask for 1 or more");
        }

        foreach (var token in SpecialTokens)
        {
            if (token.Length < 2)
            {
                throw new TokenizerException($"\"{token}\" cannot be a special token: it needs two characters or more, or it would hide a byte");
            }

            if (SpecialTokens.Count(other => other == token) > 1)
            {
                throw new TokenizerException($"the special token \"{token}\" is listed twice");
            }
        }

        if (Template == SpecialTokenTemplate.ClassifierSeparator && !(SpecialTokens.Contains(Classifier) && SpecialTokens.Contains(Separator)))
        {
            throw new TokenizerException($"the template needs {Classifier} and {Separator} among the special tokens");
        }
    }
}
