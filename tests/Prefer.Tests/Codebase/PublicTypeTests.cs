using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Prefer.Tests.Codebase;

/// <summary>What a program that uses the library can see.</summary>
public sealed class PublicTypeTests
{
    public static TheoryData<string> Projects => [.. Checkout.Files("src", ".csproj").Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_public_type_says_what_it_is(string project)
    {
        var assembly = Assembly.Load(project == "Prefer.Cli" ? "prefer" : project);
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        var summaries = XDocument.Load(path).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, member => member.Element("summary")?.Value.Trim() ?? "");

        Assert.Empty(assembly.GetExportedTypes().Where(type => summaries.GetValueOrDefault($"T:{type.FullName!.Replace('+', '.')}", "").Length == 0).Select(type => type.FullName));
    }

    [Fact]
    public void The_command_line_has_no_public_types() => Assert.Empty(Assembly.Load("prefer").GetExportedTypes());
}
