using Prefer.Cli;
using Prefer.Cli.Options;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly string configPath = Path.GetTempFileName();

    public void Dispose() => File.Delete(configPath);

    [Fact]
    public void Without_flags_every_property_keeps_its_default()
    {
        var options = Run("--model m");

        Assert.Equal(("m", 1e-5, SampleSchedule.Linear, null, true, false),
            (options.Model, options.LearningRate, options.LrSchedulerType, options.MaxSteps, options.Shuffle, options.Overwrite));
        Assert.Empty(options.Data);
        Assert.Equal([0.5], options.Levels);
    }

    [Fact]
    public void Flags_set_properties_of_every_kind()
    {
        var options = Run("--model m --data a.jsonl b.jsonl --data c.jsonl --learning-rate 3e-6 --lr-scheduler-type constant-with-warmup "
            + "--max-steps 7 --seed 18446744073709551615 --no-shuffle --overwrite --levels -0.5 1 --remark=--odd");

        Assert.Equal(["a.jsonl", "b.jsonl", "c.jsonl"], options.Data);
        Assert.Equal((3e-6, SampleSchedule.ConstantWithWarmup, 7, ulong.MaxValue, false, true, "--odd"),
            (options.LearningRate, options.LrSchedulerType, options.MaxSteps, options.Seed, options.Shuffle, options.Overwrite, options.Remark));
        Assert.Equal([-0.5, 1], options.Levels);
    }

    [Fact]
    public void Flags_win_over_the_file_and_the_file_over_defaults()
    {
        var options = RunWithConfig("learning-rate: 1e-4\nwarmup_ratio: 0.25\nshuffle: false\noverwrite: true\ndata: [x.jsonl, y.jsonl]\nmax-steps: ~\nmodel: from-file\n",
            "--learning-rate 2e-4 --overwrite=false");

        Assert.Equal(("from-file", 2e-4, 0.25, false, false), (options.Model, options.LearningRate, options.WarmupRatio, options.Shuffle, options.Overwrite));
        Assert.Equal(["x.jsonl", "y.jsonl"], options.Data);
    }

    [Fact]
    public void The_file_may_use_the_name_of_the_negated_flag() =>
        Assert.False(RunWithConfig("no-shuffle: true", "--model m").Shuffle);

    [Fact]
    public void A_record_written_as_yaml_reads_back_equal()
    {
        var binder = new OptionsBinder<SampleOptions>();
        var options = Run("--model it's:\t\"odd\" --data a ü --learning-rate 0.1 --max-steps 3 --no-shuffle --remark null");

        var back = RunWithConfig(binder.ToYaml(options), "");

        Assert.Equal(options with { Data = [], Levels = [] }, back with { Data = [], Levels = [] });
        Assert.Equal(options.Data, back.Data);
        Assert.Equal(options.Levels, back.Levels);
    }

    [Fact]
    public void A_plain_argument_may_stand_before_and_after_flags()
    {
        SampleOptions? bound = null;
        var verb = Verb.Of<SampleOptions>("sample", "A verb.", (options, _) => { bound = options; return 0; }, nameof(SampleOptions.Model));

        CommandLine.Run(["sample", "--overwrite", "folder", "--seed", "1"], [verb]);

        Assert.Equal(("folder", true, 1UL), (bound!.Model, bound.Overwrite, bound.Seed));
    }

    [Fact]
    public void A_verb_of_a_group_is_reached_and_its_exit_code_returned()
    {
        var verb = Verb.Of<SampleOptions>("inner", "A verb.", (_, _) => 17);

        Assert.Equal(17, CommandLine.Run(["--verbose", "outer", "inner", "--model", "m"], [Verb.Group("outer", "A group.", verb)]));
    }

    [Theory]
    [InlineData("--model m --lerning-rate 3", "unknown flag '--lerning-rate'; did you mean '--learning-rate'?")]
    [InlineData("--model m --data a --shufle", "unknown flag '--shufle'; did you mean '--no-shuffle'?")]
    [InlineData("--model m --learning_rate=3", "unknown flag '--learning_rate'; did you mean '--learning-rate'?")]
    [InlineData("--model m --zzzzzzzzzz", "unknown flag '--zzzzzzzzzz'. 'prefer sample --help' lists the flags.")]
    [InlineData("--model m -lr 3", "unknown flag '-lr'. 'prefer sample --help' lists the flags.")]
    [InlineData("--model m --learning-rate fast", "--learning-rate: found 'fast', expected a number above 0.")]
    [InlineData("--model m --learning-rate -1", "--learning-rate: found '-1', expected a number above 0.")]
    [InlineData("--model m --learning-rate nan", "--learning-rate: found 'nan', expected a number above 0.")]
    [InlineData("--model m --warmup-ratio 2", "--warmup-ratio: found '2', expected a number of at least 0 and at most 1.")]
    [InlineData("--model m --max-steps 1.5", "--max-steps: found '1.5', expected a whole number of at least 1.")]
    [InlineData("--model m --lr-scheduler-type step", "--lr-scheduler-type: found 'step', expected linear, cosine or constant-with-warmup.")]
    [InlineData("--model m --learning-rate", "--learning-rate needs a value: number.")]
    [InlineData("--model m --seed 1 --seed 2", "Option '--seed' expects a single argument but 2 were provided.")]
    [InlineData("--model m stray", "unexpected argument 'stray'. 'prefer sample --help' shows how it is used.")]
    [InlineData("--seed 1", "--model is missing, expected a text: Where the model is.")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Run(arguments)).Message);

    [Theory]
    [InlineData("model: m\nlerning-rate: 1", ":2: unknown key 'lerning-rate'; did you mean 'learning-rate'?")]
    [InlineData("learning-rate: fast", ":1: learning-rate: found 'fast', expected a number above 0.")]
    [InlineData("learning-rate:", ":1: learning-rate: found no value, expected a number above 0.")]
    [InlineData("learning-rate: [1, 2]", ":1: learning-rate: found 2 values, expected one: a number above 0.")]
    [InlineData("data: {a: 1}", ":1: data: found a nested value, expected a text.")]
    [InlineData("warmup-ratio: 0.1\nwarmup_ratio: 0.2", ":2: warmup_ratio: given twice.")]
    [InlineData("- a", ": expected one mapping of option names to values, as in 'learning-rate: 1e-5'.")]
    public void A_wrong_file_is_refused_with_its_line(string yaml, string message) =>
        Assert.Equal(configPath + message, Assert.Throws<UsageException>(() => RunWithConfig(yaml, "--model m")).Message);

    [Fact]
    public void A_file_that_is_not_yaml_is_refused_with_its_line() =>
        Assert.StartsWith($"{configPath}:2: not YAML: ", Assert.Throws<UsageException>(() => RunWithConfig("a: 1\nb: }", "")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("sampel", "there is no verb 'sampel'; did you mean 'sample'?")]
    [InlineData("qqqqqqqqq", "there is no verb 'qqqqqqqqq'; expected one of: sample, data.")]
    [InlineData("", "'prefer' needs a verb, expected one of: sample, data. 'prefer --help' describes them.")]
    [InlineData("data", "'prefer data' needs a verb, expected one of: inspect. 'prefer data --help' describes them.")]
    [InlineData("data inspct", "there is no verb 'data inspct'; did you mean 'data inspect'?")]
    public void A_wrong_verb_is_refused(string arguments, string message)
    {
        Verb[] verbs =
        [
            Verb.Of<SampleOptions>("sample", "A verb.", (_, _) => 0),
            Verb.Group("data", "A group.", Verb.Of<SampleOptions>("inspect", "A verb.", (_, _) => 0)),
        ];

        Assert.Equal(message, Assert.Throws<UsageException>(() => CommandLine.Run(Split(arguments), verbs)).Message);
    }

    [Theory]
    [InlineData("learning-rate", "lerning-rate", 1)]
    [InlineData("kitten", "sitting", 3)] // Levenshtein's textbook pair
    [InlineData("ab", "ba", 1)]
    [InlineData("ca", "abc", 3)] // 2 in the unrestricted distance: what tells the two apart
    [InlineData("", "abc", 3)]
    public void Edit_distance_of_known_pairs(string from, string to, int edits)
    {
        Assert.Equal(edits, NearestName.Distance(from, to));
        Assert.Equal(edits, NearestName.Distance(to, from));
    }

    private SampleOptions RunWithConfig(string yaml, string arguments)
    {
        File.WriteAllText(configPath, yaml);
        return Run($"--config {configPath} {arguments}");
    }

    private static SampleOptions Run(string arguments)
    {
        SampleOptions? bound = null;
        var verb = Verb.Of<SampleOptions>("sample", "A verb.", (options, _) => { bound = options; return 0; });
        Assert.Equal(0, CommandLine.Run(["sample", .. Split(arguments)], [verb]));
        return bound!;
    }

    private static string[] Split(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
