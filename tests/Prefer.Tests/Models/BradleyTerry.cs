using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>The objective of the tests' training steps.</summary>
internal static class BradleyTerry
{
    /// <summary>Mean of −log σ(chosen − rejected) over pairs of indices into rewards [S].</summary>
    internal static Tensor Loss(Tensor rewards, (int Chosen, int Rejected)[] pairs)
    {
        var chosen = rewards.IndexSelect(0, Tensor.From<long>([.. pairs.Select(pair => (long)pair.Chosen)]));
        var rejected = rewards.IndexSelect(0, Tensor.From<long>([.. pairs.Select(pair => (long)pair.Rejected)]));
        return -(chosen - rejected).LogSigmoid().Mean([0]);
    }
}
