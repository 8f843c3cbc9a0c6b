using Prefer.Data;

namespace Prefer.Evaluation.Diagnosis;

/// <summary>Marks of chat formats inside the text of messages, where a template puts its own around them: plain lists that anyone can check.</summary>
internal static class ForeignMarks
{
    /// <summary>Control tokens of chat templates (ChatML, Llama 2 and 3, Gemma, Phi, Zephyr, Alpaca).</summary>
    public static IReadOnlyList<string> ControlTokens { get; } =
    [
        "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|begin_of_text|>", "<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>",
        "<start_of_turn>", "<end_of_turn>", "[INST]", "[/INST]", "<<SYS>>", "### Instruction:", "### Response:",
    ];

    private static readonly string[] TranscriptMarks = ["\n\nHuman:", "\n\nAssistant:"];

    /// <summary>The control tokens in any of the comparison's texts, each once.</summary>
    public static IEnumerable<string> ControlTokensOf(Comparison comparison) =>
        ControlTokens.Where(mark => Texts(comparison).Any(text => text.Contains(mark, StringComparison.Ordinal)));

    /// <summary>Whether a text holds the turns of a transcript, which reading would have made messages of had it stood at the beginning.</summary>
    public static bool HasTranscript(Comparison comparison) => Texts(comparison).Any(text => TranscriptMarks.Any(mark => text.Contains(mark, StringComparison.Ordinal)));

    private static IEnumerable<string> Texts(Comparison comparison) =>
        comparison.Prompt.Concat(comparison.AllResponses.SelectMany(response => response.Turns)).Select(turn => turn.Content);
}
