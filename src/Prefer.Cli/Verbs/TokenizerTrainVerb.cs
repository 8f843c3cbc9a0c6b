using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Prefer.Data;
using Prefer.Text;

namespace Prefer.Cli.Verbs;

/// <summary>What kind of model a tokenizer is for, which decides its special tokens.</summary>
internal enum TokenizerFor
{
    Decoder,
    Encoder,
}

/// <summary>What <c>prefer tokenizer train</c> is asked for.</summary>
internal sealed record TokenizerTrainOptions
{
    [Description("Files of comparisons, and .txt files with one text a line; globs, or - for comparisons on standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Folder to write tokenizer.json into, or a file whose name ends in .json.")]
    public required string Output { get; init; }

    [Description("Tokens at most, special tokens and the 256 bytes included.")]
    [Range(258, int.MaxValue)]
    public int VocabularySize { get; init; } = 8192;

    [Description("A pair that occurs less often is not merged.")]
    [Range(1, int.MaxValue)]
    public int MinFrequency { get; init; } = 2;

    [Description("The kind of model: a decoder gets padding and end of text, an encoder padding, [CLS] and [SEP].")]
    public TokenizerFor For { get; init; } = TokenizerFor.Decoder;

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;

    [Description("Write over an existing file.")]
    public bool Overwrite { get; init; }
}

/// <summary><c>prefer tokenizer train</c>: a byte-level BPE learned from the texts of comparisons.</summary>
internal static class TokenizerTrainVerb
{
    public static Verb Verb { get; } = Verb.Of<TokenizerTrainOptions>("train", "Learn a byte-level BPE tokenizer from the texts of comparisons.", Run, nameof(TokenizerTrainOptions.Data));

    private static int Run(TokenizerTrainOptions options, Terminal terminal)
    {
        var isFile = options.Output.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        var path = isFile ? options.Output : Path.Combine(options.Output, "tokenizer.json");
        ComparisonFiles.RefuseExisting(path, options.Overwrite);
        var kind = options.For == TokenizerFor.Encoder ? BpeTrainingOptions.ForEncoder(options.VocabularySize) : BpeTrainingOptions.ForDecoder(options.VocabularySize);
        var tokenizer = BytePairTraining.Train(Texts(options, terminal), kind with { MinFrequency = options.MinFrequency });

        if (!isFile)
        {
            Directory.CreateDirectory(options.Output);
        }

        tokenizer.Save(path);
        terminal.Note($"wrote a tokenizer of {tokenizer.VocabularySize} tokens to {path}");
        if (terminal.IsJson)
        {
            terminal.Json(new { tokenizer.VocabularySize, Output = path });
        }

        return 0;
    }

    private static IEnumerable<string> Texts(TokenizerTrainOptions options, Terminal terminal)
    {
        var lines = options.Data.Where(IsPlainText).SelectMany(File.ReadLines);
        string[] files = [.. options.Data.Where(path => !IsPlainText(path))];
        return files.Length == 0 ? lines : lines.Concat(ComparisonFiles.Load(files, options.OnBadRow, options.Columns, terminal).Comparisons.SelectMany(TextsOf));
    }

    private static IEnumerable<string> TextsOf(Comparison comparison) =>
        comparison.Prompt.Concat(comparison.Chosen.Turns).Concat(comparison.Rejected.Turns).Select(message => message.Content);

    private static bool IsPlainText(string path) => path.EndsWith(".txt", StringComparison.OrdinalIgnoreCase);
}
