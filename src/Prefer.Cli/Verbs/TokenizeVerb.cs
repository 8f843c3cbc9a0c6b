using System.ComponentModel;
using System.Globalization;
using Prefer.Text;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer tokenize</c> is asked for.</summary>
internal sealed record TokenizeOptions
{
    [Description("Texts; without any, the lines of standard input.")]
    public IReadOnlyList<string> Texts { get; init; } = [];

    [Description("A tokenizer.json, or a folder that has one.")]
    public required string Tokenizer { get; init; }

    [Description("Put the tokenizer's own special tokens around each text.")]
    public bool SpecialTokens { get; init; } = true;
}

/// <summary><c>prefer tokenize</c>: what a tokenizer makes of texts. Ids go to standard output, one text a line.</summary>
internal static class TokenizeVerb
{
    public static Verb Verb { get; } = Verb.Of<TokenizeOptions>("tokenize", "Show the tokens of texts.", Run, nameof(TokenizeOptions.Texts));

    private static int Run(TokenizeOptions options, Terminal terminal)
    {
        var path = Directory.Exists(options.Tokenizer) ? Path.Combine(options.Tokenizer, "tokenizer.json") : options.Tokenizer;
        var tokenizer = Tokenizer.Load(path);
        foreach (var text in options.Texts.Count > 0 ? options.Texts : Lines(Console.In))
        {
            var encoding = tokenizer.EncodeWithOffsets(text, options.SpecialTokens);
            var tokens = encoding.Ids.Select(id => tokenizer.IdToToken(id) ?? "").ToArray();
            if (terminal.IsJson)
            {
                terminal.Json(new { Text = text, encoding.Ids, Tokens = tokens, encoding.TypeIds, Offsets = encoding.Offsets.Select(range => (int[])[range.Start, range.End]) });
                continue;
            }

            terminal.Result(string.Join(' ', encoding.Ids));
            if (options.Texts.Count > 0)
            {
                terminal.Table(null, ["id", "token", "from", "to"],
                [
                    .. tokens.Select((token, index) => (string[])[Number(encoding.Ids[index]), token, Number(encoding.Offsets[index].Start), Number(encoding.Offsets[index].End)]),
                ]);
            }
        }

        return 0;
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
