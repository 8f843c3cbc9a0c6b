using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>Turns a pattern into instructions. Registers: the ends of the groups first, then where the match starts, then those of loops and looks.</summary>
internal sealed class PatternCompiler
{
    private readonly List<PatternInstruction> _code = [];
    private int _registerCount;

    private PatternCompiler(int groupCount) => _registerCount = GroupRegister(groupCount + 1);

    /// <summary>The register of where a group starts; the next one has where it ends. Group 0 is the whole match.</summary>
    public static int GroupRegister(int group) => 2 * group;

    public static (PatternInstruction[] Code, int RegisterCount) Compile(PatternNode root, int groupCount)
    {
        var compiler = new PatternCompiler(groupCount);
        compiler.Write(root);
        compiler.Add(PatternOperation.Accept);
        compiler.Commit();
        return ([.. compiler._code], compiler._registerCount);
    }

    private int Here => _code.Count;

    private int Add(PatternOperation operation, int a = 0, int b = 0, int c = 0, CodePointSet? set = null)
    {
        _code.Add(new PatternInstruction(operation, a, b, c, 0, set));
        return Here - 1;
    }

    private int Register(int count = 1)
    {
        _registerCount += count;
        return _registerCount - count;
    }

    private void Write(PatternNode node)
    {
        switch (node)
        {
            case LiteralNode literal:
                WriteSet(literal.Set);
                break;
            case SetNode set:
                WriteSet(set.Set);
                break;
            case SequenceNode sequence:
                foreach (var part in sequence.Parts)
                {
                    Write(part);
                }

                break;
            case AlternationNode alternation:
                WriteAlternation(alternation);
                break;
            case RepeatNode repeat:
                WriteRepeat(repeat);
                break;
            case AtomicNode { Body: RepeatNode { IsLazy: false } repeat } when SetOf(repeat.Body) is { } set:
                Add(PatternOperation.TakeAll, repeat.Least, repeat.Most ?? int.MaxValue, set: set);
                break;
            case AtomicNode atomic:
                var mark = Register(2);
                Add(PatternOperation.Enter, mark);
                Write(atomic.Body);
                Add(PatternOperation.Commit, mark);
                break;
            case GroupNode group:
                Add(PatternOperation.Save, GroupRegister(group.Index));
                Write(group.Body);
                Add(PatternOperation.Save, GroupRegister(group.Index) + 1);
                break;
            case LookNode look:
                WriteLook(look);
                break;
            case AnchorNode anchor:
                Add(anchor.Condition);
                break;
            case BackreferenceNode reference:
                WriteReference(reference);
                break;
            default:
                throw new InvalidOperationException($"no instructions for {node}");
        }
    }

    private static CodePointSet? SetOf(PatternNode node) => node switch
    {
        SetNode set => set.Set,
        LiteralNode literal => literal.Set,
        _ => null,
    };

    private void WriteSet(CodePointSet set)
    {
        if (set.Single is < 0x10000 and { } unit)
        {
            Add(PatternOperation.Unit, unit);
        }
        else
        {
            Add(PatternOperation.Set, set: set);
        }
    }

    private void WriteAlternation(AlternationNode alternation)
    {
        var jumps = new List<int>();
        foreach (var branch in alternation.Branches.SkipLast(1))
        {
            var choice = Add(PatternOperation.Choose, Here + 1, set: Guard(branch));
            Write(branch);
            jumps.Add(Add(PatternOperation.Jump));
            _code[choice] = _code[choice] with { B = Here };
        }

        Write(alternation.Branches[^1]);
        foreach (var jump in jumps)
        {
            _code[jump] = _code[jump] with { A = Here };
        }
    }

    /// <summary>What the next code point must be for a part to have a chance, or null.</summary>
    private static CodePointSet? Guard(PatternNode part) => part.First is (var set, false) ? set : null;

    private void WriteRepeat(RepeatNode repeat)
    {
        if (SetOf(repeat.Body) is { } set)
        {
            Add(repeat.IsLazy ? PatternOperation.TakeFew : PatternOperation.TakeMany, repeat.Least, repeat.Most ?? int.MaxValue, set: set);
        }
        else if (repeat is { Least: 0, Most: 1 })
        {
            WriteOptional(repeat);
        }
        else if (repeat.Most is null && repeat.Least <= 1)
        {
            WriteUnbounded(repeat);
        }
        else
        {
            WriteCounted(repeat);
        }
    }

    private void WriteOptional(RepeatNode repeat)
    {
        var choice = Choose(repeat, Here + 1);
        Write(repeat.Body);
        LeaveTo(choice, repeat, Here);
    }

    private void WriteUnbounded(RepeatNode repeat)
    {
        var isChecked = repeat.Body.Length.Least == 0;
        var place = isChecked ? Register() : 0;
        var enter = repeat.Least == 0 ? Choose(repeat, Here + 1) : (int?)null;
        var start = Here;
        if (isChecked)
        {
            Add(PatternOperation.Save, place);
        }

        Write(repeat.Body);
        var leave = isChecked ? Add(PatternOperation.LeaveIfEmpty, place) : (int?)null;
        var again = Choose(repeat, start);
        LeaveTo(again, repeat, Here);
        if (enter is { } first)
        {
            LeaveTo(first, repeat, Here);
        }

        if (leave is { } empty)
        {
            _code[empty] = _code[empty] with { B = Here };
        }
    }

    private void WriteCounted(RepeatNode repeat)
    {
        var isChecked = repeat.Body.Length.Least == 0;
        var count = Register();
        var place = isChecked ? Register() : 0;
        Add(PatternOperation.ResetCount, count);
        var loop = Add(
            repeat.IsLazy ? PatternOperation.LoopLazily : PatternOperation.LoopGreedily, count, repeat.Least, repeat.Most ?? int.MaxValue);
        if (isChecked)
        {
            Add(PatternOperation.Save, place);
        }

        Write(repeat.Body);
        var leave = isChecked ? Add(PatternOperation.LeaveIfEmpty, place) : (int?)null;
        Add(PatternOperation.Count, count);
        Add(PatternOperation.Jump, loop);
        _code[loop] = _code[loop] with { Target = Here };
        if (leave is { } empty)
        {
            _code[empty] = _code[empty] with { B = Here };
        }
    }

    /// <summary>A choice between a round at <paramref name="round"/> and leaving, in the order that the quantifier prefers.</summary>
    private int Choose(RepeatNode repeat, int round) => repeat.IsLazy
        ? Add(PatternOperation.Choose, b: round)
        : Add(PatternOperation.Choose, round, set: Guard(repeat.Body));

    private void LeaveTo(int choice, RepeatNode repeat, int target) =>
        _code[choice] = repeat.IsLazy ? _code[choice] with { A = target } : _code[choice] with { B = target };

    private void WriteLook(LookNode look)
    {
        var mark = Register(2);
        var enter = Add(look.IsNegative ? PatternOperation.EnterNegative : PatternOperation.Enter, mark);
        if (look.IsBehind)
        {
            var (least, most) = look.Body.Length;
            Add(PatternOperation.StepBack, least, most ?? int.MaxValue);
        }

        Write(look.Body);
        if (look.IsBehind)
        {
            Add(PatternOperation.Returned, mark);
        }

        Add(look.IsNegative ? PatternOperation.CommitAndFail : PatternOperation.CommitAndReturn, mark);
        _code[enter] = _code[enter] with { B = Here };
    }

    private void WriteReference(BackreferenceNode reference)
    {
        var operation = reference.IgnoresCase ? PatternOperation.BackreferenceIgnoringCase : PatternOperation.Backreference;
        var end = Here + 3 * reference.Groups.Count - 2;
        for (var i = 0; i < reference.Groups.Count; i++)
        {
            var isLast = i == reference.Groups.Count - 1;
            if (!isLast)
            {
                Add(PatternOperation.Choose, Here + 1, Here + 3);
            }

            Add(operation, reference.Groups[i]);
            if (!isLast)
            {
                Add(PatternOperation.Jump, end);
            }
        }
    }

    /// <summary>A loop that cannot gain by giving back takes all: nothing of its set can follow it.</summary>
    private void Commit()
    {
        for (var i = 0; i < Here - 1; i++)
        {
            if (_code[i] is { Operation: PatternOperation.TakeMany, Set: { } set } && CannotFollow(set, _code[i + 1]))
            {
                _code[i] = _code[i] with { Operation = PatternOperation.TakeAll };
            }
        }

        bool CannotFollow(CodePointSet set, PatternInstruction next) => next.Operation switch
        {
            PatternOperation.Accept => true,
            PatternOperation.Jump => CannotFollow(set, _code[next.A]),
            PatternOperation.Unit => !set.Contains(next.A),
            PatternOperation.Set => !set.Overlaps(next.Set!),
            PatternOperation.TakeMany or PatternOperation.TakeAll or PatternOperation.TakeFew => next.A > 0 && !set.Overlaps(next.Set!),
            _ => false,
        };
    }
}
