using Prefer.Training;

namespace Prefer.Tests.Training;

/// <summary>Everything a run tells, kept.</summary>
internal sealed class Notes : IProgress<TrainingEvent>
{
    private readonly List<TrainingEvent> events = [];

    internal IEnumerable<string> Texts => events.OfType<TrainingEvent.Note>().Select(note => note.Text);

    internal IEnumerable<TrainingEvent.Evaluated> Evaluations => events.OfType<TrainingEvent.Evaluated>();

    public void Report(TrainingEvent value) => events.Add(value);
}

/// <summary>Asks a run to stop when it has taken a number of steps.</summary>
internal sealed class StopAt(int step, CancellationTokenSource stop) : IProgress<TrainingEvent>
{
    public void Report(TrainingEvent value)
    {
        if (value is TrainingEvent.Stepped stepped && stepped.Step >= step)
        {
            stop.Cancel();
        }
    }
}
