namespace Prefer.Models.Forest;

/// <summary>Collects token sequences into a <see cref="TokenForest"/>, counting the packed tokens as it goes.</summary>
/// <param name="sharePrefixes">Merge common prefixes within a group (causal models); otherwise every sequence is a tree of one span.</param>
internal sealed class TokenForestBuilder(bool sharePrefixes)
{
    private readonly List<Node> roots = [];
    private readonly List<Node> ends = [];
    private readonly List<int> lengths = [];

    /// <summary>Packed tokens so far, T.</summary>
    internal int TokenCount { get; private set; }

    /// <summary>Sequences so far, S.</summary>
    internal int SequenceCount => lengths.Count;

    /// <summary>Adds a sequence of at least one token and gives its index.</summary>
    /// <param name="tokenTypes">One segment a token, or empty for all zero. Segments do not take part in merging.</param>
    /// <param name="group">Sequences of different groups share nothing: <see cref="Families.Network.FrequencyGroup"/>.</param>
    internal int Add(ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes = default, int group = 0)
    {
        if (tokens.IsEmpty)
        {
            throw new ArgumentException("a sequence needs at least one token", nameof(tokens));
        }
        lengths.Add(tokens.Length);
        ends.Add(Insert(tokens, tokenTypes, group));
        return lengths.Count - 1;
    }

    /// <summary>Packed tokens that adding a sequence would bring.</summary>
    internal int CountNew(ReadOnlySpan<int> tokens, int group = 0)
    {
        if (!sharePrefixes)
        {
            return tokens.Length;
        }
        var siblings = roots;
        while (Find(siblings, tokens, group) is { } node)
        {
            var common = tokens.CommonPrefixLength(node.Tokens);
            tokens = tokens[common..];
            if (common < node.Tokens.Length || tokens.IsEmpty)
            {
                break;
            }
            siblings = node.Children;
        }
        return tokens.Length;
    }

    /// <summary>Lays the tries out, depth first.</summary>
    internal TokenForest Build()
    {
        var tokens = new int[TokenCount];
        var positions = new int[TokenCount];
        var tokenTypes = new int[TokenCount];
        var spans = new List<TokenSpan>();
        var start = 0;
        // A stack instead of recursion: a chain of prefixes may be as deep as a sequence is long.
        var pending = new Stack<(Node Node, int? Parent, int Depth)>();
        for (var index = roots.Count - 1; index >= 0; index--)
        {
            pending.Push((roots[index], null, 0));
        }
        while (pending.TryPop(out var item))
        {
            var (node, parent, depth) = item;
            node.Index = spans.Count;
            spans.Add(new TokenSpan(start, node.Tokens.Length, parent, depth, node.Group));
            node.Tokens.CopyTo(tokens, start);
            node.TokenTypes.CopyTo(tokenTypes, start);
            for (var offset = 0; offset < node.Tokens.Length; offset++)
            {
                positions[start + offset] = depth + offset;
            }
            start += node.Tokens.Length;
            for (var index = node.Children.Count - 1; index >= 0; index--)
            {
                pending.Push((node.Children[index], node.Index, depth + node.Tokens.Length));
            }
        }
        return new TokenForest(tokens, positions, tokenTypes, [.. spans], [.. ends.Select(end => end.Index)], [.. lengths]);
    }

    private Node Insert(ReadOnlySpan<int> tokens, ReadOnlySpan<int> tokenTypes, int group)
    {
        var siblings = roots;
        while (sharePrefixes && Find(siblings, tokens, group) is { } node)
        {
            var common = tokens.CommonPrefixLength(node.Tokens);
            if (common == tokens.Length)
            {
                return node;
            }
            if (common < node.Tokens.Length)
            {
                node.SplitAt(common, ends);
            }
            tokens = tokens[common..];
            tokenTypes = tokenTypes.IsEmpty ? tokenTypes : tokenTypes[common..];
            siblings = node.Children;
        }
        var added = new Node(tokens.ToArray(), tokenTypes.IsEmpty ? new int[tokens.Length] : tokenTypes.ToArray(), group);
        siblings.Add(added);
        TokenCount += tokens.Length;
        return added;
    }

    private static Node? Find(List<Node> siblings, ReadOnlySpan<int> tokens, int group)
    {
        foreach (var node in siblings)
        {
            if (node.Group == group && node.Tokens[0] == tokens[0])
            {
                return node;
            }
        }
        return null;
    }

    private sealed class Node(int[] tokens, int[] tokenTypes, int group)
    {
        internal int[] Tokens { get; private set; } = tokens;

        internal int[] TokenTypes { get; private set; } = tokenTypes;

        internal int Group => group;

        internal List<Node> Children { get; private set; } = [];

        internal int Index { get; set; }

        /// <summary>Keeps the first tokens here and moves the rest into a child, with every sequence that ended here.</summary>
        internal void SplitAt(int length, List<Node> ends)
        {
            var rest = new Node(Tokens[length..], TokenTypes[length..], group) { Children = Children };
            (Tokens, TokenTypes, Children) = (Tokens[..length], TokenTypes[..length], [rest]);
            for (var index = 0; index < ends.Count; index++)
            {
                if (ends[index] == this)
                {
                    ends[index] = rest;
                }
            }
        }
    }
}
