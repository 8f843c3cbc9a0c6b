namespace Prefer.Text.PostProcessors;

/// <summary>The post-processors that can be read.</summary>
internal static class PostProcessorKinds
{
    public static KindTable<IPostProcessor> Table { get; } = new("post-processor", new()
    {
        ["BertProcessing"] = AroundPostProcessor.ReadBert,
        ["ByteLevel"] = ByteLevelPostProcessor.Read,
        ["RobertaProcessing"] = AroundPostProcessor.ReadRoberta,
        ["Sequence"] = PostProcessorSequence.Read,
        ["TemplateProcessing"] = TemplatePostProcessor.Read,
    });
}
