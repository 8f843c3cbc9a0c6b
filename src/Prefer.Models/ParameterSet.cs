using Prefer.Models.Files;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>How a fresh parameter begins.</summary>
internal abstract record Initial
{
    private Initial()
    {
    }

    internal sealed record Constant(double Value) : Initial;

    /// <param name="Std">Standard deviation; the mean is 0.</param>
    /// <param name="ZeroRow">A row of zeros (the padding token's embedding), or null.</param>
    internal sealed record Normal(double Std, int? ZeroRow = null) : Initial;

    /// <param name="Std">Standard deviation of the normal distribution before it is cut off; the mean is 0.</param>
    /// <param name="Cutoff">How many deviations from the mean it ends.</param>
    internal sealed record TruncatedNormal(double Std, double Cutoff) : Initial;

    internal static Initial Zero { get; } = new Constant(0);

    internal static Initial One { get; } = new Constant(1);
}

/// <summary>Which side of a matrix is the output's, where it is multiplied with or looked up in.</summary>
internal enum MatrixLayout
{
    /// <summary>[out, in], and tables of rows.</summary>
    Rows,

    /// <summary>[in, out], GPT-2's.</summary>
    Columns,
}

/// <summary>
/// The named parameters of a network, in Hugging Face's names and order. A family declares each once; the value comes from
/// a checkpoint, or is drawn fresh where there is none.
/// </summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly Checkpoint? checkpoint;
    private readonly DType dtype;
    private readonly string device;
    private readonly Dictionary<string, Tensor> byName = [];
    private readonly List<string> names = [];
    private readonly List<string> problems = [];
    private readonly List<string> fresh = [];
    private readonly HashSet<string> used = [];
    private readonly Dictionary<string, Tensor> carried = [];

    /// <param name="checkpoint">Where values come from; null draws all of them.</param>
    /// <param name="dtype">Element type the parameters are held in.</param>
    /// <param name="device">Where they live.</param>
    internal ParameterSet(Checkpoint? checkpoint, DType dtype, string device) =>
        (this.checkpoint, this.dtype, this.device, HasValueFile) = (checkpoint, dtype, device, checkpoint?.HasValueFile ?? false);

    /// <summary>Prefix of the body's names in a model with a head, such as <c>bert.</c>; files of bare bodies lack it.</summary>
    internal string BodyPrefix { get; init; } = "";

    /// <summary>
    /// Whether parameters are to be trained: they have memory of their own and record gradients. Otherwise those that the file has in this type, for the
    /// CPU, are the file's memory.
    /// </summary>
    internal bool IsTrainable { get; init; } = true;

    /// <summary>How matrices are held.</summary>
    internal WeightStorage Weights { get; init; }

    /// <summary>Name of the token embedding, the only table that is quantized; null where none is.</summary>
    internal string? TokenEmbedding { get; init; }

    /// <summary>A parameter that is declared with one row more than the checkpoint has; the new row begins as zeros.</summary>
    internal string? GrownName { get; set; }

    /// <summary>A parameter that the checkpoint has under another name; both names, or null.</summary>
    internal (string Name, string Stored)? Renamed { get; set; }

    /// <summary>Whether a value head is kept in a file of its own.</summary>
    internal bool HasValueFile { get; }

    /// <summary>Weights that the network does not use and a saved folder keeps, under the checkpoint's names.</summary>
    internal IReadOnlyDictionary<string, Tensor> Carried => carried;

    /// <summary>Names in the order of declaration.</summary>
    internal IReadOnlyList<string> Names => names;

    /// <summary>Names of head parameters that were not in the checkpoint and begin fresh.</summary>
    internal IReadOnlyList<string> FreshNames => fresh;

    /// <summary>Weights of the file that are known not to matter here: buffers and pretraining heads.</summary>
    internal IReadOnlyList<string> SkippedNames { get; private set; } = [];

    internal Tensor this[string name] => byName[name];

    /// <summary>The parameter of this name and shape.</summary>
    /// <param name="head">Part of the reward head: may begin fresh when the checkpoint is of a bare body. It is never quantized.</param>
    /// <param name="matrix">Its layout, where it may be quantized.</param>
    internal Tensor Declare(string name, long[] shape, Initial initial, bool head = false, MatrixLayout? matrix = null)
    {
        var parameter = TensorScope.Release(Make(name, shape, initial, head, matrix));
        if (IsTrainable)
        {
            parameter.RequiresGrad = true;
        }
        byName.Add(name, parameter);
        names.Add(name);
        return parameter;
    }

    /// <summary>The name by which the checkpoint has a parameter, or null.</summary>
    internal string? StoredName(string name) => checkpoint is null ? null : Spellings(name).FirstOrDefault(checkpoint.Contains);

    /// <summary>Keeps a weight of the checkpoint, where it has it and the model can be saved; in the file's element type, on the CPU.</summary>
    internal void Carry(string name)
    {
        if (StoredName(name) is { } stored && used.Add(stored) && Weights == WeightStorage.Full)
        {
            using var scope = new TensorScope();
            var found = checkpoint!.Map(stored);
            carried.Add(name, TensorScope.Release(IsTrainable ? found.Clone() : found));
        }
    }

    /// <summary>Ends the declarations: throws one message that lists every weight missing, unexpected or of another shape.</summary>
    /// <param name="isKnownExtra">Whether a file's weight may be left unread.</param>
    internal void Complete(Func<string, bool> isKnownExtra)
    {
        if (checkpoint is null)
        {
            return;
        }
        var unread = checkpoint.Names.Where(name => !used.Contains(name)).ToList();
        SkippedNames = [.. unread.Where(isKnownExtra)];
        problems.AddRange(unread.Where(name => !isKnownExtra(name)).Select(name => $"unexpected: {name} {checkpoint.Describe(name)}"));
        if (problems.Count > 0)
        {
            Dispose();
            throw new ModelException(
                $"{checkpoint.Path}: the weights do not fit the config:\n  {string.Join("\n  ", problems)}\nThe file belongs to another config, or to a head or family that is not supported.");
        }
    }

    /// <summary>Frees every parameter.</summary>
    public void Dispose()
    {
        foreach (var parameter in byName.Values.Concat(carried.Values))
        {
            parameter.Dispose();
        }
    }

    private Tensor Make(string name, long[] shape, Initial initial, bool head, MatrixLayout? matrix)
    {
        using var scope = new TensorScope();
        if (checkpoint is not null)
        {
            if (StoredName(name) is { } stored)
            {
                used.Add(stored);
                var found = checkpoint.Shape(stored);
                if (found.SequenceEqual(shape))
                {
                    return TensorScope.Release(Hold(checkpoint, stored, head ? null : name == TokenEmbedding ? MatrixLayout.Rows : matrix));
                }
                if (name == GrownName && found.SequenceEqual([shape[0] - 1, .. shape[1..]]))
                {
                    return TensorScope.Release(Tensor.Cat([checkpoint.Map(stored).To(device).To(dtype), Tensor.Zeros([1, .. shape[1..]], dtype, device)]));
                }
                problems.Add($"{name}: found {checkpoint.Describe(stored)}, expected [{string.Join(", ", shape)}]");
            }
            else if (head)
            {
                fresh.Add(name);
            }
            else
            {
                problems.Add($"missing: {name} [{string.Join(", ", shape)}]");
            }
        }
        return TensorScope.Release(Draw(shape, initial));
    }

    private Tensor Hold(Checkpoint file, string stored, MatrixLayout? matrix)
    {
        var mapped = file.Map(stored);
        var held = (Weights, matrix) switch
        {
            (WeightStorage.Int8, MatrixLayout.Rows) => mapped.QuantizeRows(dtype, device),
            (WeightStorage.Int8, MatrixLayout.Columns) => mapped.QuantizeColumns(device),
            _ when mapped.DType != dtype || device != "cpu" => mapped.To(device).To(dtype),
            // Trained weights are copied: a page that is copied at its first write costs a fault for every 4 KiB and never becomes a huge one, rounding
            // may depend on where in a file a weight lies, and a run should outlive whatever happens to the file. Quantized models let the file go.
            _ when IsTrainable || Weights == WeightStorage.Int8 => mapped.Clone(),
            _ => mapped,
        };
        if (held != mapped)
        {
            file.Forget(stored);
        }
        return held;
    }

    private Tensor Draw(long[] shape, Initial initial)
    {
        switch (initial)
        {
            case Initial.Constant(var value):
                return Tensor.Full(shape, value, dtype, device);
            case Initial.Normal(var std, var zeroRow):
                // Drawn in fp32 on the CPU whatever the model's type and device, so that a seed gives the same weights.
                var drawn = Tensor.Zeros(shape);
                drawn.FillNormal(0, std);
                if (zeroRow is { } row && row < shape[0])
                {
                    drawn.Narrow(0, row, 1).MultiplyInPlace(0);
                }
                return drawn.To(dtype).To(device);
            case Initial.TruncatedNormal(var std, var cutoff):
                // By inversion: Φ⁻¹((1 + u) / 2) = √2·erf⁻¹(u), with u uniform between ±erf(cutoff / √2).
                var uniform = Tensor.Zeros(shape);
                var end = Tensor.Full([1], cutoff / Math.Sqrt(2), DType.Float64).Erf().Item();
                uniform.FillUniform(-end, end);
                return (uniform.InverseErf() * (std * Math.Sqrt(2))).To(dtype).To(device);
            default:
                throw new InvalidOperationException($"unknown start {initial}");
        }
    }

    /// <summary>
    /// How files spell a name: as it is, without the body's prefix (bare bodies), with it twice, or behind <c>model.</c> (a model that was a
    /// member of another).
    /// </summary>
    private IEnumerable<string> Spellings(string name)
    {
        var isOfBody = BodyPrefix.Length > 0 && name.StartsWith(BodyPrefix, StringComparison.Ordinal);
        string[] candidates =
        [
            Renamed is (var renamed, var stored) && renamed == name ? stored : name, isOfBody ? name[BodyPrefix.Length..] : name, isOfBody ? BodyPrefix + name : name, "model." + name,
        ];
        foreach (var candidate in candidates)
        {
            yield return candidate;
            // TensorFlow's names of layer norms, which old BERT files still have.
            if (candidate.EndsWith("LayerNorm.weight", StringComparison.Ordinal))
            {
                yield return candidate[..^"weight".Length] + "gamma";
            }
            if (candidate.EndsWith("LayerNorm.bias", StringComparison.Ordinal))
            {
                yield return candidate[..^"bias".Length] + "beta";
            }
        }
    }
}
