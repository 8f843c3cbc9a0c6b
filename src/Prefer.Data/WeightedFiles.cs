using System.Collections.Immutable;
using System.Globalization;

namespace Prefer.Data;

/// <summary>One value of <c>--data</c>: a path or glob, and its weight in a mixture.</summary>
/// <param name="Pattern">A path, a glob, or <c>-</c>.</param>
/// <param name="Weight">Above 0, or null where none was given.</param>
public sealed record WeightedFiles(string Pattern, double? Weight)
{
    /// <summary>
    /// Reads <c>FILE</c> or <c>FILE:WEIGHT</c>. What names a file as it stands has no weight, whatever its name ends in; so has what does not
    /// end in a colon and a number.
    /// </summary>
    /// <exception cref="DataException">The weight is not a finite number above 0.</exception>
    public static WeightedFiles Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !double.TryParse(text.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double weight) || InputFiles.Names(text))
        {
            return new WeightedFiles(text, null);
        }

        return weight > 0 && double.IsFinite(weight)
            ? new WeightedFiles(text[..colon], weight)
            : throw new DataException($"{text}: found the weight {text[(colon + 1)..]}; expected a finite number above 0; leave the file out to use none of it");
    }

    /// <summary>Reads all values of <c>--data</c>.</summary>
    /// <returns>Weights for all, 1 where a value has none beside others that have one; or weights for none.</returns>
    /// <exception cref="DataException">A weight is wrong, or two values of a mixture name one file.</exception>
    public static ImmutableArray<WeightedFiles> ParseAll(IEnumerable<string> texts)
    {
        ImmutableArray<WeightedFiles> all = [.. texts.Select(Parse)];
        if (all.All(files => files.Weight is null))
        {
            return all;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in all.SelectMany(files => InputFiles.Find([files.Pattern])))
        {
            if (!seen.Add(file == InputFiles.StandardInput ? file : Path.GetFullPath(file)))
            {
                throw new DataException($"{file}: found in two sources of the mixture; expected each file in one; give it once, with the weight it shall have");
            }
        }

        return [.. all.Select(files => files with { Weight = files.Weight ?? 1 })];
    }
}
