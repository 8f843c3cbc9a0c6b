using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Prefer.Tests.Codebase;

/// <summary>Rules about the project as a whole that no compiler checks.</summary>
public sealed partial class RuleTests
{
    private const int MaxLineCount = 500;

    // What each project may refer to; docs/design.md says why. Those with nothing know nothing of each other.
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["Prefer.Data"] = [],
        ["Prefer.Text"] = [],
        ["Prefer.Statistics"] = [],
        ["Prefer.Torch"] = [],
        ["Prefer.Models"] = ["Prefer.Torch", "Prefer.Text", "Prefer.Data"],
        ["Prefer.Training"] = ["Prefer.Models", "Prefer.Data", "Prefer.Statistics"],
        ["Prefer.Evaluation"] = ["Prefer.Models", "Prefer.Data", "Prefer.Statistics"],
        ["Prefer.Report"] = ["Prefer.Evaluation", "Prefer.Models", "Prefer.Data", "Prefer.Statistics"],
        ["Prefer.Server"] = ["Prefer.Evaluation", "Prefer.Models", "Prefer.Data", "Prefer.Statistics"],
        ["Prefer.Cli"] = ["Prefer.Training", "Prefer.Evaluation", "Prefer.Report", "Prefer.Server", "Prefer.Models", "Prefer.Data", "Prefer.Text", "Prefer.Statistics", "Prefer.Torch"],
    };

    [Fact]
    public void Projects_refer_only_to_those_they_may()
    {
        var wrong = new List<string>();
        foreach (var path in Checkout.Files("src", ".csproj"))
        {
            var project = Path.GetFileNameWithoutExtension(path);
            var references = XDocument.Parse(Checkout.Read(path)).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            var allowed = AllowedReferences.GetValueOrDefault(project);
            wrong.AddRange(allowed is null ? [$"{project} is not in the list of projects"]
                : references.Except(allowed).Select(reference => $"{project} refers to {reference}"));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_type_is_named_after_a_mechanism() =>
        Assert.Empty(Checkout.Files("src", ".cs").SelectMany(path => VagueTypeName().Matches(Checkout.Read(path)).Select(match => $"{path}: {match.Value}")));

    [Fact]
    public void No_source_file_is_longer_than_500_lines() =>
        Assert.All(Checkout.Files("src", ".cs").Concat(Checkout.Files("native", ".cpp", ".h")),
            path => Assert.InRange(Checkout.Read(path).Count(character => character == '\n'), 0, MaxLineCount));

    [Fact]
    public void Nothing_is_left_to_be_done() =>
        Assert.Empty(Checkout.Files("src", ".cs").Concat(Checkout.Files("native", ".cpp", ".h", ".txt")).Concat(Checkout.Files("tests", ".cs"))
            .SelectMany(path => Unfinished().Matches(Checkout.Read(path)).Select(match => $"{path}: {match.Value}")));

    [Fact]
    public void Relative_links_of_documents_lead_somewhere()
    {
        var dead = new List<string>();
        foreach (var path in Checkout.Files("", ".md"))
        {
            foreach (Match link in MarkdownLink().Matches(CodeBlock().Replace(Checkout.Read(path), "")))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                var isElsewhere = target.Length == 0 || target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal);
                if (!isElsewhere && !Path.Exists(Path.Combine(Checkout.Root, Path.GetDirectoryName(path)!, Uri.UnescapeDataString(target))))
                {
                    dead.Add($"{path}: {target}");
                }
            }
        }

        Assert.Empty(dead);
    }

    [Theory]
    [InlineData("class TensorManager", true)]
    [InlineData("record struct ModelInfo(", true)]
    [InlineData("interface IDataService", true)]
    [InlineData("class RowProcessor", true)]
    [InlineData("class TemplatePostProcessor", false)]
    [InlineData("class Information", false)]
    [InlineData("class Basement", false)]
    public void The_name_rule_finds_what_it_is_meant_to(string declaration, bool isVague) =>
        Assert.Equal(isVague, VagueTypeName().IsMatch(declaration));

    // A post-processor is the format's own word for a part of tokenizer.json.
    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum)\s+\w*(?:Manager|Helpers?|Service|Utils?|Utility|(?<!Post)Processor|Impl|Base|Info)\b")]
    private static partial Regex VagueTypeName();

    // Spelt with a class so that this file does not contain the words.
    [GeneratedRegex(@"\b(?:T[O]DO|FIX[M]E|NotImplemented[E]xception)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex MarkdownLink();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
