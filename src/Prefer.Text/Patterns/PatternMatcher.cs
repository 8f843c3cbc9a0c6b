using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>Runs the instructions of a pattern: backtracking with its own stack, so that no text can overflow the thread's.</summary>
internal ref struct PatternMatcher
{
    /// <summary>How often one match may go back to a choice; the reference's engine has the same limit.</summary>
    private const int MostReturns = 10_000_000;

    private readonly PatternInstruction[] _code;
    private readonly ReadOnlySpan<char> _text;
    private readonly int[] _registers;
    private readonly int _searchStart;
    private readonly PatternStack _stack;

    private PatternMatcher(Pattern pattern, ReadOnlySpan<char> text, int searchStart, PatternStack stack)
    {
        _code = pattern.Code;
        _text = text;
        _searchStart = searchStart;
        _stack = stack;
        _registers = stack.Registers(pattern.RegisterCount);
    }

    /// <summary>The leftmost match from a place on.</summary>
    public static bool TryFind(Pattern pattern, ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        var matcher = new PatternMatcher(pattern, text, from, PatternStack.OfThread);
        for (var at = from; at <= text.Length; at = matcher.After(at))
        {
            if (pattern.FirstUnits is { } units)
            {
                if (text[at..].IndexOfAny(units) is not (>= 0 and var skipped))
                {
                    break;
                }

                at += skipped;
            }
            else if (pattern.First is { } first && !matcher.IsNext(first, at))
            {
                continue;
            }

            matcher._registers.AsSpan(0, 2 * pattern.GroupCount + 2).Fill(-1);
            matcher._registers[0] = at;
            if (matcher.TryMatch(at) is { } matched)
            {
                (start, end) = (matcher._registers[0], matched);
                return true;
            }
        }

        (start, end) = (0, 0);
        return false;
    }

    private readonly int After(int at) => at + (at < _text.Length && char.IsHighSurrogate(_text[at]) ? 2 : 1);

    private readonly int Before(int at) => at - (char.IsLowSurrogate(_text[at - 1]) ? 2 : 1);

    private readonly int CodeAt(int at) =>
        char.IsHighSurrogate(_text[at]) ? char.ConvertToUtf32(_text[at], _text[at + 1]) : _text[at];

    private readonly bool IsNext(CodePointSet set, int at) => at < _text.Length && set.Contains(CodeAt(at));

    private readonly int? TryMatch(int at)
    {
        _stack.Clear();
        var next = 0;
        for (var returns = 0; returns < MostReturns; returns++)
        {
            if (Run(ref next, ref at))
            {
                return at;
            }

            if (!GoBack(out next, out at))
            {
                return null;
            }
        }

        throw new TokenizerException(
            $"a regular expression of the tokenizer went back {MostReturns:N0} times in a text of {_text.Length} UTF-16 units without coming to an end");
    }

    /// <summary>Follows the instructions until one accepts (true) or fails (false).</summary>
    private readonly bool Run(ref int next, ref int at)
    {
        while (true)
        {
            ref readonly var step = ref _code[next];
            switch (step.Operation)
            {
                case PatternOperation.Accept:
                    return true;
                case PatternOperation.Unit:
                    if (at >= _text.Length || _text[at] != step.A)
                    {
                        return false;
                    }

                    at++;
                    break;
                case PatternOperation.Set:
                    if (!IsNext(step.Set!, at))
                    {
                        return false;
                    }

                    at = After(at);
                    break;
                case PatternOperation.TakeAll:
                case PatternOperation.TakeMany:
                    if (!Take(in step, next, ref at))
                    {
                        return false;
                    }

                    break;
                case PatternOperation.TakeFew:
                    if (!TakeLeast(step.Set!, step.A, ref at, out _))
                    {
                        return false;
                    }

                    if (step.B > step.A)
                    {
                        _stack.Push(PatternStack.More, next, at, step.B - step.A);
                    }

                    break;
                case PatternOperation.Choose:
                    if (step.Set is { } guard && !IsNext(guard, at))
                    {
                        next = step.B;
                    }
                    else
                    {
                        _stack.Push(PatternStack.Resume, step.B, at, 0);
                        next = step.A;
                    }

                    continue;
                case PatternOperation.Jump:
                    next = step.A;
                    continue;
                case PatternOperation.LoopGreedily:
                case PatternOperation.LoopLazily:
                    next = Loop(in step, next, at);
                    continue;
                case PatternOperation.LeaveIfEmpty when _registers[step.A] == at:
                    next = step.B;
                    continue;
                case PatternOperation.StepBack:
                    if (!StepBack(step.A, ref at))
                    {
                        return false;
                    }

                    if (step.B > step.A)
                    {
                        _stack.Push(PatternStack.Further, next, at, step.B - step.A);
                    }

                    break;
                case PatternOperation.CommitAndReturn:
                    at = _registers[step.A + 1];
                    _stack.Cut(_registers[step.A]);
                    break;
                default:
                    if (!Step(in step, ref at))
                    {
                        return false;
                    }

                    break;
            }

            next++;
        }
    }

    /// <summary>The instructions that go on with the next one or fail, and are seldom met.</summary>
    private readonly bool Step(in PatternInstruction step, ref int at)
    {
        switch (step.Operation)
        {
            case PatternOperation.Save:
                Write(step.A, at);
                return true;
            case PatternOperation.Keep:
                Write(0, at);
                return true;
            case PatternOperation.ResetCount:
                Write(step.A, 0);
                return true;
            case PatternOperation.Count:
                Write(step.A, _registers[step.A] + 1);
                return true;
            case PatternOperation.LeaveIfEmpty:
                return true;
            case PatternOperation.Enter:
            case PatternOperation.EnterNegative:
                _registers[step.A] = _stack.Height;
                _registers[step.A + 1] = at;
                if (step.Operation == PatternOperation.EnterNegative)
                {
                    _stack.Push(PatternStack.Resume, step.B, at, 0);
                }

                return true;
            case PatternOperation.Commit:
                _stack.Cut(_registers[step.A]);
                return true;
            case PatternOperation.CommitAndFail:
                _stack.Cut(_registers[step.A]);
                return false;
            case PatternOperation.Returned:
                return at == _registers[step.A + 1];
            case PatternOperation.Backreference:
            case PatternOperation.BackreferenceIgnoringCase:
                return TakeAgain(step.A, step.Operation == PatternOperation.BackreferenceIgnoringCase, ref at);
            case PatternOperation.LineStart:
                return at == 0 || (at < _text.Length && _text[at - 1] == '\n');
            case PatternOperation.LineEnd:
                return at == _text.Length || _text[at] == '\n';
            case PatternOperation.TextStart:
                return at == 0;
            case PatternOperation.TextEnd:
                return at == _text.Length;
            case PatternOperation.LastLineEnd:
                return at == _text.Length || (at == _text.Length - 1 && _text[at] == '\n');
            case PatternOperation.SearchStart:
                return at == _searchStart;
            case PatternOperation.WordBoundary:
                return IsWordBoundary(at);
            case PatternOperation.NoWordBoundary:
                return !IsWordBoundary(at);
            default:
                throw new InvalidOperationException($"{step.Operation} is no instruction that goes on");
        }
    }

    private readonly bool Take(in PatternInstruction step, int next, ref int at)
    {
        var set = step.Set!;
        if (!TakeLeast(set, step.A, ref at, out var count))
        {
            return false;
        }

        var least = at;
        while (count < step.B && at < _text.Length && set.Contains(CodeAt(at)))
        {
            at = After(at);
            count++;
        }

        if (at > least && step.Operation == PatternOperation.TakeMany)
        {
            _stack.Push(PatternStack.GiveBack, next, least, at);
        }

        return true;
    }

    private readonly bool TakeLeast(CodePointSet set, int least, ref int at, out int count)
    {
        for (count = 0; count < least; count++)
        {
            if (!IsNext(set, at))
            {
                return false;
            }

            at = After(at);
        }

        return true;
    }

    private readonly int Loop(in PatternInstruction step, int next, int at)
    {
        var count = _registers[step.A];
        if (count < step.B)
        {
            return next + 1;
        }

        if (count >= step.C)
        {
            return step.Target;
        }

        var isLazy = step.Operation == PatternOperation.LoopLazily;
        _stack.Push(PatternStack.Resume, isLazy ? next + 1 : step.Target, at, 0);
        return isLazy ? step.Target : next + 1;
    }

    private readonly bool StepBack(int count, ref int at)
    {
        for (; count > 0; count--)
        {
            if (at == 0)
            {
                return false;
            }

            at = Before(at);
        }

        return true;
    }

    private readonly bool TakeAgain(int group, bool ignoresCase, ref int at)
    {
        var start = _registers[PatternCompiler.GroupRegister(group)];
        var end = _registers[PatternCompiler.GroupRegister(group) + 1];
        if (start < 0 || end < start)
        {
            return false;
        }

        for (; start < end; start = After(start), at = After(at))
        {
            if (at >= _text.Length || !(ignoresCase
                ? CaseFolding.Fold(CodeAt(start)) == CaseFolding.Fold(CodeAt(at))
                : CodeAt(start) == CodeAt(at)))
            {
                return false;
            }
        }

        return true;
    }

    private readonly bool IsWordBoundary(int at)
    {
        var before = at > 0 && PatternClasses.Word.Contains(CodeAt(Before(at)));
        return before != IsNext(PatternClasses.Word, at);
    }

    private readonly void Write(int register, int value)
    {
        _stack.Push(PatternStack.Restore, register, _registers[register], 0);
        _registers[register] = value;
    }

    /// <summary>Takes up the last choice that is still open, if there is one.</summary>
    private readonly bool GoBack(out int next, out int at)
    {
        while (_stack.Height > 0)
        {
            ref var choice = ref _stack.Top;
            switch (choice.Kind)
            {
                case PatternStack.Restore:
                    _registers[choice.A] = choice.B;
                    _stack.Pop();
                    break;
                case PatternStack.Resume:
                    (next, at) = (choice.A, choice.B);
                    _stack.Pop();
                    return true;
                case PatternStack.GiveBack:
                    (next, at) = (choice.A + 1, Before(choice.C));
                    choice.C = at;
                    if (at == choice.B)
                    {
                        _stack.Pop();
                    }

                    return true;
                case PatternStack.More when IsNext(_code[choice.A].Set!, choice.B):
                    (next, at) = (choice.A + 1, After(choice.B));
                    TakeFrom(ref choice, at);
                    return true;
                case PatternStack.Further when choice.B > 0:
                    (next, at) = (choice.A + 1, Before(choice.B));
                    TakeFrom(ref choice, at);
                    return true;
                default:
                    _stack.Pop();
                    break;
            }
        }

        (next, at) = (0, 0);
        return false;
    }

    private readonly void TakeFrom(ref PatternStack.Choice choice, int at)
    {
        choice.B = at;
        choice.C--;
        if (choice.C == 0)
        {
            _stack.Pop();
        }
    }
}
