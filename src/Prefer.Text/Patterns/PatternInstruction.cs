using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>What an instruction does. "Fails" means: go back to the last choice.</summary>
internal enum PatternOperation
{
    /// <summary>The match is complete.</summary>
    Accept,

    /// <summary>Takes the UTF-16 unit A.</summary>
    Unit,

    /// <summary>Takes a code point of the set.</summary>
    Set,

    /// <summary>Takes as many code points of the set as there are, A to B; gives them back one by one.</summary>
    TakeMany,

    /// <summary>The same, but nothing is given back.</summary>
    TakeAll,

    /// <summary>Takes as few code points of the set as it must, A to B.</summary>
    TakeFew,

    /// <summary>Goes on at A and, should that fail, at B; at B alone if the next code point is not in the set.</summary>
    Choose,

    /// <summary>Goes on at A.</summary>
    Jump,

    /// <summary>Writes the place into register A.</summary>
    Save,

    /// <summary>Writes 0 into register A.</summary>
    ResetCount,

    /// <summary>Adds 1 to register A.</summary>
    Count,

    /// <summary>With the count in register A: fewer than B, go on; C or more, leave to Target; between, try to go on first.</summary>
    LoopGreedily,

    /// <summary>The same, but between tries to leave first.</summary>
    LoopLazily,

    /// <summary>Leaves to B if the place is still that in register A: an empty round ends a loop.</summary>
    LeaveIfEmpty,

    /// <summary>Remembers in registers A and A + 1 which choices are open and the place.</summary>
    Enter,

    /// <summary>Forgets the choices made since Enter with A.</summary>
    Commit,

    /// <summary>Forgets the choices made since Enter with A and returns to its place.</summary>
    CommitAndReturn,

    /// <summary>Enter, and leaves a choice to go on at B.</summary>
    EnterNegative,

    /// <summary>Forgets the choices made since EnterNegative with A, its own included, and fails.</summary>
    CommitAndFail,

    /// <summary>Goes back A to B code points, as few as it must.</summary>
    StepBack,

    /// <summary>The place is that in register A + 1.</summary>
    Returned,

    /// <summary>Takes the text of group A again.</summary>
    Backreference,

    /// <summary>The same, ignoring case.</summary>
    BackreferenceIgnoringCase,

    /// <summary>Fails.</summary>
    Fail,

    /// <summary><c>^</c>: the beginning, or after a line feed that is not the end.</summary>
    LineStart,

    /// <summary><c>$</c>: the end, or before a line feed.</summary>
    LineEnd,

    /// <summary><c>\A</c></summary>
    TextStart,

    /// <summary><c>\z</c></summary>
    TextEnd,

    /// <summary><c>\Z</c>: the end, or before a line feed that is the end.</summary>
    LastLineEnd,

    /// <summary><c>\G</c>: where the search began.</summary>
    SearchStart,

    /// <summary><c>\b</c></summary>
    WordBoundary,

    /// <summary><c>\B</c></summary>
    NoWordBoundary,

    /// <summary><c>\K</c>: the match is said to start here.</summary>
    Keep,
}

/// <summary>One step of a compiled pattern.</summary>
internal readonly record struct PatternInstruction(
    PatternOperation Operation, int A = 0, int B = 0, int C = 0, int Target = 0, CodePointSet? Set = null);
