using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>The calibration in a model folder's prefer.json.</summary>
[Collection(ProcessWide.Name)]
public sealed class CalibrationTests : IDisposable
{
    private static readonly Calibration Some = new()
    {
        Rewards = new ReferenceRewards { Mean = 0.25, Deviation = 1.5, Responses = 40, Fingerprint = "ab12" },
        Temperature = new FittedTemperature { Value = 1.75, Pairs = 20 },
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_comes_back_and_all_else_in_the_record_stays()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        SmallTextModel.Edit(Record(saved), record => (record["training"], record["data"]) = (new JsonObject { ["learning_rate"] = 3e-4 }, new JsonArray(1, "two")));
        var before = JsonNode.Parse(File.ReadAllText(Record(saved)))!.AsObject();
        using (var model = RewardModel.Load(saved))
        {
            Assert.Null(model.Calibration);
            model.SaveCalibration(Some);
            Assert.Equal(Some, model.Calibration);
        }

        var after = JsonNode.Parse(File.ReadAllText(Record(saved)))!.AsObject();
        Assert.Equal("""{"rewards":{"mean":0.25,"deviation":1.5,"responses":40,"fingerprint":"ab12"},"temperature":{"value":1.75,"pairs":20}}""", after["calibration"]!.ToJsonString());
        after.Remove("calibration");
        Assert.True(JsonNode.DeepEquals(before, after), after.ToJsonString());
        Assert.Empty(Directory.EnumerateFiles(saved, "*.tmp"));
        using var loaded = RewardModel.Load(saved);
        Assert.Equal((Some, false), (loaded.Calibration, loaded.HasForeignCalibration));
        // Weights that are saved anew may be other ones.
        loaded.Save(folder.File("again"));
        using var again = RewardModel.Load(folder.File("again"));
        Assert.Null(again.Calibration);
    }

    [Fact]
    public void A_temperature_can_be_set_alone()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        using var model = RewardModel.Load(saved);
        model.SaveCalibration(Some);

        model.SaveCalibration(model.Calibration! with { Temperature = new FittedTemperature { Value = 2, Pairs = 9 } });

        using var loaded = RewardModel.Load(saved);
        Assert.Equal((Some.Rewards, 2.0), (loaded.Calibration!.Rewards, loaded.Calibration.Temperature!.Value));
    }

    [Fact]
    public void A_folder_that_prefer_did_not_write_gets_a_record_with_a_probe()
    {
        TextModel.WriteTo(folder.Path);
        double reward;
        using (var model = RewardModel.Load(folder.Path))
        {
            reward = model.Score("want low", "unaffable");
            model.SaveCalibration(Some);
        }

        using var loaded = RewardModel.Load(folder.Path);
        Assert.Equal((reward, Some), (loaded.Score("want low", "unaffable"), loaded.Calibration));
        var probe = JsonNode.Parse(File.ReadAllText(Record(folder.Path)))!["probe"]!.AsArray();
        Assert.Equal(4, probe.Count);
        Assert.Equal((double)probe[1]!["reward"]!, loaded.Score((string)probe[1]!["prompt"]!, (string)probe[1]!["response"]!), RecordedRewards.Tolerance);
    }

    [Theory]
    [InlineData(DType.BFloat16, WeightStorage.Full)]
    [InlineData(DType.Float32, WeightStorage.Int8)]
    public void A_new_probe_is_not_computed_in_less_than_full_precision(DType dtype, WeightStorage weights)
    {
        TextModel.WriteTo(folder.Path);
        using var model = RewardModel.Load(folder.Path, new LoadOptions { DType = dtype, Weights = weights });

        var error = Assert.Throws<ModelException>(() => model.SaveCalibration(Some));
        Assert.EndsWith("Calibrate with --precision fp32 --weights full.", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Record(folder.Path)));
    }

    [Fact]
    public void Other_rewards_than_the_folder_has_are_told_apart()
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        using (var model = RewardModel.Load(saved))
        {
            model.SaveCalibration(Some);
        }

        var written = File.ReadAllText(Record(saved));
        foreach (var (options, isForeign) in (ReadOnlySpan<(LoadOptions, bool)>)
            [(new LoadOptions { EncodingMode = EncodingMode.Concat }, true), (new LoadOptions { RewardWeights = "0=-2" }, true), (new LoadOptions { AppendEndToken = false }, true), (new LoadOptions { MaxLength = 9 }, false)])
        {
            using var model = RewardModel.Load(saved, options);
            Assert.Equal((isForeign ? null : Some, isForeign), (model.Calibration, model.HasForeignCalibration));
            Assert.StartsWith($"{saved}: the model was loaded with another template, encoding, maximum length, tokenizer or reading", Assert.Throws<ModelException>(() => model.SaveCalibration(Some)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(written, File.ReadAllText(Record(saved)));
    }

    [Theory]
    [InlineData("""{"rewards": {"mean": 0, "deviation": 0, "responses": 2}}""", "has the mean 0 and the deviation 0, expected finite numbers and a positive deviation")]
    [InlineData("""{"temperature": {"value": -1, "pairs": 2}}""", "has the temperature -1, expected a positive number")]
    [InlineData("""{"temperature": {"pairs": 2}}""", "not a record that Prefer wrote")]
    [InlineData("""{"scale": 1}""", "not a record that Prefer wrote")]
    public void Numbers_that_cannot_be_divided_by_are_refused(string calibration, string message)
    {
        var saved = SmallTextModel.Write("llama", folder.Path);
        SmallTextModel.Edit(Record(saved), record => record["calibration"] = JsonNode.Parse(calibration));

        Assert.Contains(message, Assert.Throws<ModelException>(() => RewardModel.Load(saved)).Message, StringComparison.Ordinal);
    }

    private static string Record(string folder) => Path.Combine(folder, ModelRecord.FileName);
}
