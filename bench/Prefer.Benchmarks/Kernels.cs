using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Benchmarks;

/// <summary>
/// The parts of a network one by one, forward and backward, at the sizes of a DistilBERT: T packed tokens, h hidden size, H heads, D head size.
/// Measured by BenchmarkDotNet in this process: its generated projects would be built by the rules of this one.
/// </summary>
public class Kernels : IDisposable
{
    private const int Hidden = 768, Inner = 3072, HeadCount = 12, ScoreLength = 256;

    private Tensor x = null!, inner = null!, scores = null!, weight = null!, scale = null!, shift = null!;
    private TokenForest pairs = null!, rows = null!;

    /// <summary>T.</summary>
    [Params(1024, 4096)]
    public int Tokens { get; set; }

    /// <param name="options">BenchmarkDotNet's own, such as <c>--filter *Gelu*</c>.</param>
    internal static int Run(string[] options)
    {
        BenchmarkRunner.Run<Kernels>(DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)), options);
        return 0;
    }

    [GlobalSetup]
    public void Draw()
    {
        x = Random(Tokens, Hidden); // [T, h]
        inner = Random(Tokens, Inner); // [T, 4h]
        scores = Random(HeadCount * (Tokens / ScoreLength), ScoreLength, ScoreLength);
        weight = Random(Inner, Hidden);
        (scale, shift) = (Random(Hidden), Random(Hidden));
        (pairs, rows) = (Forest(shares: true), Forest(shares: false));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        foreach (var tensor in All)
        {
            tensor.Dispose();
        }
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public void Linear() => Step(() => x.Linear(weight));

    [Benchmark]
    public void LayerNorm() => Step(() => x.LayerNorm(scale, shift, 1e-12));

    [Benchmark]
    public void Gelu() => Step(() => inner.Activate(FusedActivation.Gelu));

    [Benchmark]
    public void Softmax() => Step(() => scores.Softmax(-1));

    /// <summary>Pairs of 128 tokens of prompt and 64 of each response, prompts shared, each token blind to later ones.</summary>
    [Benchmark]
    public void CausalAttention() => Attend(pairs, causal: true);

    /// <summary>The same sequences each for itself, both ways.</summary>
    [Benchmark]
    public void EncoderAttention() => Attend(rows, causal: false);

    private Tensor[] All => [x, inner, scores, weight, scale, shift];

    private void Attend(TokenForest forest, bool causal) => Step(() =>
    {
        var heads = x.Reshape(Tokens, HeadCount, -1); // [T, H, D]
        return ForestAttention.Attend(heads, heads, heads, new ForestPass(forest, DType.Float32, "cpu"), causal, 1 / Math.Sqrt(Hidden / HeadCount));
    });

    private void Step(Func<Tensor> compute)
    {
        using var scope = new TensorScope();
        compute().Sum().Backward();
        foreach (var tensor in All)
        {
            tensor.ClearGradient();
        }
    }

    private static Tensor Random(params long[] shape)
    {
        var tensor = Tensor.Zeros(shape);
        tensor.FillNormal(0, 1);
        tensor.RequiresGrad = true;
        return tensor;
    }

    private TokenForest Forest(bool shares)
    {
        const int prompt = 128, response = 64;
        var builder = new TokenForestBuilder(shares);
        var next = 0;
        while (builder.TokenCount < Tokens)
        {
            int[] ids = [.. Enumerable.Range(next, prompt + (2 * response))];
            builder.Add(Fitting(ids[..(prompt + response)]));
            if (builder.TokenCount < Tokens)
            {
                builder.Add(Fitting([.. ids[..prompt], .. ids[(prompt + response)..]]));
            }
            next += ids.Length;
        }
        return builder.Build();

        // The last sequence is cut where T is reached.
        int[] Fitting(int[] ids) => ids[..Math.Min(ids.Length, ids.Length - builder.CountNew(ids) + Tokens - builder.TokenCount)];
    }
}
