using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Diagnosis;
using Prefer.Models;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

public sealed class DiagnosisTests
{
    private const int Start = 1, Unknown = 3;

    private static readonly EncodingFacts Facts = new()
    {
        Encoding = new EncodingOptions { MaxLength = 8 }, StartId = Start, UnknownId = Unknown, HasChatTemplate = false, IsRecorded = true,
    };

    [Fact]
    public void Rewards_by_hand()
    {
        var collector = new DiagnosisCollector(wrongCount: 2);
        collector.AddUnscored(Pair("same", "same"));
        collector.AddUnscored(Pair(" ", " "));
        (double Chosen, double Rejected)[] rewards = [(12, 1), (0, 0), (1, 3), (0, 5), (2, 4), (1, 2)];
        foreach (var (index, (chosen, rejected)) in rewards.Index())
        {
            collector.Add(Pair($"a{index}", "b"), new ScoredResponse(chosen, null), new ScoredResponse(rejected, null), index + 2);
        }

        var metrics = collector.Metrics();

        Assert.Equal((8L, 6L, 1L, 1L, 1L, 1L), (metrics.Pairs, metrics.ScoredPairs, metrics.Identical, metrics.Empty, metrics.SaturatedPairs, metrics.EqualRewards));
        double[] all = [.. rewards.SelectMany(pair => new[] { pair.Chosen, pair.Rejected })];
        Relative.Equal(all.Average(), metrics.RewardMean!.Value, 1e-14);
        Relative.Equal(Math.Sqrt(all.Sum(reward => Math.Pow(reward - all.Average(), 2)) / (all.Length - 1)), metrics.RewardDeviation!.Value, 1e-14);
        Assert.Null(metrics.Tokens);

        // −5, then the earlier of the two of −2.
        Assert.Equal([(5L, -5.0), (4L, -2.0)], metrics.Wrong.Select(wrong => (wrong.Index, wrong.Difference)));
        var worst = metrics.Wrong[0];
        Assert.Equal(("a3", "b", "file.jsonl:1", 0.0, 5.0), (worst.Chosen, worst.Rejected, worst.Origin, worst.ChosenReward, worst.RejectedReward));
        Relative.Equal(1 / (1 + Math.Exp(5)), worst.Probability, 1e-14);
        Assert.Equal(["saturated", "equal_rewards", "identical", "empty"], metrics.Findings.Select(finding => finding.Name));
    }

    [Fact]
    public void Tokens_that_training_did_not_have_are_counted_and_named()
    {
        var seen = TokenSet.Of([new EncodedSequence([Start, 5, 99], [], 0)], 100);
        var collector = new DiagnosisCollector(Facts with { SeenTokens = TokenSet.FromBytes(seen.ToBytes()), TokenOf = id => id == 7 ? "seven" : null });
        collector.Add(Pair("a", "b"), Scored(1, [Start, 5, 7, 7]), Scored(0, [Start, 6, 7, 99]), 0);

        var tokens = collector.Metrics().Tokens!;

        Assert.Equal((4L, 0.5), (tokens.Unseen, tokens.UnseenShare));
        Assert.Equal([new UnseenToken(7, "seven", 3), new UnseenToken(6, null, 1)], tokens.UnseenTokens);
        var finding = Assert.Single(collector.Metrics().Findings, finding => finding.Name == "unseen_tokens");
        Assert.Equal((Severity.Warning, "4 of 8 tokens (50.0 %) did not occur in the training data: seven, 6."), (finding.Severity, finding.What));
        Assert.False(seen.Contains(104));
        var unknown = new DiagnosisCollector(Facts);
        unknown.Add(Pair("a", "b"), Scored(1, [Start, 5]), Scored(0, [Start, 6]), 0);
        Assert.Null(unknown.Metrics().Tokens!.Unseen);
    }

    [Fact]
    public void The_worst_are_those_of_sorting_all()
    {
        var random = new Random(5);
        var collector = new DiagnosisCollector();
        var differences = new List<(double, long)>();
        for (var index = 0; index < 500; index++)
        {
            var (chosen, rejected) = (random.Next(-20, 20), random.Next(-20, 20));
            collector.Add(Pair("a", "b") with { Label = index % 9 == 0 ? 0.5 : 1 }, new ScoredResponse(chosen, null), new ScoredResponse(rejected, null), index);
            if (index % 9 != 0)
            {
                differences.Add((chosen - rejected, index));
            }
        }

        Assert.Equal(differences.Order().Take(20), collector.Metrics().Wrong.Select(wrong => (wrong.Difference, wrong.Index)));
    }

    [Fact]
    public void Tokens_by_hand()
    {
        var collector = new DiagnosisCollector(Facts);
        collector.Add(Pair("a", "b"), Scored(1, [Start, 5, 6]), Scored(0, [Start, Start, 5]), 0); // doubled
        collector.Add(Pair("a", "b"), Scored(1, [5, Unknown, Unknown]), Scored(0, [Start, 5], removed: 2), 1); // missing, two unknown, one cut
        collector.Add(Pair("a", "b"), Scored(1.00001, [Start, 5], removed: 1), Scored(1, [Start, 5], removed: 3), 2); // the same: no difference

        var metrics = collector.Metrics();

        var tokens = metrics.Tokens!;
        Assert.Equal((6L, 15L, 3L, 0.5, 1L), (tokens.Responses, tokens.Tokens, tokens.Truncated, tokens.TruncatedShare, tokens.BecameIdenticalByTruncation));
        Assert.Equal((1L, 1L, 2L, 2 / 15.0), (tokens.DoubledStart, tokens.MissingStart, tokens.Unknown, tokens.UnknownShare));
        Assert.Equal((1L, 0), (metrics.EqualRewards, metrics.Wrong.Count));
        Assert.Equal(
            ["doubled_start Fault", "missing_start Fault", "truncated Warning", "became_identical_by_truncation Warning", "unknown_tokens Warning", "equal_rewards Warning"],
            metrics.Findings.Select(finding => $"{finding.Name} {finding.Severity}"));
        Assert.All(metrics.Findings, finding => Assert.True(finding.What.EndsWith('.') && finding.Advice.EndsWith('.') && finding.Count > 0));

        var unknown = new DiagnosisCollector(Facts with { StartId = null, UnknownId = null });
        unknown.Add(Pair("a", "b"), Scored(1, [5]), Scored(0, [6]), 0);
        Assert.Equal((null, null, null), (unknown.Metrics().Tokens!.DoubledStart, unknown.Metrics().Tokens!.MissingStart, unknown.Metrics().Tokens!.Unknown));
    }

    [Fact]
    public void Marks_of_other_templates_are_found_in_the_text()
    {
        var collector = new DiagnosisCollector();
        Add(Pair("<|im_start|>assistant\nhi<|im_end|>", "b<|im_end|>"));
        Add(Pair("Sure.\n\nHuman: and now?", "b"));
        Add(Pair("a", "b"));
        var metrics = collector.Metrics();

        Assert.Equal((1L, 1L), (metrics.ControlTokenPairs, metrics.TranscriptPairs));
        Assert.Equal([new("<|im_end|>", 1), new("<|im_start|>", 1)], metrics.ControlTokens);
        Assert.Equal(["control_tokens", "transcripts"], metrics.Findings.Select(finding => finding.Name));

        void Add(Comparison pair) => collector.Add(pair, new ScoredResponse(1, null), new ScoredResponse(0, null), 0);
    }

    [Theory]
    [InlineData("plain", EncodingMode.Template, true, false, "chat_template_unused Warning")]
    [InlineData("plain", EncodingMode.Template, true, true, "")]
    [InlineData("plain", EncodingMode.Template, false, false, "")]
    [InlineData("chat", EncodingMode.Template, true, false, "")]
    [InlineData("plain", EncodingMode.Concat, false, false, "several_turns_without_template Warning")]
    [InlineData("plain", EncodingMode.Pair, false, true, "several_turns_without_template Note")]
    public void A_template_that_does_not_fit_is_told(string template, EncodingMode mode, bool hasChat, bool isRecorded, string expected)
    {
        var collector = new DiagnosisCollector(Facts with { Encoding = new EncodingOptions { Template = template, Mode = mode }, HasChatTemplate = hasChat, IsRecorded = isRecorded });
        var several = Pair("a", "b") with { Prompt = [new("user", "q"), new("assistant", "a"), new("user", "r")] };
        collector.Add(several, Scored(1, [Start, 5]), Scored(0, [Start, 6]), 0);

        var metrics = collector.Metrics();
        Assert.Equal(1, metrics.SeveralTurnsPairs);
        Assert.Equal(expected, string.Join(", ", metrics.Findings.Select(finding => $"{finding.Name} {finding.Severity}")));
    }

    [Theory]
    [InlineData(1000, 1e-3, true)]
    [InlineData(0, 1e-4, true)]
    [InlineData(0, 1, false)]
    [InlineData(1e8, 1e6, false)] // squares would cancel
    public void Rewards_that_do_not_vary_are_a_fault(double mean, double deviation, bool isFault)
    {
        var collector = new DiagnosisCollector();
        for (var index = 0; index < 10; index++)
        {
            collector.Add(Pair("a", "b"), new ScoredResponse(mean + deviation, null), new ScoredResponse(mean - deviation, null), index);
        }

        // Twenty values at one deviation from their mean, of 19 degrees of freedom; 1e8 has some 1e-8 of rounding in its deviation.
        Relative.Equal(deviation * Math.Sqrt(20 / 19.0), collector.Metrics().RewardDeviation!.Value, 1e-7);
        Assert.Equal(isFault, collector.Metrics().Findings.Any(finding => finding is { Name: "collapsed_rewards", Severity: Severity.Fault }));
    }

    [Fact]
    public void Training_data_is_recognised()
    {
        Comparison[] training = [Pair("a", "b"), Pair("c", "d") with { Prompt = [new("user", "other")] }];
        var collector = new DiagnosisCollector(training: DataFingerprints.Of(training));
        foreach (var pair in (Comparison[])[Pair("B", "A!"), Pair("a", "e"), Pair("x", "y") with { Prompt = [new("user", "new")] }])
        {
            collector.Add(pair, new ScoredResponse(1, null), new ScoredResponse(0, null), 0);
        }

        var metrics = collector.Metrics();
        Assert.Equal(new TrainingOverlap { TrainingPrompts = 2, Prompts = 2, PromptsInTraining = 1, PromptShare = 0.5, Pairs = 3, PairsInTraining = 1, PairShare = 1 / 3.0 }, metrics.TrainingOverlap);
        Assert.Equal(("prompts_in_training", Severity.Fault, 1L), (metrics.Findings[0].Name, metrics.Findings[0].Severity, metrics.Findings[0].Count));
    }

    [Fact]
    public void Nothing_gives_no_numbers()
    {
        var metrics = new DiagnosisCollector(Facts).Metrics();
        Assert.Equal((null, null, null, null, null), (metrics.Tokens, metrics.SaturatedShare, metrics.RewardMean, metrics.RewardDeviation, metrics.TrainingOverlap));
        Assert.Empty(metrics.Findings);
    }

    [Fact]
    public void Facts_of_a_folder_are_those_of_its_tokenizer()
    {
        using var folder = new TemporaryFolder();
        TextModel.WriteTo(folder.Path);
        using var model = RewardModel.Load(folder.Path);

        var facts = model.Facts(folder.Path);

        Assert.Equal((model.Tokenizer!.TokenToId("[CLS]"), model.Tokenizer.TokenToId("[UNK]")), (facts.StartId, facts.UnknownId));
        Assert.NotNull(facts.StartId);
        Assert.NotNull(facts.UnknownId);
        Assert.Equal((EncodingMode.Pair, false, false), (facts.Encoding.Mode, facts.HasChatTemplate, facts.IsRecorded));
        model.Save(folder.File("saved"));
        Assert.True(model.Facts(folder.File("saved")).IsRecorded);
    }

    [Fact]
    public void Contamination_by_hand()
    {
        const string Known = "one two three four five six seven eight nine ten";
        Comparison[] pairs =
        [
            Pair(Known, "short") with { Prompt = [new("user", "a b c d e f g h i j k l")] }, // prompt: 5 8-grams, none; chosen: 3 of 3
            Pair($"zero {Known}", "other words that nobody has ever written down before now") with { Prompt = [new("user", "a b c d e f g h i j k l")] }, // 3 of 4; 0 of 3
        ];

        var metrics = ContaminationMetrics.Run(pairs, [("ONE, two: three four five six seven eight nine ten eleven", new RowOrigin("train.txt", 4)), ("nothing", new RowOrigin("train.txt", 5))]);

        Assert.Equal((8, 2L), (metrics.NgramLength, metrics.ReferenceTexts));
        Assert.Equal((1, 0, 0, 0.0, 0.0), (metrics.Prompts.Texts, metrics.Prompts.TooShort, metrics.Prompts.Overlapping, metrics.Prompts.ContaminatedShare, metrics.Prompts.MeanShare));
        Assert.Equal((3, 1, 2, 2), (metrics.Responses.Texts, metrics.Responses.TooShort, metrics.Responses.Overlapping, metrics.Responses.Contaminated));
        Relative.Equal((1 + 0.75 + 0) / 3, metrics.Responses.MeanShare!.Value, 1e-14);
        Assert.Equal(
            [new Offender("file.jsonl:1", "chosen", 3, 3, 1, "one two three four five six seven eight", "train.txt:4"), new Offender("file.jsonl:1", "chosen", 4, 3, 0.75, "one two three four five six seven eight", "train.txt:4")],
            metrics.Offenders);
        Assert.Equal(2, metrics.Finding!.Count);
        Assert.Null(ContaminationMetrics.Run(pairs, []).Finding);
        Assert.Null(ContaminationMetrics.Run([], []).Prompts.MeanShare);
    }

    private static ScoredResponse Scored(double reward, int[] ids, int removed = 0) => new(reward, new EncodedSequence([.. ids], [], removed));

    private static Comparison Pair(string chosen, string rejected) => new()
    {
        Prompt = [new Message("user", "q")], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected), Origin = new RowOrigin("file.jsonl", 1),
    };
}
