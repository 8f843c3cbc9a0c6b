namespace Prefer.Models.Forest;

/// <summary>Collects token sequences into a <see cref="TokenForest"/>, counting the packed tokens as it goes.</summary>
/// <param name="sharePrefixes">Merge common prefixes within a group (causal models); otherwise every sequence is a tree of one span.</param>
internal sealed class TokenForestBuilder(bool sharePrefixes)
{
    // Above the roots of all trees; no span.
    private readonly Node root = new([], [], group: 0, number: 0);
    private readonly Dictionary<(int Parent, int FirstToken, int Group), Node> byFirstToken = [];
    private readonly List<Node> ends = [];
    private readonly List<int> lengths = [];
    private int nodeCount;

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
        var parent = root;
        while (Find(parent, tokens, group) is { } node)
        {
            var common = tokens.CommonPrefixLength(node.Tokens);
            tokens = tokens[common..];
            if (common < node.Tokens.Length || tokens.IsEmpty)
            {
                break;
            }
            parent = node;
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
        for (var index = root.Children.Count - 1; index >= 0; index--)
        {
            pending.Push((root.Children[index], null, 0));
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
        var parent = root;
        while (sharePrefixes && Find(parent, tokens, group) is { } node)
        {
            var common = tokens.CommonPrefixLength(node.Tokens);
            if (common == tokens.Length)
            {
                return node;
            }
            parent = common < node.Tokens.Length ? Split(parent, node, common) : node;
            tokens = tokens[common..];
            tokenTypes = tokenTypes.IsEmpty ? tokenTypes : tokenTypes[common..];
        }
        var added = new Node(tokens.ToArray(), tokenTypes.ToArray(), group, ++nodeCount) { Place = parent.Children.Count };
        parent.Children.Add(added);
        if (sharePrefixes)
        {
            byFirstToken.Add((parent.Number, tokens[0], group), added);
        }
        TokenCount += tokens.Length;
        return added;
    }

    private Node? Find(Node parent, ReadOnlySpan<int> tokens, int group) => byFirstToken.GetValueOrDefault((parent.Number, tokens[0], group));

    /// <summary>
    /// Puts a new node with the first tokens in a node's place, above it. The node keeps the rest, its number and its children, so that nothing that refers
    /// to it has to change: neither the sequences that end in it nor the keys of its children.
    /// </summary>
    private Node Split(Node parent, Node node, int length)
    {
        var upper = new Node(node.Tokens[..length], node.TokenTypes is [] ? [] : node.TokenTypes[..length], node.Group, ++nodeCount) { Place = node.Place };
        parent.Children[upper.Place] = upper;
        byFirstToken[(parent.Number, upper.Tokens[0], node.Group)] = upper;
        node.DropFirst(length);
        upper.Children.Add(node);
        byFirstToken.Add((upper.Number, node.Tokens[0], node.Group), node);
        return upper;
    }

    /// <param name="tokens">At least one, but for the root.</param>
    /// <param name="tokenTypes">One a token, or empty.</param>
    /// <param name="group">The group of the sequences that pass through it.</param>
    /// <param name="number">By which its children are found.</param>
    private sealed class Node(int[] tokens, int[] tokenTypes, int group, int number)
    {
        internal int[] Tokens { get; private set; } = tokens;

        internal int[] TokenTypes { get; private set; } = tokenTypes;

        internal int Group => group;

        internal int Number => number;

        internal List<Node> Children { get; } = [];

        /// <summary>Which of its parent's children it is.</summary>
        internal int Place { get; set; }

        /// <summary>Index of its span, once laid out.</summary>
        internal int Index { get; set; }

        internal void DropFirst(int length)
        {
            (Tokens, TokenTypes) = (Tokens[length..], TokenTypes is [] ? [] : TokenTypes[length..]);
            Place = 0;
        }
    }
}
