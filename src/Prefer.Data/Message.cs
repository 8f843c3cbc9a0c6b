using System.Text;

namespace Prefer.Data;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c> or <c>assistant</c>; other roles are passed through.</param>
/// <param name="Content">What is said, as text.</param>
public sealed record Message(string Role, string Content)
{
    /// <summary>Characters (Unicode code points) of the content.</summary>
    public int Length
    {
        get
        {
            var count = 0;
            foreach (Rune _ in Content.EnumerateRunes())
            {
                count++;
            }

            return count;
        }
    }
}
