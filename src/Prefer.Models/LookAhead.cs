using System.Diagnostics;

namespace Prefer.Models;

/// <summary>
/// A source read by a thread of its own, ahead of who takes from it, and given out in windows of a certain weight. The source waits when two windows
/// are ready. What it throws is thrown in place of the window that it left unfinished.
/// </summary>
internal sealed class LookAhead<T> : IDisposable
{
    private readonly object gate = new();
    private readonly Queue<(T Item, int Weight)> ready = [];
    private readonly long windowWeight;
    private readonly TimeSpan? patience;
    private readonly CancellationToken stop;
    private readonly CancellationTokenRegistration wakeUp;
    private readonly Task reading;
    private long readyWeight;
    private bool hasEnded, hasFailed, isAbandoned;

    /// <param name="source">Enumerated once.</param>
    /// <param name="weightOf">What an item counts for, at least 1.</param>
    /// <param name="windowWeight">What makes a window full.</param>
    /// <param name="patience">See <see cref="ScoringOptions.Patience"/>.</param>
    /// <param name="stop">Ends the waiting.</param>
    internal LookAhead(IEnumerable<T> source, Func<T, int> weightOf, long windowWeight, TimeSpan? patience, CancellationToken stop)
    {
        (this.windowWeight, this.patience, this.stop) = (windowWeight, patience, stop);
        wakeUp = stop.Register(Wake);
        reading = Task.Factory.StartNew(() => Read(source, weightOf), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>
    /// The next items in order: those that make a window full, which depends on the items alone; fewer at the end of the source, or when patience ran
    /// out; none behind the end.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal List<T> TakeWindow()
    {
        var window = new List<T>();
        lock (gate)
        {
            WaitForWindow();
            if (readyWeight >= windowWeight || !hasFailed)
            {
                for (long weight = 0; weight < windowWeight && ready.TryDequeue(out var next); weight += next.Weight)
                {
                    window.Add(next.Item);
                    readyWeight -= next.Weight;
                }
                Monitor.PulseAll(gate);
                return window;
            }
        }
        reading.GetAwaiter().GetResult();
        return window;
    }

    /// <summary>Stops the reading. A source that may block, one for which there is patience, is left behind at the item it is waiting for.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isAbandoned = true;
            Monitor.PulseAll(gate);
        }
        if (patience is null)
        {
            Task.WhenAny(reading).GetAwaiter().GetResult();
        }
        wakeUp.Dispose();
    }

    private void WaitForWindow()
    {
        long? firstSeen = null;
        while (readyWeight < windowWeight && !hasEnded)
        {
            stop.ThrowIfCancellationRequested();
            if (patience is not { } limit || ready.Count == 0)
            {
                Monitor.Wait(gate);
                continue;
            }
            firstSeen ??= Stopwatch.GetTimestamp();
            var left = limit - Stopwatch.GetElapsedTime(firstSeen.Value);
            if (left <= TimeSpan.Zero)
            {
                return;
            }
            Monitor.Wait(gate, left);
        }
        stop.ThrowIfCancellationRequested();
    }

    private void Read(IEnumerable<T> source, Func<T, int> weightOf)
    {
        var isWhole = false;
        try
        {
            foreach (var item in source)
            {
                if (!Put(item, weightOf(item)))
                {
                    break;
                }
            }
            isWhole = true;
        }
        finally
        {
            lock (gate)
            {
                (hasEnded, hasFailed) = (true, !isWhole);
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <returns>False when nobody wants any more.</returns>
    private bool Put(T item, int weight)
    {
        lock (gate)
        {
            while (readyWeight >= 2 * windowWeight && !isAbandoned)
            {
                Monitor.Wait(gate);
            }
            var isFirst = ready.Count == 0;
            ready.Enqueue((item, weight));
            readyWeight += weight;
            if (isFirst || readyWeight >= windowWeight)
            {
                Monitor.PulseAll(gate);
            }
            return !isAbandoned;
        }
    }

    private void Wake()
    {
        lock (gate)
        {
            Monitor.PulseAll(gate);
        }
    }
}
