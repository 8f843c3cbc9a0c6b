using Prefer.Data;
using Prefer.Models.Families;

namespace Prefer.Models;

/// <summary>Encoded sequences against a model's vocabulary and segments.</summary>
internal static class SequenceFit
{
    /// <returns>The sequence.</returns>
    /// <exception cref="DataException">An id or a segment that the model does not have.</exception>
    internal static EncodedSequence Check(EncodedSequence sequence, Network network, RowOrigin? origin)
    {
        var place = origin is null ? "" : $"{origin}: ";
        foreach (var id in sequence.Ids)
        {
            if (id < 0 || id >= network.VocabularySize)
            {
                throw new DataException($"{place}token id {id}, but the model's vocabulary has ids 0 to {network.VocabularySize - 1}. The ids are of another tokenizer.");
            }
        }
        foreach (var type in sequence.TokenTypes)
        {
            if (network.TokenTypeCount > 1 && (type < 0 || type >= network.TokenTypeCount))
            {
                throw new DataException($"{place}token type {type}, but the model has types 0 to {network.TokenTypeCount - 1}");
            }
        }
        return sequence;
    }
}
