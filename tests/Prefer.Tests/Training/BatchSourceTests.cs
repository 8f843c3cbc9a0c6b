using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Batches that are made ahead of the steps: their order, what becomes of a failure, and the end.</summary>
public sealed class BatchSourceTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(0, 2)]
    public void Batches_come_in_order_whoever_is_faster(int makingMilliseconds, int takingMilliseconds)
    {
        var made = new List<int>();
        using var source = new BatchSource(3, 20, step =>
        {
            Thread.Sleep(makingMilliseconds);
            made.Add(step);
            return Batch(step);
        });

        for (var step = 3; step < 20; step++)
        {
            Assert.Equal(step, source.Next().Items.Length);
            Thread.Sleep(takingMilliseconds);
        }

        Assert.Equal(Enumerable.Range(3, 17), made);
        Assert.True(makingMilliseconds == 0 || source.Waited >= TimeSpan.FromMilliseconds(makingMilliseconds));
    }

    [Fact]
    public void Few_are_made_ahead()
    {
        var made = 0;
        using var source = new BatchSource(0, 1000, step =>
        {
            Interlocked.Increment(ref made);
            return Batch(step);
        });
        source.Next();
        // Long enough to make thousands, if nothing held it back.
        Thread.Sleep(100);

        // The one taken, two that are ready, and one that waits for its place.
        Assert.InRange(Volatile.Read(ref made), 1, 4);
    }

    [Fact]
    public void A_failure_comes_after_the_batches_before_it()
    {
        using var source = new BatchSource(0, 10, step => step == 3 ? throw new FormatException("broken") : Batch(step));

        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(_ => source.Next().Items.Length));
        Assert.Equal("broken", Assert.Throws<FormatException>(source.Next).Message);
    }

    [Fact]
    public void It_ends_while_batches_are_ready_or_being_made_or_have_failed()
    {
        new BatchSource(0, 1000, Batch).Dispose();
        new BatchSource(0, 1000, _ => throw new FormatException("broken")).Dispose();
        using var started = new ManualResetEventSlim();
        var source = new BatchSource(0, 1000, step =>
        {
            started.Set();
            Thread.Sleep(20);
            return Batch(step);
        });
        started.Wait(TestContext.Current.CancellationToken);
        source.Dispose();
    }

    [Fact]
    public void Behind_the_last_step_is_nothing()
    {
        using var source = new BatchSource(0, 1, Batch);
        source.Next();

        Assert.Throws<InvalidOperationException>(source.Next);
    }

    /// <summary>A batch that its size tells from others.</summary>
    private static StepBatch Batch(int size) => new(new TrainingItem[size], []);
}
