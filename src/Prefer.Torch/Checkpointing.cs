using System.Runtime.InteropServices;

namespace Prefer.Torch;

/// <summary>
/// Activation checkpointing: what a function of tensors computes on its way is dropped, and computed again when gradients pass through
/// it. It costs a second forward pass and saves everything but the function's inputs.
/// </summary>
public static unsafe class Checkpointing
{
    // Why the last function failed: its exception cannot pass through native code, where only the message goes on.
    private static Exception? failure;

    /// <summary>The function's result, as part of the gradient graph.</summary>
    /// <param name="inputs">What the function gets, and what gradients go on to. It may use leaves beside them, and nothing else that has a history.</param>
    /// <param name="function">Runs now and in each backward pass, each time in a tensor scope of its own: what it stores for later calls it must <see cref="TensorScope.Keep"/>.</param>
    /// <param name="draws">Whether it draws from the device's generator; then it draws the same numbers each time.</param>
    /// <exception cref="TorchException">The function failed; in the backward pass <see cref="Tensor.Backward"/> throws it.</exception>
    public static Tensor Run(ReadOnlySpan<Tensor> inputs, Func<Tensor[], Tensor> function, bool draws)
    {
        var handles = stackalloc nint[inputs.Length];
        for (var index = 0; index < inputs.Length; index++)
        {
            handles[index] = inputs[index].Handle;
        }
        var held = GCHandle.ToIntPtr(GCHandle.Alloc(new Replay(function, draws ? inputs[0].Device : null)));
        Check(Native.Checkpoint(handles, inputs.Length, held, &Call, &Release, out var result), "checkpointed function");
        GC.KeepAlive(inputs.ToArray());
        return new Tensor(result);
    }

    /// <summary>As <see cref="Native.Check"/>, with the exception of a function that failed on the way.</summary>
    internal static void Check(int status, string what)
    {
        if (status != 0)
        {
            throw new TorchException($"{what}: {Native.LastError()}", Interlocked.Exchange(ref failure, null));
        }
    }

    [UnmanagedCallersOnly]
    private static nint Call(nint held, nint* inputs, int count, int isReplay, nint slot)
    {
        try
        {
            using var scope = new TensorScope();
            var tensors = new Tensor[count];
            for (var index = 0; index < count; index++)
            {
                tensors[index] = new Tensor(inputs[index]);
            }
            var result = ((Replay)GCHandle.FromIntPtr(held).Target!).Run(tensors, isReplay != 0);
            Native.CheckpointResult(slot, result.Handle);
            return 0;
        }
        // An exception that left this method would end the process.
        catch (Exception error) when (Remember(error))
        {
            return Marshal.StringToCoTaskMemUTF8(error.Message);
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(nint held) => GCHandle.FromIntPtr(held).Free();

    private static bool Remember(Exception error)
    {
        failure = error;
        return true;
    }

    /// <param name="Function">What is run.</param>
    /// <param name="Device">Whose generator it draws from, or null.</param>
    private sealed record Replay(Func<Tensor[], Tensor> Function, string? Device)
    {
        private byte[]? drawnFrom;

        internal Tensor Run(Tensor[] inputs, bool isReplay)
        {
            if (Device is null)
            {
                return Function(inputs);
            }
            if (!isReplay)
            {
                drawnFrom = TorchRuntime.GeneratorState(Device);
                return Function(inputs);
            }
            var now = TorchRuntime.GeneratorState(Device);
            TorchRuntime.SetGeneratorState(drawnFrom!, Device);
            try
            {
                return Function(inputs);
            }
            finally
            {
                TorchRuntime.SetGeneratorState(now, Device);
            }
        }
    }
}
