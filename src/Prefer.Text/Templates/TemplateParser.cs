using System.Runtime.CompilerServices;

namespace Prefer.Text.Templates;

/// <summary>Reads a template: the statements here, the expressions in the other file. The grammar is Jinja's own parser's.</summary>
internal sealed partial class TemplateParser
{
    private readonly List<TemplateToken> tokens;
    private readonly List<(NameExpression Name, Scope Scope)> names = [];
    private readonly Dictionary<string, int> globals = new(StringComparer.Ordinal);
    private int at;
    private Scope scope = new(null, isFunction: true);

    private TemplateParser(List<TemplateToken> tokens) => this.tokens = tokens;

    private TemplateToken Current => tokens[at];

    private TemplateToken Next => tokens[Math.Min(at + 1, tokens.Count - 1)];

    /// <summary>A template ready to be rendered.</summary>
    /// <param name="Body">Its statements.</param>
    /// <param name="Globals">Numbers of the names that it reads.</param>
    /// <param name="Root">Its variables.</param>
    internal sealed record Parsed(Statement[] Body, IReadOnlyDictionary<string, int> Globals, Scope Root);

    /// <exception cref="TemplateFault">The template is not one.</exception>
    public static Parsed Read(string text)
    {
        var parser = new TemplateParser(TemplateLexer.Read(text));
        var body = parser.Body();
        if (parser.Current.Kind != TokenKind.End)
        {
            throw new TemplateFault($"'{parser.Next.Text}' without the tag that it belongs to", parser.Current.Line);
        }

        foreach (var (name, scope) in parser.names)
        {
            if (!parser.globals.TryGetValue(name.Name, out var global))
            {
                parser.globals.Add(name.Name, global = parser.globals.Count);
            }

            name.Resolve(scope.Find(name.Name), global);
        }

        return new Parsed(body, parser.globals, parser.scope);
    }

    /// <summary>Statements up to one of the given tags, whose name is then the current token; without any, up to the end.</summary>
    private Statement[] Body(params ReadOnlySpan<string> ends)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var body = new List<Statement>();
        var opened = Current.Line;
        while (true)
        {
            var token = Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TextStatement(token.Text));
                    at++;
                    break;
                case TokenKind.VariableBegin:
                    at++;
                    body.Add(new OutputStatement(TupleOrExpression(), token.Line));
                    Expect(TokenKind.VariableEnd);
                    break;
                case TokenKind.BlockBegin:
                    if (Next.Kind == TokenKind.Name && ends.Contains(Next.Text))
                    {
                        at++;
                        return [.. body];
                    }

                    if (ends.IsEmpty && Next.Kind == TokenKind.Name && (Next.Text.StartsWith("end", StringComparison.Ordinal) || Next.Text is "else" or "elif"))
                    {
                        return [.. body];
                    }

                    at++;
                    Statement(body);
                    Expect(TokenKind.BlockEnd);
                    break;
                default:
                    return ends.IsEmpty
                        ? [.. body]
                        : throw new TemplateFault($"the template ends where {string.Join(" or ", ends.ToArray().Select(end => $"{{% {end} %}}"))} was expected, for the tag of line {opened}", token.Line);
            }
        }
    }

    /// <summary>The body of a tag: what follows its end.</summary>
    private Statement[] Block(params ReadOnlySpan<string> ends)
    {
        Skip(TokenKind.Operator, ":");
        Expect(TokenKind.BlockEnd);
        return Body(ends);
    }

    private void Statement(List<Statement> body)
    {
        var tag = Expect(TokenKind.Name);
        switch (tag.Text)
        {
            case "if":
                body.Add(If(tag.Line));
                break;
            case "for":
                body.Add(For(tag.Line));
                break;
            case "set":
                body.Add(Set(tag.Line));
                break;
            case "macro":
                body.Add(MacroTag());
                break;
            case "call":
                body.Add(CallTag());
                break;
            case "filter":
                var filters = Filters(null, startsInline: true);
                body.Add(new FilterStatement((FilterExpression)filters!, Scoped("endfilter")));
                break;
            case "with":
                body.Add(With(tag.Line));
                break;
            case "generation":
                body.Add(new GenerationStatement(Scoped("endgeneration", leavesLoop: true)));
                break;
            case "print":
                do
                {
                    body.Add(new OutputStatement(Conditional(), tag.Line));
                }
                while (Skip(TokenKind.Operator, ","));
                break;
            case "break" or "continue":
                body.Add(scope.IsInLoop ? new JumpStatement(tag.Text == "break" ? Flow.Break : Flow.Continue) : throw new TemplateFault($"'{tag.Text}' outside of a loop", tag.Line));
                break;
            case "include" or "import" or "from" or "extends" or "block" or "autoescape":
                throw new TemplateFault($"the tag '{tag.Text}' is not supported: a chat template is one file and has no others to refer to", tag.Line);
            default:
                throw new TemplateFault($"unknown tag '{tag.Text}'", tag.Line);
        }
    }

    private IfStatement If(int line)
    {
        var branches = new List<(Expression, int, Statement[])>();
        while (true)
        {
            var test = TupleOrExpression(allowsCondition: false);
            branches.Add((test, line, Block("elif", "else", "endif")));
            var tag = tokens[at++];
            if (tag.Text == "elif")
            {
                line = tag.Line;
                continue;
            }

            if (tag.Text == "endif")
            {
                return new IfStatement([.. branches], []);
            }

            var otherwise = Block("endif");
            at++;
            return new IfStatement([.. branches], otherwise);
        }
    }

    private ForStatement For(int line)
    {
        // The targets belong to the body's scope, which is made once the items are read.
        var targetAt = at;
        Targets(new Scope(null, isFunction: true), allowsMember: false);
        ExpectName("in");
        var items = TupleOrExpression(allowsCondition: false, end: "recursive");
        var outer = scope;
        var filterAt = Skip(TokenKind.Name, "if") ? at : (int?)null;
        if (filterAt is not null)
        {
            _ = Conditional();
            names.RemoveAll(entry => ReferenceEquals(entry.Scope, outer) && entry.Name.Position >= filterAt);
        }

        var recursive = Skip(TokenKind.Name, "recursive") ? new Scope(outer, isFunction: true) : null;
        var bodyAt = at;
        var around = recursive ?? outer;
        (Target, Expression)? filter = null;
        if (filterAt is { } condition)
        {
            scope = new Scope(around, isFunction: false);
            var filterTarget = At(targetAt, () => Targets(scope, allowsMember: false));
            filter = (filterTarget, At(condition, Conditional));
        }

        scope = new Scope(around, isFunction: false) { IsInLoop = true };
        var bodyScope = scope;
        var target = At(targetAt, () => Targets(bodyScope, allowsMember: false));
        var loopSlot = bodyScope.Store("loop");
        at = bodyAt;
        var body = Block("endfor", "else");
        scope = new Scope(around, isFunction: false) { IsInLoop = outer.IsInLoop && recursive is null };
        var otherwiseScope = scope;
        var otherwise = tokens[at++].Text == "else" ? Block("endfor") : null;
        at += otherwise is null ? 0 : 1;
        scope = outer;
        return new ForStatement
        {
            Target = target, Items = items, Filter = filter, Body = new ScopeBody(bodyScope, body), LoopSlot = loopSlot,
            Otherwise = new ScopeBody(otherwiseScope, otherwise ?? []), Recursive = recursive, Line = line,
        };
    }

    private Statement Set(int line)
    {
        var target = Targets(scope, allowsMember: true);
        if (Skip(TokenKind.Operator, "="))
        {
            return new SetStatement(target, TupleOrExpression(), line);
        }

        var filters = (FilterExpression?)Filters(null);
        return new SetBlockStatement(target, filters, Scoped("endset"), line);
    }

    private WithStatement With(int line)
    {
        var inner = new Scope(scope, isFunction: false) { IsInLoop = scope.IsInLoop };
        var assignments = new List<(Target, Expression)>();
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
            {
                ExpectSign(",");
            }

            var target = Targets(inner, allowsMember: false);
            ExpectSign("=");
            assignments.Add((target, Conditional()));
        }

        return new WithStatement([.. assignments], Scoped("endwith", scope: inner), line);
    }

    private MacroStatement MacroTag()
    {
        var name = Expect(TokenKind.Name).Text;
        var slot = scope.Store(name);
        return new MacroStatement(MacroOf(name, "endmacro", hasParameters: true, betweenParametersAndBody: null), slot);
    }

    private CallStatement CallTag()
    {
        CallExpression? call = null;
        var line = Current.Line;
        var outer = scope;
        var body = MacroOf("caller", "endcall", hasParameters: Current.Is(TokenKind.Operator, "("), () =>
        {
            (var inner, scope) = (scope, outer);
            call = Conditional() as CallExpression ?? throw new TemplateFault("a call block without a call", line);
            scope = inner;
        });
        return new CallStatement(call!, body);
    }

    private MacroBody MacroOf(string name, string end, bool hasParameters, Action? betweenParametersAndBody)
    {
        var outer = scope;
        scope = new Scope(outer, isFunction: true);
        var parameters = new List<(string, int, Expression?)>();
        if (hasParameters)
        {
            ExpectSign("(");
            while (!Current.Is(TokenKind.Operator, ")"))
            {
                if (parameters.Count > 0)
                {
                    ExpectSign(",");
                }

                var parameter = Expect(TokenKind.Name);
                var slot = scope.Store(parameter.Text);
                var missing = Skip(TokenKind.Operator, "=") ? Conditional() : null;
                if (missing is null && parameters.Count > 0 && parameters[^1].Item3 is not null)
                {
                    throw new TemplateFault("a parameter without a default after one that has one", parameter.Line);
                }

                parameters.Add((parameter.Text, slot, missing));
            }

            at++;
        }

        betweenParametersAndBody?.Invoke();
        var begin = names.Count;
        var body = Block(end);
        at++;
        int? Special(string special) =>
            parameters.Any(parameter => parameter.Item1 == special) || !names.Skip(begin).Any(entry => entry.Name.Name == special && IsWithin(entry.Scope, scope)) ? null : scope.Store(special);
        var made = new MacroBody
        {
            Name = name, Parameters = [.. parameters], Scope = scope, Body = body,
            VarargsSlot = Special("varargs"), KwargsSlot = Special("kwargs"), CallerSlot = Special("caller"),
        };
        scope = outer;
        return made;
    }

    /// <summary>Whether a scope belongs to a macro itself and not to a macro inside it.</summary>
    private static bool IsWithin(Scope inner, Scope macro)
    {
        while (!ReferenceEquals(inner, macro))
        {
            if (inner.IsFunction || inner.Parent is null)
            {
                return false;
            }

            inner = inner.Parent;
        }

        return true;
    }

    /// <summary>A body with variables of its own.</summary>
    private ScopeBody Scoped(string end, bool leavesLoop = false, Scope? scope = null)
    {
        var outer = this.scope;
        this.scope = scope ?? new Scope(outer, isFunction: false) { IsInLoop = outer.IsInLoop && !leavesLoop };
        var body = new ScopeBody(this.scope, Block(end));
        at++;
        this.scope = outer;
        return body;
    }

    /// <summary>What is assigned to: a name, a member of a namespace, or several of them.</summary>
    private Target Targets(Scope into, bool allowsMember)
    {
        var targets = new List<Target> { OneTarget(into, allowsMember) };
        var isTuple = false;
        while (Skip(TokenKind.Operator, ","))
        {
            isTuple = true;
            if (Current.Kind is TokenKind.BlockEnd || Current.Is(TokenKind.Operator, "=") || Current.Is(TokenKind.Operator, ")"))
            {
                break;
            }

            targets.Add(OneTarget(into, allowsMember));
        }

        return isTuple ? new TupleTarget([.. targets]) : targets[0];
    }

    private Target OneTarget(Scope into, bool allowsMember)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (Skip(TokenKind.Operator, "("))
        {
            var inner = Targets(into, allowsMember);
            ExpectSign(")");
            return inner;
        }

        var token = Expect(TokenKind.Name);
        if (token.Text is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw new TemplateFault($"cannot assign to '{token.Text}'", token.Line);
        }

        if (Current.Is(TokenKind.Operator, ".") && allowsMember)
        {
            at++;
            return new MemberTarget(Name(token), Expect(TokenKind.Name).Text);
        }

        return new VariableTarget(into.Store(token.Text));
    }

    /// <summary>Reads again at another place.</summary>
    private T At<T>(int place, Func<T> read)
    {
        (var here, at) = (at, place);
        var result = read();
        at = here;
        return result;
    }

    private NameExpression Name(TemplateToken token)
    {
        var name = new NameExpression(token.Text, at);
        names.Add((name, scope));
        return name;
    }

    private TemplateToken Expect(TokenKind kind)
    {
        var token = Current;
        if (token.Kind != kind)
        {
            throw Unexpected(kind switch
            {
                TokenKind.BlockEnd => "'%}'",
                TokenKind.VariableEnd => "'}}'",
                _ => "a name",
            });
        }

        at++;
        return token;
    }

    private void ExpectSign(string sign)
    {
        if (!Skip(TokenKind.Operator, sign))
        {
            throw Unexpected($"'{sign}'");
        }
    }

    private void ExpectName(string name)
    {
        if (!Skip(TokenKind.Name, name))
        {
            throw Unexpected($"'{name}'");
        }
    }

    private bool Skip(TokenKind kind, string text)
    {
        var found = Current.Is(kind, text);
        at += found ? 1 : 0;
        return found;
    }

    private TemplateFault Unexpected(string expected) => new($"found {Current}, expected {expected}", Current.Line);
}
