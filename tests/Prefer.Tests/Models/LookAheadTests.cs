using System.Collections.Concurrent;
using Prefer.Models;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Windows of a source that another thread reads.</summary>
public sealed class LookAheadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private static CancellationToken Running => TestContext.Current.CancellationToken;

    [Fact]
    public void Windows_hold_what_fills_them_whenever_the_items_come()
    {
        int[] weights = [3, 3, 3, 3, 12, 1, 9, 1, 1, 1];
        foreach (var seed in Enumerable.Range(0, 20))
        {
            var random = new Random(seed);
            using var ahead = new LookAhead<int>(weights.Select(weight => { Thread.Sleep(random.Next(3)); return weight; }), weight => weight, 10, patience: null, default);

            Assert.Equal(["3 3 3 3", "12", "1 9", "1 1 1", ""], Windows(ahead, 5));
        }
    }

    [Fact]
    public void The_source_waits_when_two_windows_are_ready()
    {
        var readCount = 0;
        using var ahead = new LookAhead<int>(Enumerable.Range(0, 1000).Select(item => { Interlocked.Increment(ref readCount); return item; }), _ => 1, 10, patience: null, default);

        SpinWait.SpinUntil(() => Volatile.Read(ref readCount) > 20, TimeSpan.FromSeconds(10));
        Thread.Sleep(20);
        Assert.Equal(21, Volatile.Read(ref readCount));

        Assert.Equal(10, ahead.TakeWindow().Count);
        SpinWait.SpinUntil(() => Volatile.Read(ref readCount) > 30, TimeSpan.FromSeconds(10));
        Thread.Sleep(20);
        Assert.Equal(31, Volatile.Read(ref readCount));
    }

    [Fact]
    public void With_patience_what_is_there_is_given_out_while_the_source_is_silent()
    {
        using var pipe = new BlockingCollection<int>();
        using var ahead = new LookAhead<int>(pipe.GetConsumingEnumerable(Running), _ => 1, 10, Patience, default);

        pipe.Add(1, Running);
        Assert.Equal([1], ahead.TakeWindow());
        pipe.Add(2, Running);
        Assert.Equal([2], ahead.TakeWindow());
        for (var item = 3; item < 15; item++)
        {
            pipe.Add(item, Running);
        }
        Assert.Equal(Enumerable.Range(3, 12), (int[])[.. ahead.TakeWindow(), .. ahead.TakeWindow()]);
        pipe.CompleteAdding();
        Assert.Empty(ahead.TakeWindow());
    }

    [Fact]
    public void What_the_source_throws_takes_the_place_of_the_window_it_cut()
    {
        static IEnumerable<int> Failing()
        {
            foreach (var item in Enumerable.Range(0, 13))
            {
                yield return item;
            }
            throw new InvalidDataException("row 14");
        }

        using var ahead = new LookAhead<int>(Failing(), _ => 1, 10, patience: null, default);

        Assert.Equal(Enumerable.Range(0, 10), ahead.TakeWindow());
        Assert.Equal("row 14", Assert.Throws<InvalidDataException>(ahead.TakeWindow).Message);
    }

    [Fact]
    public void A_source_that_nobody_needs_any_more_is_closed()
    {
        var isClosed = false;
        IEnumerable<int> Endless()
        {
            try
            {
                for (var item = 0; ; item++)
                {
                    yield return item;
                }
            }
            finally
            {
                isClosed = true;
            }
        }

        using (var ahead = new LookAhead<int>(Endless(), _ => 1, 10, patience: null, default))
        {
            Assert.Equal(10, ahead.TakeWindow().Count);
            Assert.False(isClosed);
        }
        Assert.True(isClosed);
    }

    [Fact]
    public void Waiting_ends_when_it_is_stopped()
    {
        using var pipe = new BlockingCollection<int>();
        using var stop = new CancellationTokenSource();
        using var ahead = new LookAhead<int>(pipe.GetConsumingEnumerable(Running), _ => 1, 10, Patience, stop.Token);

        stop.CancelAfter(10);
        Assert.Throws<OperationCanceledException>(ahead.TakeWindow);
        pipe.CompleteAdding();
    }

    private static IEnumerable<string> Windows(LookAhead<int> ahead, int count) => Enumerable.Range(0, count).Select(_ => string.Join(' ', ahead.TakeWindow()));
}
