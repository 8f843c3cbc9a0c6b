using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Tests.Codebase;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>
/// docs/interop.md: how far every recorded folder is from the reference implementation. The committed figures are bounds, three times what was
/// seen, rounded up to one digit, for machines that round otherwise; what is seen must be within them. With PREFER_WRITE_DOCS=1 the document is written anew.
/// </summary>
[Collection(ProcessWide.Name)]
public sealed class InteropTests(ITestOutputHelper output)
{
    private const string Document = "docs/interop.md";
    private const string None = "–";

    [Fact]
    public void The_committed_table_holds_what_is_seen()
    {
        var seen = RecordedFolders.Rewards.Concat(LanguageGolden.Folders.Select(RewardName)).Distinct().Order(StringComparer.Ordinal).ToDictionary(name => name, Measure);
        foreach (var (name, row) in seen)
        {
            output.WriteLine($"{name}: {string.Join(", ", row.Figures.Select(figure => figure?.ToString("g2", CultureInfo.InvariantCulture) ?? None))}");
        }
        var path = Path.Combine(Repository.Root, Document);
        if (Environment.GetEnvironmentVariable("PREFER_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, Written(seen));
        }

        var committed = Rows(Checkout.Read(Document));
        Assert.True(seen.Keys.Order(StringComparer.Ordinal).SequenceEqual(committed.Keys.Order(StringComparer.Ordinal)), $"{Document} lists {string.Join(", ", committed.Keys)}; recorded are {string.Join(", ", seen.Keys)}. PREFER_WRITE_DOCS=1 ./test InteropTests writes it anew.");
        foreach (var (name, row) in seen)
        {
            Assert.Equal(row.Family, committed[name].Family);
            foreach (var (column, (found, bound)) in row.Figures.Zip(committed[name].Figures).Index())
            {
                Assert.True(found.HasValue == bound.HasValue, $"{Document}: column {column + 1} of {name} is there in one and not in the other");
                Assert.True(found is null || found <= bound, $"{name}: {found:g2} was seen where {Document} says at most {bound:g2} (column {column + 1})");
            }
        }
    }

    private static (string Family, double?[] Figures) Measure(string name)
    {
        var languageModel = LanguageGolden.Folders.FirstOrDefault(folder => RewardName(folder) == name);
        var hasRewards = RecordedFolders.Rewards.Contains(name);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(hasRewards ? name : languageModel!), "config.json")))!;
        double?[] ofRewards = hasRewards ? OfRewards(name) : [null, null, null];
        var ofWords = languageModel is null ? null : (double?)OfWords(languageModel);
        return ((string)config["model_type"]!, [ofRewards[0], ofRewards[1], ofWords, ofRewards[2]]);
    }

    /// <summary>Rewards, gradients, and rewards after saving and loading.</summary>
    private static double?[] OfRewards(string name)
    {
        using var scope = new TensorScope();
        using var model = RewardModel.Load(ModelFixture.Folder(name), new LoadOptions { Trainable = true });
        var golden = new Golden(name);
        var logits = RecordedFolders.Cases(name).Max(item =>
        {
            var recorded = golden.Case(item);
            return recorded.Logits.Zip(model.Score(RecordedFolders.Sequences(recorded.Batch)), (left, right) => Math.Abs(left - right)).Max() / golden.LargestReward;
        });

        double? gradients = null;
        if (golden.HasStep && !RecordedFolders.DependsOnPadding(name))
        {
            var step = golden.Step();
            var batch = model.NewBatch();
            foreach (var sequence in RecordedFolders.Sequences(golden.Case(step.Case).Batch))
            {
                batch.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
            }
            BradleyTerry.Loss(model.Forward(batch), step.Pairs).Backward();
            gradients = RecordedGradients.Deviation(step.Gradients, step.TotalNorm, Gradients.Take(model.Parameters));
        }

        using var folder = new TemporaryFolder();
        model.Save(folder.File("saved"));
        using var reloaded = RewardModel.Load(folder.File("saved"));
        var sequences = RecordedFolders.Sequences(name);
        return [logits, gradients, Deviation.OfLargest([.. model.Score(sequences)], [.. reloaded.Score(sequences)])];
    }

    private static double OfWords(string name)
    {
        using var model = LanguageModel.Load(ModelFixture.Folder(name));
        var golden = new LanguageGolden(name);
        var found = model.LogProbs(golden.Sequences.Select(ids => new EncodedSequence([.. ids], [], 0)));
        return Deviation.OfLargest([.. golden.LogProbs.SelectMany(row => row)], [.. found.SelectMany(row => row)]);
    }

    // A language model stands in the row of the reward model that has its config: llama-lm in that of llama.
    private static string RewardName(string languageModel) => languageModel.EndsWith("-lm", StringComparison.Ordinal) ? languageModel[..^3] : languageModel;

    private static string Written(Dictionary<string, (string Family, double?[] Figures)> seen)
    {
        var text = new StringBuilder("""
            # Beside Hugging Face

            Small models with random weights, recorded with transformers 5.12.1 on PyTorch 2.14.1 (CPU, fp32, eager attention), and how far Prefer's fp32
            is from them. `PREFER_WRITE_DOCS=1 ./test InteropTests` measures anew and writes this file; without the variable the test fails where anything
            is further off than the file says. The figures are bounds: three times the largest deviation seen, rounded up to one
            digit, and at least 1e-7, so that another processor's rounding fits.

            - **logits**: rewards of all recorded cases, as a share of the largest.
            - **gradients**: of a Bradley–Terry step, each parameter's norm and largest element, as a share of its norm (of 1/100 of the whole gradient's, where that
              is larger).
            - **log-probabilities**: of the language model of the same config, each token's, as a share of the largest.
            - **save and reload**: rewards before and after, as a share of the largest.

            For scale: the reference's own rewards move by up to 3·10⁻⁶ when it pads the batch. Where it chose rotary frequencies by the padded length of the
            batch (`llama-rope-dynamic`, `phi3-longrope`), only what it recorded without padding counts, and not the short sequences that it ran with frequencies left
            by a longer one.

            | checkpoint | family | logits | gradients | log-probabilities | save and reload |
            |---|---|--:|--:|--:|--:|

            """.ReplaceLineEndings("\n"));
        foreach (var (name, row) in seen)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {row.Family} | {string.Join(" | ", row.Figures.Select(figure => figure is { } value ? Bound(value).ToString("0e0", CultureInfo.InvariantCulture) : None))} |\n");
        }
        return text.ToString();
    }

    /// <summary>Three times the value, rounded up to one digit.</summary>
    private static double Bound(double value)
    {
        var wide = Math.Max(3 * value, 1e-7);
        var unit = Math.Pow(10, Math.Floor(Math.Log10(wide)));
        return Math.Ceiling(Math.Round(wide / unit, 9)) * unit;
    }

    private static Dictionary<string, (string Family, double?[] Figures)> Rows(string document) =>
        document.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line.Trim('|', ' ').Split(" | "))
            .ToDictionary(cells => cells[0], cells => (cells[1], cells[2..].Select(cell => cell == None ? (double?)null : double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()));
}
