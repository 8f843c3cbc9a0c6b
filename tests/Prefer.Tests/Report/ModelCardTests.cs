using Prefer.Report;
using Xunit;
using YamlDotNet.Serialization;

namespace Prefer.Tests.Report;

/// <summary>The card of a model: that the hub's reader understands it, and that nobody's own text is lost.</summary>
public sealed class ModelCardTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Its_front_matter_says_what_the_run_recorded()
    {
        SampleRun.WriteTo(folder.Path, model: "models/distilbert-base/");

        Assert.True(ModelCard.Write(folder.Path));

        var card = FrontMatter();
        Assert.Equal(("transformers", "text-classification", "distilbert-base"), ((string)card["library_name"], (string)card["pipeline_tag"], (string)card["base_model"]));
        Assert.Equal(["reward-model", "prefer"], List(card["tags"]));
        Assert.Equal(["train.jsonl"], List(card["datasets"]));
        Assert.DoesNotContain("license", card.Keys);
        var result = Map(List(Map(List(card["model-index"])[0])["results"])[0]);
        Assert.Equal("eval.jsonl", Map(result["dataset"])["name"]);
        var accuracy = Map(List(result["metrics"])[0]);
        Assert.Equal(("accuracy", 0.68), ((string)accuracy["type"], double.Parse((string)accuracy["value"], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void An_evaluation_takes_the_place_of_the_validation_and_the_licence_stays()
    {
        SampleRun.WriteTo(folder.Path);
        Assert.True(ModelCard.Write(folder.Path, license: "apache-2.0"));

        Assert.True(ModelCard.Write(folder.Path, SampleEvaluation.Result(), SampleEvaluation.About()));

        var card = FrontMatter();
        Assert.Equal("apache-2.0", card["license"]);
        Assert.DoesNotContain("base_model", card.Keys);
        var metrics = List(Map(List(Map(List(card["model-index"])[0])["results"])[0])["metrics"]);
        Assert.Equal(SampleEvaluation.Result().Accuracy!.Value, double.Parse((string)Map(metrics[0])["value"], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("---\nevil: \"yes\"\n---.jsonl")]
    [InlineData("quote\" colon: #hash | pipe.jsonl")]
    [InlineData("日本\u2028 'x'.jsonl")]
    public void Any_file_name_is_one_string_of_yaml(string name)
    {
        SampleRun.WriteTo(folder.Path);
        var path = folder.File("run.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"out/split/train.jsonl\"", System.Text.Json.JsonSerializer.Serialize(name), StringComparison.Ordinal));

        ModelCard.Write(folder.Path);

        Assert.Equal([name], List(FrontMatter()["datasets"]));
    }

    [Fact]
    public void A_readme_of_someone_s_own_stays()
    {
        SampleRun.WriteTo(folder.Path);
        File.WriteAllText(folder.File("README.md"), "# Mine\n");

        Assert.False(ModelCard.Write(folder.Path));

        Assert.Equal("# Mine\n", File.ReadAllText(folder.File("README.md")));
    }

    [Fact]
    public void A_folder_without_its_run_has_what_the_model_s_record_keeps()
    {
        File.WriteAllText(folder.File("prefer.json"), """{"format": 1, "training": {"model": "new:llama-mini", "data": ["pairs.jsonl"], "epochs": 3}, "data": {"train": {"comparisons": 731}}}""");

        Assert.True(ModelCard.Write(folder.Path));

        Assert.Equal(["pairs.jsonl"], List(FrontMatter()["datasets"]));
        Assert.Contains("| comparisons | 731 |", File.ReadAllText(folder.File("README.md")), StringComparison.Ordinal);
        Assert.DoesNotContain("model-index", FrontMatter().Keys);
    }

    [Fact]
    public void A_folder_without_either_is_refused() =>
        Assert.Contains("found neither run.json nor prefer.json", Assert.Throws<ReportException>(() => ModelCard.Write(folder.Path)).Message, StringComparison.Ordinal);

    private Dictionary<string, object> FrontMatter()
    {
        var text = File.ReadAllText(folder.File("README.md"));
        Assert.StartsWith("---\n", text, StringComparison.Ordinal);
        return new DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(text[4..text.IndexOf("\n---\n", StringComparison.Ordinal)]);
    }

    private static List<object> List(object node) => (List<object>)node;

    private static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;
}
