using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>Training that is timed: Prefer's, and the padded one.</summary>
internal interface ITraining : IDisposable
{
    /// <summary>One optimizer step; gives the loss before it.</summary>
    double Step(EncodedComparison[] batch);
}
