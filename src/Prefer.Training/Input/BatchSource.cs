using System.Collections.Concurrent;
using System.Diagnostics;

namespace Prefer.Training;

/// <summary>
/// The batches of a run's steps in order, made on a thread of their own while the steps before them are computed. What a batch is
/// depends on its step alone, never on when it is made. One reader.
/// </summary>
internal sealed class BatchSource : IDisposable
{
    /// <summary>Batches that are kept ready: one for the next step, and one more for a step that is slow to make.</summary>
    private const int Ahead = 2;

    private readonly BlockingCollection<StepBatch> ready = new(Ahead);
    private readonly CancellationTokenSource stop = new();
    private readonly Task making;

    /// <param name="firstStep">0-based step of the first batch.</param>
    /// <param name="endStep">The step behind the last one.</param>
    /// <param name="make">Makes the batch of a step; called for one step after the other, on another thread.</param>
    internal BatchSource(int firstStep, int endStep, Func<int, StepBatch> make) =>
        making = Task.Factory.StartNew(() => Make(firstStep, endStep, make), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>How long <see cref="Next"/> has waited in all.</summary>
    internal TimeSpan Waited { get; private set; }

    /// <summary>The next step's batch. An exception of its making is thrown here, when the batches before it are used up.</summary>
    internal StepBatch Next()
    {
        var start = Stopwatch.GetTimestamp();
        if (!ready.TryTake(out var batch, Timeout.Infinite))
        {
            making.GetAwaiter().GetResult();
            throw new InvalidOperationException("the run has no further step");
        }
        Waited += Stopwatch.GetElapsedTime(start);
        return batch;
    }

    /// <summary>Ends the making, wherever it is.</summary>
    public void Dispose()
    {
        stop.Cancel();
        // Waits without throwing: what failed for a step that nobody came to matters to nobody.
        Task.WaitAny(making);
        ready.Dispose();
        stop.Dispose();
    }

    private void Make(int firstStep, int endStep, Func<int, StepBatch> make)
    {
        try
        {
            for (var step = firstStep; step < endStep; step++)
            {
                ready.Add(make(step), stop.Token);
            }
        }
        finally
        {
            ready.CompleteAdding();
        }
    }
}
