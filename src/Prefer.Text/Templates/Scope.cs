namespace Prefer.Text.Templates;

/// <summary>Names that one part of a template sets, while it is read: the template, a macro, or the body of a block inside them.</summary>
/// <param name="parent">The scope around; null for the template.</param>
/// <param name="isFunction">Whether it has a frame of its own when rendered.</param>
internal sealed class Scope(Scope? parent, bool isFunction)
{
    private readonly Dictionary<string, int> slots = new(StringComparer.Ordinal);
    private readonly List<int> own = [];
    private int frameSlotCount;

    public Scope? Parent => parent;

    public bool IsFunction => isFunction;

    /// <summary>Whether a break would leave a loop of this frame.</summary>
    public bool IsInLoop { get; init; }

    /// <summary>The slots to clear when it is entered.</summary>
    public IReadOnlyList<int> Slots => own;

    /// <summary>Variables of a whole frame; known when the function was read.</summary>
    public int FrameSlotCount => frameSlotCount;

    /// <summary>The slot of a name that is set here.</summary>
    public int Store(string name)
    {
        if (!slots.TryGetValue(name, out var slot))
        {
            var function = this;
            while (!function.IsFunction)
            {
                function = function.Parent!;
            }

            slot = function.frameSlotCount++;
            slots.Add(name, slot);
            own.Add(slot);
        }

        return slot;
    }

    /// <summary>Where a name that is read here may stand, innermost first.</summary>
    public (int Up, int Slot)[] Find(string name)
    {
        var found = new List<(int, int)>();
        var up = 0;
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.slots.TryGetValue(name, out var slot))
            {
                found.Add((up, slot));
            }

            up += scope.IsFunction ? 1 : 0;
        }

        return [.. found];
    }
}
