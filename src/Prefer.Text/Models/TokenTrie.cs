using System.Runtime.InteropServices;

namespace Prefer.Text.Models;

/// <summary>
/// Tokens as a trie over UTF-16 units, flat in one array (a double array, Aoe 1989): the child of a node for a unit stands at the node's
/// base plus the unit's code, if that place names the node as its parent. A step is one addition and one comparison.
/// </summary>
internal sealed class TokenTrie
{
    /// <summary>The node that every search starts from.</summary>
    public const int Root = 0;

    /// <summary>What <see cref="IdAt"/> gives for a node where no token ends.</summary>
    public const int NoToken = -1;

    /// <summary>After so many places that did not fit, the search for one gives up on the crowded start of the array.</summary>
    private const int Patience = 64;

    // Units by how many tokens use them, from 1; 0 for units of no token. Common units get small codes, which keeps siblings close together.
    private readonly ushort[] _codes = new ushort[char.MaxValue + 1];
    private readonly Node[] _nodes;

    /// <summary>Base is 0 for a node without children. Parent is -1 for a free place and for the root.</summary>
    private struct Node
    {
        public int Base, Parent, Id;
    }

    /// <param name="tokens">Tokens, each once, none of them empty, with their ids.</param>
    public TokenTrie(IEnumerable<KeyValuePair<string, int>> tokens)
    {
        var sorted = tokens.ToArray();
        var keys = Array.ConvertAll(sorted, entry => entry.Key);
        var ids = Array.ConvertAll(sorted, entry => entry.Value);
        Array.Sort(keys, ids, StringComparer.Ordinal);
        AssignCodes(keys);
        _nodes = new Builder(_codes, keys, ids).Build();
    }

    /// <summary>Follows the edge for a unit; false when there is none.</summary>
    public bool TryStep(ref int node, char unit)
    {
        var nodes = _nodes;
        var next = nodes[node].Base + _codes[unit];
        if ((uint)next >= (uint)nodes.Length || nodes[next].Parent != node)
        {
            return false;
        }

        node = next;
        return true;
    }

    /// <summary>The token that ends at a node, or <see cref="NoToken"/>.</summary>
    public int IdAt(int node) => _nodes[node].Id;

    private void AssignCodes(string[] keys)
    {
        var uses = new int[char.MaxValue + 1];
        foreach (var key in keys)
        {
            foreach (var unit in key)
            {
                uses[unit]++;
            }
        }

        ushort next = 1;
        foreach (var unit in Enumerable.Range(0, uses.Length).Where(unit => uses[unit] > 0).OrderByDescending(unit => uses[unit]))
        {
            _codes[unit] = next++;
        }
    }

    /// <summary>Places node after node, breadth first; every node is a range of the sorted tokens that begin alike.</summary>
    private sealed class Builder(ushort[] codes, string[] keys, int[] ids)
    {
        private readonly List<Node> _nodes = [new Node { Parent = -1, Id = NoToken }];
        private readonly List<(int Code, int From, int To)> _children = [];
        private int _firstFree = 1;

        public Node[] Build()
        {
            var queue = new Queue<(int Node, int From, int To, int Depth)>();
            queue.Enqueue((Root, 0, keys.Length, 0));
            while (queue.TryDequeue(out var range))
            {
                FindChildren(range.From, range.To, range.Depth);
                if (_children.Count == 0)
                {
                    continue;
                }

                var start = FindPlace();
                CollectionsMarshal.AsSpan(_nodes)[range.Node].Base = start;
                foreach (var (code, from, to) in _children)
                {
                    var endsHere = keys[from].Length == range.Depth + 1;
                    CollectionsMarshal.AsSpan(_nodes)[start + code] = new Node { Parent = range.Node, Id = endsHere ? ids[from] : NoToken };
                    queue.Enqueue((start + code, from + (endsHere ? 1 : 0), to, range.Depth + 1));
                }
            }

            return [.. _nodes];
        }

        private void FindChildren(int from, int to, int depth)
        {
            _children.Clear();
            while (from < to)
            {
                var unit = keys[from][depth];
                var end = from + 1;
                while (end < to && keys[end][depth] == unit)
                {
                    end++;
                }

                _children.Add((codes[unit], from, end));
                from = end;
            }
        }

        /// <summary>The smallest base, from the first free place on, at which all children fall on free places.</summary>
        private int FindPlace()
        {
            while (_firstFree < _nodes.Count && _nodes[_firstFree].Parent >= 0)
            {
                _firstFree++;
            }

            var smallest = _children.Min(child => child.Code);
            var largest = _children.Max(child => child.Code);
            var misses = 0;
            for (var place = Math.Max(_firstFree, smallest); ; place++)
            {
                var start = place - smallest;
                Reserve(start + largest + 1);
                if (_nodes[place].Parent < 0)
                {
                    if (Fits(start))
                    {
                        return start;
                    }

                    if (++misses % Patience == 0)
                    {
                        _firstFree = Math.Max(_firstFree, place - Patience);
                    }
                }
            }
        }

        private bool Fits(int start)
        {
            foreach (var child in _children)
            {
                if (_nodes[start + child.Code].Parent >= 0)
                {
                    return false;
                }
            }

            return true;
        }

        private void Reserve(int count)
        {
            var old = _nodes.Count;
            if (count > old)
            {
                CollectionsMarshal.SetCount(_nodes, count);
                CollectionsMarshal.AsSpan(_nodes)[old..].Fill(new Node { Parent = -1, Id = NoToken });
            }
        }
    }
}
