using Prefer.Statistics;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// The Plackett–Luce loss of rankings, as a pure function, for tensors (with gradients) and for numbers. A ranking is a sequence of
/// choices, each of the best among what is left, with P(i of A) = e^{r_i} / Σ_{l∈A} e^{r_l} (Luce 1959; Plackett, "The analysis of
/// permutations", Applied Statistics 24, 1975). Equal scores are a tie in Breslow's form ("Covariance analysis of censored survival
/// data", Biometrics 30, 1974): each of the tied is chosen from the same set, which still holds all of them. So, with A_i = {l : s_l ≤ s_i},
/// ℓ = Σ_i log Σ_{l∈A_i} e^{r_l − r_i} = Σ_i log(1 + Σ_{l∈A_i, l≠i} e^{r_l − r_i}), in which no choice loses its tail to a cancelled 1.
/// </summary>
/// <remarks>For two responses that are not tied it is the Bradley–Terry loss; for two that are, −log σ(d) − log σ(−d), twice that of a label of one half.</remarks>
public static class PlackettLuceLoss
{
    /// <summary>One loss a ranking, [N].</summary>
    /// <param name="rewards">r of the rankings' responses, one ranking after the other, [S].</param>
    /// <param name="scores">s of each ranking, higher is better; N lists of two scores or more, S in all.</param>
    public static Tensor PerRanking(Tensor rewards, IReadOnlyList<IReadOnlyList<double>> scores)
    {
        // C choices that are not forced, each with up to K others to choose from; shorter lists are filled up with what weighs nothing.
        var choices = Choices(scores);
        var width = choices.Max(choice => choice.Others.Length);
        var others = choices.SelectMany(choice => choice.Others.Concat(Enumerable.Repeat((long)choice.Own, width - choice.Others.Length))).ToArray();
        var mask = choices.SelectMany(choice => Enumerable.Range(0, width).Select(index => index < choice.Others.Length ? 0 : double.NegativeInfinity)).ToArray();

        var own = rewards.IndexSelect(0, Indices(choices.Select(choice => (long)choice.Own), rewards)).Unsqueeze(1); // [C, 1]
        var differences = rewards.IndexSelect(0, Indices(others, rewards)).Reshape(-1, width) - own
            + Tensor.From<double>(mask, rewards.Device).To(rewards.DType).Reshape(-1, width); // [C, K]
        var costs = -(-differences.LogSumExp(1)).LogSigmoid(); // [C]
        return Tensor.Zeros([scores.Count], rewards.DType, rewards.Device).IndexAdd(0, Indices(choices.Select(choice => (long)choice.Ranking), rewards), costs);
    }

    /// <summary>The loss of one ranking.</summary>
    /// <param name="rewards">r</param>
    /// <param name="scores">s, higher is better.</param>
    public static double Of(ReadOnlySpan<double> rewards, ReadOnlySpan<double> scores)
    {
        var loss = 0.0;
        for (var own = 0; own < rewards.Length; own++)
        {
            var differences = new List<double>();
            for (var other = 0; other < rewards.Length; other++)
            {
                if (other != own && scores[other] <= scores[own])
                {
                    differences.Add(rewards[other] - rewards[own]);
                }
            }
            loss += differences.Count == 0 ? 0 : Logistic.Softplus(LogSumExp(differences));
        }
        return loss;
    }

    private static double LogSumExp(List<double> values)
    {
        var largest = values.Max();
        return double.IsInfinity(largest) ? largest : largest + Math.Log(values.Sum(value => Math.Exp(value - largest)));
    }

    private static List<(int Ranking, int Own, long[] Others)> Choices(IReadOnlyList<IReadOnlyList<double>> scores)
    {
        var choices = new List<(int, int, long[])>();
        var start = 0;
        for (var ranking = 0; ranking < scores.Count; ranking++)
        {
            var own = scores[ranking];
            for (var index = 0; index < own.Count; index++)
            {
                long[] others = [.. from other in Enumerable.Range(0, own.Count) where other != index && own[other] <= own[index] select (long)(start + other)];
                if (others.Length > 0)
                {
                    choices.Add((ranking, start + index, others));
                }
            }
            start += own.Count;
        }
        return choices;
    }

    private static Tensor Indices(IEnumerable<long> indices, Tensor rewards) => Tensor.From<long>(indices.ToArray(), rewards.Device);
}
