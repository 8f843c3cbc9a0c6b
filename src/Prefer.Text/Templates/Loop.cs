namespace Prefer.Text.Templates;

/// <summary><c>{% for target in items if test recursive %}…{% else %}…{% endfor %}</c></summary>
internal sealed class ForStatement : Statement
{
    public required Target Target { get; init; }

    public required Expression Items { get; init; }

    /// <summary>The condition, with the target as it sees it; null without one.</summary>
    public required (Target Target, Expression Test)? Filter { get; init; }

    public required ScopeBody Body { get; init; }

    /// <summary>Where <c>loop</c> stands.</summary>
    public required int LoopSlot { get; init; }

    public required ScopeBody Otherwise { get; init; }

    /// <summary>Variables of a pass of a recursive loop, which has a frame of its own; null for a plain loop.</summary>
    public required Scope? Recursive { get; init; }

    public required int Line { get; init; }

    public override Flow Execute(TemplateContext context, Frame frame)
    {
        context.Line = Line;
        var items = Values.Iterate(Items.Evaluate(context, frame));
        return Recursive is null ? Repeat(items, context, frame, 1, null) : Repeat(items, context, new Frame(Recursive.FrameSlotCount, frame), 1, frame);
    }

    /// <summary>The text of a pass over other items, for <c>loop(items)</c>.</summary>
    public string Recurse(object items, TemplateContext context, Frame outer, int depth)
    {
        context.Enter();
        var capture = context.BeginCapture();
        Repeat(Values.Iterate(items), context, new Frame(Recursive!.FrameSlotCount, outer), depth, outer);
        var text = context.EndCapture(capture);
        context.Leave();
        return text;
    }

    private Flow Repeat(object[] items, TemplateContext context, Frame frame, int depth, Frame? outer)
    {
        var loop = new LoopState(this, items, context, frame, depth, outer);
        while (loop.Advance())
        {
            context.Charge();
            Body.Clear(frame);
            Target.Assign(loop.Current, context, frame);
            frame.Slots[LoopSlot] = loop;
            if (Body.Continue(context, frame) == Flow.Break)
            {
                break;
            }
        }

        return loop.Index0 < 0 ? Otherwise.Execute(context, frame) : Flow.Next;
    }
}

/// <summary><c>loop</c>. Items of a filtered loop are looked at one ahead and only when somebody asks, since the test may read what the body sets.</summary>
internal sealed class LoopState(ForStatement statement, object[] items, TemplateContext context, Frame frame, int depth, Frame? outer) : Callable
{
    private object[] source = items;
    private int next;
    private object? ahead;
    private object? previous;
    private object? current;
    private ListValue? lastSeen;
    private bool isFiltered = statement.Filter is not null;

    public override string Name => "loop";

    public int Index0 { get; private set; } = -1;

    public object Current => current!;

    public long Length
    {
        get
        {
            if (isFiltered)
            {
                List<object> rest = [];
                while (Pull() is { } item)
                {
                    rest.Add(item);
                }

                (source, next, ahead, isFiltered) = ([.. Enumerable.Repeat((object)None.Value, Index0 + 1), .. rest], Index0 + 1, null, false);
            }

            return source.Length;
        }
    }

    public bool Advance()
    {
        if (Pull() is not { } item)
        {
            return false;
        }

        (previous, current) = (current, item);
        Index0++;
        return true;
    }

    public override object? Attribute(TemplateContext context, string name) => name switch
    {
        "index" => Values.Of(Index0 + 1L),
        "index0" => Values.Of((long)Index0),
        "first" => Values.Of(Index0 == 0),
        "last" => Values.Of(Peek() is null),
        "length" => Values.Of(Length),
        "revindex" => Values.Of(Length - Index0),
        "revindex0" => Values.Of(Length - Index0 - 1),
        "previtem" => previous ?? new Undefined("there is no previous item"),
        "nextitem" => Peek() ?? new Undefined("there is no next item"),
        "depth" => Values.Of((long)depth),
        "depth0" => Values.Of(depth - 1L),
        "cycle" or "changed" => new BoundMethod(Methods.OfLoop(name), this),
        _ => null,
    };

    public bool Changed(object[] values)
    {
        var seen = new ListValue(values);
        var isChanged = lastSeen is null || !ValueComparison.AreEqual(lastSeen, seen);
        lastSeen = seen;
        return isChanged;
    }

    public override object Call(TemplateContext context, CallArguments arguments)
    {
        if (outer is null)
        {
            throw new TemplateFault("The loop must have the 'recursive' marker to be called recursively.");
        }

        return statement.Recurse(arguments.Bind("loop", ["iterable"], 1)[0]!, context, outer, depth + 1);
    }

    private object? Peek() => ahead ??= Pull();

    private object? Pull()
    {
        if (ahead is { } waiting)
        {
            ahead = null;
            return waiting;
        }

        while (next < source.Length)
        {
            var item = source[next++];
            if (!isFiltered)
            {
                return item;
            }

            context.Charge();
            var (target, test) = statement.Filter!.Value;
            target.Assign(item, context, frame);
            if (test.IsTrue(context, frame))
            {
                return item;
            }
        }

        return null;
    }
}
