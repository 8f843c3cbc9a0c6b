using System.Text;

namespace Prefer.Torch;

/// <summary>One operator of libtorch's dispatcher, found by name on its first call and called boxed.</summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private nint handle;

    private string FullName => overload.Length == 0 ? name : $"{name}.{overload}";

    /// <summary>Whether the libtorch at hand has the operator.</summary>
    internal bool Exists => Find() != 0;

    /// <summary>Calls it and gives its only result.</summary>
    internal Tensor Call(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result;
        var count = Invoke(arguments, &result, 1);
        if (count == 1 && result.Kind == ValueKind.Tensor)
        {
            return new Tensor((nint)result.Bits);
        }
        Free(result, count);
        throw new TorchException($"{FullName} gave {(count == 0 ? "nothing" : $"a {result.Kind}")} where one tensor was expected");
    }

    /// <summary>Calls it for its effect on an argument; the result, an alias of that argument, is dropped.</summary>
    internal void CallInPlace(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result;
        var count = Invoke(arguments, &result, 1);
        Free(result, count);
    }

    /// <summary>Calls an operator whose result is a floating-point number.</summary>
    internal double CallNumber(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result;
        var count = Invoke(arguments, &result, 1);
        return count == 1 && result.Kind == ValueKind.Double
            ? BitConverter.Int64BitsToDouble(result.Bits)
            : throw new TorchException($"{FullName} gave {(count == 0 ? "nothing" : $"a {result.Kind}")} where a number was expected");
    }

    /// <summary>Calls an operator whose result is a list of tensors.</summary>
    internal Tensor[] CallList(params ReadOnlySpan<Value> arguments)
    {
        NativeValue result;
        var count = Invoke(arguments, &result, 1);
        if (count == 0 || result.Kind != ValueKind.TensorList)
        {
            Free(result, count);
            throw new TorchException($"{FullName} gave {(count == 0 ? "nothing" : $"a {result.Kind}")} where a list of tensors was expected");
        }
        var handles = new ReadOnlySpan<nint>((void*)result.Bits, result.Count);
        var tensors = new Tensor[handles.Length];
        for (var index = 0; index < tensors.Length; index++)
        {
            tensors[index] = new Tensor(handles[index]);
        }
        Native.Free((nint)result.Bits);
        return tensors;
    }

    private static void Free(in NativeValue result, int count)
    {
        if (count == 0)
        {
            return;
        }
        if (result.Kind == ValueKind.Tensor)
        {
            Native.TensorFree((nint)result.Bits);
        }
        else if (result.Kind == ValueKind.TensorList)
        {
            foreach (var handle in new ReadOnlySpan<nint>((void*)result.Bits, result.Count))
            {
                Native.TensorFree(handle);
            }
            Native.Free((nint)result.Bits);
        }
    }

    private nint Find()
    {
        if (handle == 0)
        {
            Native.Check(Native.OpFind(name, overload, out handle), $"looking up {FullName}");
        }
        return handle;
    }

    private int Invoke(ReadOnlySpan<Value> arguments, NativeValue* results, int capacity)
    {
        var op = Find();
        if (op == 0)
        {
            throw new TorchException($"libtorch {TorchRuntime.Version} has no operator {FullName}");
        }
        // Lists and strings are copied behind each other into one buffer, so nothing needs pinning.
        var words = 0;
        foreach (var argument in arguments)
        {
            words += argument.Content switch
            {
                long[] list => list.Length,
                Tensor[] list => list.Length,
                string text => (Encoding.UTF8.GetByteCount(text) + 7) / 8,
                _ => 0,
            };
        }
        var values = stackalloc NativeValue[arguments.Length + 1];
        var onStack = words <= 256;
        var stackBuffer = stackalloc long[onStack ? words + 1 : 1];
        var heapBuffer = onStack ? null : new long[words];
        fixed (long* pinned = heapBuffer)
        {
            var next = onStack ? stackBuffer : pinned;
            for (var index = 0; index < arguments.Length; index++)
            {
                values[index] = Marshal(arguments[index], ref next);
            }
            var status = Native.OpCall(op, values, arguments.Length, results, capacity, out var count);
            KeepAlive(arguments);
            if (status != 0)
            {
                var given = new List<string>();
                foreach (var argument in arguments)
                {
                    given.Add(argument.ToString());
                }
                throw new TorchException($"{FullName}({string.Join(", ", given)}): {Native.LastError()}");
            }
            return count;
        }
    }

    private static NativeValue Marshal(in Value argument, ref long* next)
    {
        var value = new NativeValue { Kind = argument.Kind, Bits = argument.Bits };
        switch (argument.Content)
        {
            case Tensor tensor:
                value.Bits = tensor.Handle;
                break;
            case long[] list:
                value.Bits = (long)next;
                value.Count = list.Length;
                foreach (var item in list)
                {
                    *next++ = item;
                }
                break;
            case Tensor[] list:
                value.Bits = (long)next;
                value.Count = list.Length;
                foreach (var item in list)
                {
                    *next++ = item.Handle;
                }
                break;
            case string text:
                value.Bits = (long)next;
                value.Count = Encoding.UTF8.GetByteCount(text);
                Encoding.UTF8.GetBytes(text, new Span<byte>(next, value.Count));
                next += (value.Count + 7) / 8;
                break;
        }
        return value;
    }

    private static void KeepAlive(ReadOnlySpan<Value> arguments)
    {
        foreach (var argument in arguments)
        {
            GC.KeepAlive(argument.Content);
        }
    }
}
