using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Prefer.Data;
using Prefer.Models;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>What <c>prefer calibrate</c> finds: the rewards of reference responses, and the temperature of the comparisons between them.</summary>
public sealed record ReferenceCalibration
{
    /// <summary>Below this share of the largest reward a deviation is rounding in fp32.</summary>
    private const double Rounding = 1e-6;

    /// <summary>Distinct responses: those that become the same tokens count once.</summary>
    public required long Responses { get; init; }

    /// <summary>Their mean reward.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation of their rewards (over responses − 1), positive.</summary>
    public required double Deviation { get; init; }

    /// <summary>The smallest of their rewards, the 5th, 25th, 50th, 75th and 95th percentile, the largest.</summary>
    public required ImmutableArray<LevelValue> Quantiles { get; init; }

    /// <summary>Pairs that the temperature is fitted on.</summary>
    public required long Pairs { get; init; }

    /// <summary>The temperature of least loss; null where there is none.</summary>
    public required double? Temperature { get; init; }

    /// <summary>Where the loss is least, which says why there is no temperature.</summary>
    public required TemperatureMinimum TemperatureMinimum { get; init; }

    /// <summary>Rows left out because they could not be read.</summary>
    public int BadRows { get; init; }

    /// <summary>SHA-256 of what was scored, as tokens, and of the labels.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What goes into the model folder.</summary>
    [JsonIgnore]
    public Calibration Calibration => new()
    {
        Rewards = new ReferenceRewards { Mean = Mean, Deviation = Deviation, Responses = Responses, Fingerprint = Fingerprint },
        Temperature = Temperature is { } value ? new FittedTemperature { Value = value, Pairs = Pairs, Fingerprint = Fingerprint } : null,
    };

    /// <summary>Scores all rows once.</summary>
    /// <param name="rows">Comparisons and rankings.</param>
    /// <param name="model">The model that is calibrated.</param>
    /// <param name="skipped">Takes rows that the model cannot read; null to stop at the first.</param>
    /// <param name="onScored">Called with the number of comparisons behind us.</param>
    /// <exception cref="DataException">Nothing can be scored, a row cannot be read, or all rewards are equal.</exception>
    /// <exception cref="ModelException">A reward is not finite.</exception>
    public static ReferenceCalibration Run(IEnumerable<Judgement> rows, ModelScorer model, ICollection<BadRow>? skipped, Action<long>? onScored = null)
    {
        using var listener = new RewardListener(model);
        var pairs = PairEvaluation.Run(rows, listener, skipped, TimeProvider.System, onScored).Pairs;
        double[] rewards = [.. listener.Rewards.Order()];
        var mean = CompensatedSum.Mean(rewards);
        var deviation = CompensatedSum.Deviation(rewards) ?? 0;
        if (!(deviation > Rounding * Math.Max(-rewards[0], rewards[^1])))
        {
            throw new DataException($"found {rewards.Length} distinct responses, all with the reward {mean:g6}; expected rewards that differ: there is nothing to divide by. Either the responses are too few, or the model has learned nothing");
        }

        var fit = CalibrationMetrics.Fit(pairs);
        return new ReferenceCalibration
        {
            Responses = rewards.Length,
            Mean = mean,
            Deviation = deviation,
            Quantiles = LevelValue.Of(rewards),
            Pairs = pairs.Count,
            Temperature = fit.Temperature,
            TemperatureMinimum = fit.Minimum,
            Fingerprint = listener.Fingerprint([.. pairs.Select(pair => pair.Label)]),
        };
    }

    /// <summary>Hands a model's rewards on, and keeps one of each sequence.</summary>
    private sealed class RewardListener(ModelScorer model) : IScorer, IDisposable
    {
        private readonly HashSet<UInt128> seen = [];
        private readonly List<double> rewards = [];
        private readonly IncrementalHash content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public IReadOnlyList<double> Rewards => rewards;

        public double EqualRewardsCredit => model.EqualRewardsCredit;

        public bool IsLogOdds => model.IsLogOdds;

        public IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped)
        {
            foreach (var row in model.Score(rows, responses, skipped))
            {
                foreach (var response in row.Responses)
                {
                    // A hash of its own for each sequence, so that no two lists of sequences run together to the same bytes.
                    var hash = HashOf(response.Tokens!);
                    content.AppendData(hash);
                    if (seen.Add(MemoryMarshal.Read<UInt128>(hash)))
                    {
                        rewards.Add(response.Reward);
                    }
                }

                yield return row;
            }
        }

        public string Fingerprint(double[] labels)
        {
            content.AppendData(MemoryMarshal.AsBytes<double>(labels));
            return Convert.ToHexStringLower(content.GetCurrentHash());
        }

        public void Dispose() => content.Dispose();

        private static byte[] HashOf(EncodedSequence tokens) =>
            SHA256.HashData(MemoryMarshal.AsBytes<int>((int[])[tokens.Ids.Length, .. tokens.Ids, .. tokens.TokenTypes]));
    }
}
