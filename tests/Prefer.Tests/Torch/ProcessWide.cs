using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>
/// Tests of what belongs to the whole process (the live-tensor count, the generator, thread counts) run alone: no other
/// test makes tensors or draws numbers beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWide
{
    public const string Name = "process-wide";
}
