using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Families;
using Prefer.Models.Files;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>
/// A network for a test, with its parameters by name: of a recorded folder in tests/fixtures/models, or of a config written
/// in the test, with weights drawn by a seed of its own (the process's generator is left alone).
/// </summary>
internal sealed class ModelFixture : IDisposable
{
    private ModelFixture(ModelConfig config, Family family, ParameterSet parameters, Head? head = null)
    {
        (Config, Family, Parameters) = (config, family, parameters);
        Network = family.Create(config, parameters, head ?? new Head.Labels(1));
        parameters.Complete(family.IsKnownExtra);
    }

    internal ModelConfig Config { get; }

    internal Family Family { get; }

    internal ParameterSet Parameters { get; }

    internal Network Network { get; }

    internal DType DType => Parameters[Family.TokenEmbedding].DType;

    /// <summary>What the body computes in; null for the parameters' own type.</summary>
    internal DType? ComputeType { get; set; }

    internal static string Folder(string name) => Path.Combine(Repository.Root, "tests", "fixtures", "models", name);

    internal static ModelFixture Open(string name, DType dtype) => Load(Folder(name), dtype);

    internal static ModelFixture Load(string folder, DType dtype, Head? head = null)
    {
        using var checkpoint = Checkpoint.Open(folder);
        var path = Path.Combine(folder, "config.json");
        var config = ModelConfig.Load(path);
        var family = Family.Of(config, path);
        return new(config, family, new ParameterSet(checkpoint, dtype, "cpu") { BodyPrefix = family.BodyPrefix }, head);
    }

    /// <summary>A network of this config whose every parameter is drawn from N(0, 0.3²), norms' weights around 1.</summary>
    internal static ModelFixture Draw(string configJson, DType dtype, int seed)
    {
        var config = ModelConfig.From(JsonNode.Parse(configJson), "drawn");
        var family = Family.Of(config, "drawn");
        var fixture = new ModelFixture(config, family, new ParameterSet(null, dtype, "cpu"));
        var random = new Random(seed);
        using var scope = new TensorScope();
        using var mode = TorchRuntime.NoGrad();
        foreach (var parameter in fixture.Parameters.Names.Select(name => fixture.Parameters[name]))
        {
            var values = new double[parameter.ElementCount];
            for (var index = 0; index < values.Length; index++)
            {
                values[index] = 0.3 * Gaussian(random);
            }
            parameter.CopyFrom(Tensor.From<double>(values, [.. parameter.Shape]));
        }
        foreach (var norm in fixture.Parameters.Names.Where(IsNormWeight))
        {
            fixture.Parameters[norm].AddInPlace(1);
        }
        return fixture;
    }

    /// <summary>The forest of these sequences as the network's family packs them.</summary>
    /// <param name="groupOf">From a sequence's length to its group; null takes the network's own.</param>
    internal TokenForest Pack(IEnumerable<int[]> sequences, IReadOnlyList<int[]>? tokenTypes = null, Func<int, int>? groupOf = null)
    {
        var builder = new TokenForestBuilder(Family.IsCausal);
        foreach (var sequence in sequences)
        {
            builder.Add(sequence, tokenTypes is null ? [] : tokenTypes[builder.SequenceCount], (groupOf ?? Network.FrequencyGroup)(sequence.Length));
        }
        return builder.Build();
    }

    /// <summary>Where the tests read a reward: at the first token of an encoder, the last of a decoder. No pad tokens here.</summary>
    internal int PooledPosition(int[] sequence) => Family.IsCausal ? sequence.Length - 1 : 0;

    /// <summary>Rewards [S] of sequences through the forest.</summary>
    internal Tensor ForestRewards(IReadOnlyList<int[]> sequences, IReadOnlyList<int[]>? tokenTypes = null, double dropout = 0, bool recomputes = false)
    {
        var forest = Pack(sequences, tokenTypes);
        var pass = new ForestPass(forest, ComputeType ?? DType, "cpu", dropout, recomputes);
        long[] pooled = [.. sequences.Select((sequence, index) => (long)forest.PackedIndex(index, PooledPosition(sequence)))];
        return Network.Logits(Network.Pool(Network.Hidden(pass), pass, pooled).To(DType), pass).Reshape(-1);
    }

    /// <summary>A parameter's name with its shape.</summary>
    internal string Describe(string name) => $"{name} [{string.Join(", ", Parameters[name].Shape.ToArray())}]";

    public void Dispose() => Parameters.Dispose();

    private static bool IsNormWeight(string name) =>
        name.EndsWith("weight", StringComparison.Ordinal)
        && (name.Contains("norm", StringComparison.OrdinalIgnoreCase) || name.Contains("ln_", StringComparison.Ordinal));

    // Box and Muller 1958.
    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
