namespace Prefer.Torch;

/// <summary>
/// Owns every tensor made on this thread while it is the innermost scope, and frees them when it is disposed.
/// One scope per training or scoring step; what outlives the step is moved out with <see cref="MoveOut"/>.
/// </summary>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? current;

    private readonly TensorScope? outer;
    private readonly List<Tensor> owned = [];

    /// <summary>Opens a scope inside the thread's current one.</summary>
    public TensorScope()
    {
        outer = current;
        current = this;
    }

    /// <summary>Hands a tensor to the enclosing scope, or to the caller where there is none, and returns it.</summary>
    public Tensor MoveOut(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (owned.Remove(tensor))
        {
            outer?.owned.Add(tensor);
        }
        return tensor;
    }

    /// <summary>Takes a tensor out of every scope: from now on the caller disposes of it.</summary>
    public static Tensor Release(Tensor tensor)
    {
        for (var scope = current; scope is not null; scope = scope.outer)
        {
            if (scope.owned.Remove(tensor))
            {
                break;
            }
        }
        return tensor;
    }

    /// <summary>The thread's innermost scope, or null.</summary>
    public static TensorScope? Current => current;

    /// <summary>Moves a tensor from whichever scope owns it to this one, which encloses it: for what is made inside and used again after.</summary>
    /// <param name="scope">The new owner; without one the caller disposes of the tensor.</param>
    /// <param name="tensor">What is kept, and given back.</param>
    public static Tensor Keep(TensorScope? scope, Tensor tensor)
    {
        Release(tensor);
        scope?.owned.Add(tensor);
        return tensor;
    }

    /// <summary>Frees what the scope owns. Scopes end in the reverse order of their opening.</summary>
    public void Dispose()
    {
        if (current != this)
        {
            throw new InvalidOperationException("tensor scopes must be disposed on the thread that opened them, the innermost first");
        }
        current = outer;
        foreach (var tensor in owned)
        {
            tensor.Dispose();
        }
        owned.Clear();
    }

    internal static void Own(Tensor tensor) => current?.owned.Add(tensor);
}
