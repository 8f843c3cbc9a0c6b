namespace Prefer.Data;

/// <summary>The forms of rows that are understood; docs/data.md shows one of each.</summary>
public enum RowLayout
{
    /// <summary><c>prompt</c>, <c>chosen</c>, <c>rejected</c>.</summary>
    PromptPair,

    /// <summary><c>chosen</c>, <c>rejected</c> as message lists that share their first turns.</summary>
    SharedTurnsPair,

    /// <summary><c>chosen</c>, <c>rejected</c> as Human/Assistant transcripts (HH-RLHF).</summary>
    TranscriptPair,

    /// <summary><c>chosen</c>, <c>rejected</c> as plain texts.</summary>
    TextPair,

    /// <summary><c>prompt</c>, <c>a</c>, <c>b</c>, <c>y</c> = P(a is preferred).</summary>
    LabelledPair,

    /// <summary><c>prompt</c>, <c>responses</c>, and <c>ranks</c> or <c>scores</c>.</summary>
    Ranking,

    /// <summary><c>chosen_ids</c>, <c>rejected_ids</c>.</summary>
    TokenPair,

    /// <summary><c>messages</c> that end with an assistant's turn.</summary>
    Messages,

    /// <summary><c>prompt</c>, <c>response</c>.</summary>
    PromptResponse,

    /// <summary><c>text</c>.</summary>
    Text,

    /// <summary><c>input_ids</c>.</summary>
    TokenIds,
}
