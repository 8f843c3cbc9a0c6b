using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>Token ids, with segment ids where the row has them. Nothing is padded here, so an attention mask may hold ones only.</summary>
internal static class TokenResponse
{
    /// <summary>Reads the fields of one sequence.</summary>
    public static Response Read(Row row, string idsField, string typesField, string maskField)
    {
        ImmutableArray<int> ids = row.TakeIds(idsField);
        ImmutableArray<int> types = row.TakeIds(typesField);
        if (types.Length != ids.Length && row.Has(typesField))
        {
            throw new BadRowException($"{ids.Length} ids in '{idsField}' and {types.Length} in '{typesField}'", "one for each id", "make the lists equally long");
        }

        ImmutableArray<int> mask = row.TakeIds(maskField);
        if (mask.Contains(0))
        {
            throw new BadRowException($"padding (0 in '{maskField}')", "ids without padding", "remove the padded ids and the mask");
        }

        return new Response { InputIds = ids, TokenTypeIds = types };
    }
}
