namespace Prefer.Data;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c> or <c>assistant</c>; other roles are passed through.</param>
/// <param name="Content">What is said, as text.</param>
public sealed record Message(string Role, string Content);
