namespace Prefer.Torch;

public sealed partial class Tensor
{
    /// <summary>Whether operations on it are recorded for gradients. Only floating leaves can be set.</summary>
    public bool RequiresGrad
    {
        get => Native.RequiresGrad(Handle) != 0;
        set => Native.Check(Native.SetRequiresGrad(Handle, value ? 1 : 0), $"requires_grad of {Describe()}");
    }

    /// <summary>The gradient accumulated by <see cref="Backward"/> (sharing its memory), or null before the first. Each read makes a handle.</summary>
    public Tensor? Gradient()
    {
        Native.Check(Native.Grad(Handle, out var gradient), $"gradient of {Describe()}");
        return gradient == 0 ? null : new Tensor(gradient);
    }

    /// <summary>Drops the accumulated gradient.</summary>
    public void ClearGradient() => Native.Check(Native.ClearGrad(Handle), $"clearing the gradient of {Describe()}");

    /// <summary>Adds this tensor's gradients to every leaf it was computed from.</summary>
    /// <param name="seed">d(objective)/d(this), of this shape; needed unless this is a scalar.</param>
    public void Backward(Tensor? seed = null) => Checkpointing.Check(Native.Backward(Handle, seed?.Handle ?? 0), $"backward from {Describe()}");
}
