using Prefer.Data;
using Prefer.Evaluation;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>What counts as a mark of Markdown, case by case.</summary>
public sealed class ResponseTraitsTests
{
    [Theory]
    [InlineData("", 0, 0, 0)]
    [InlineData("Plain text - with a dash, 3.5 and a # sign.", 0, 0, 0)]
    [InlineData("# One\n## Two\r\n###### Six\n####### Seven\n#NoSpace\n   # Indented\n    # Code\n#", 5, 0, 0)]
    [InlineData("- a\n* b\n+ c\n  - nested\n1. one\n12) twelve\n-none\n1.none\n1234567890. too long\n- \n2024.", 0, 6, 0)]
    [InlineData("* * *\n- - -\n---\n***", 0, 0, 0)]
    [InlineData("**a** and **b c** and __d__ and *e* and ** f ** and **g", 0, 0, 3)]
    [InlineData("***both*** **a****b**", 0, 0, 2)]
    [InlineData("snake__case__name, 2 ** 3 ** 4, `**kwargs**`, ``a ` **b**``", 0, 0, 0)]
    [InlineData("an open ` and **bold**", 0, 0, 1)]
    [InlineData("**over\nlines**", 0, 0, 0)]
    [InlineData("- **Item**: text\n- **Other**", 0, 2, 2)]
    [InlineData("```python\n# a comment\n- x **y**\n```\n# Header", 1, 0, 0)]
    [InlineData("~~~~\n# a\n~~~\n# b\n~~~~\n- c", 0, 1, 0)]
    [InlineData("  ```\n# inside an item's code\n  ```\n# out", 1, 0, 0)]
    [InlineData("```\n# never closed\n- a", 0, 0, 0)]
    [InlineData("```not a fence``` but code\n# Header", 1, 0, 0)]
    public void Marks(string text, int headers, int items, int bolds)
    {
        var traits = ResponseTraits.Of(Response.FromText(text));

        Assert.Equal((headers, items, bolds), (traits.Headers, traits.ListItems, traits.Bolds));
    }

    [Fact]
    public void Turns_are_added_up_and_a_fence_ends_with_its_turn()
    {
        var response = new Response { Turns = [new Message("assistant", "😀\n```\n# a"), new Message("user", "# b"), new Message("assistant", "- c")] };

        Assert.Equal(new ResponseTraits(9 + 3 + 3, 1, 1, 0), ResponseTraits.Of(response));
    }

    [Fact]
    public void Ids_have_a_length_alone() => Assert.Equal(new ResponseTraits(3, 0, 0, 0), ResponseTraits.Of(new Response { InputIds = [5, 6, 7] }));
}
