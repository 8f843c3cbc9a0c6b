using System.Runtime.CompilerServices;
using System.Text;

namespace Prefer.Text.Templates;

/// <summary>Expressions, from the loosest binding to the tightest.</summary>
internal sealed partial class TemplateParser
{
    /// <summary>An expression, or several with commas between, which are a tuple.</summary>
    /// <param name="allowsCondition">Whether <c>a if b else c</c> is allowed without parentheses.</param>
    /// <param name="end">A name that ends a tuple.</param>
    /// <param name="isInParentheses">Whether nothing at all is the empty tuple.</param>
    private Expression TupleOrExpression(bool allowsCondition = true, string? end = null, bool isInParentheses = false)
    {
        var items = new List<Expression>();
        var isTuple = false;
        while (true)
        {
            var isEnd = Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || Current.Is(TokenKind.Operator, ")") || (end is not null && Current.Is(TokenKind.Name, end));
            if (isEnd)
            {
                break;
            }

            items.Add(allowsCondition ? Conditional() : Or());
            if (!Skip(TokenKind.Operator, ","))
            {
                break;
            }

            isTuple = true;
        }

        return isTuple || (items.Count == 0 && isInParentheses) ? new ListExpression([.. items], ListKind.Tuple)
            : items.Count == 1 ? items[0]
            : throw Unexpected("an expression");
    }

    private Expression Conditional()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var value = Or();
        while (Skip(TokenKind.Name, "if"))
        {
            var test = Or();
            value = new ConditionalExpression(test, value, Skip(TokenKind.Name, "else") ? Conditional() : null);
        }

        return value;
    }

    private Expression Or()
    {
        var left = And();
        while (Skip(TokenKind.Name, "or"))
        {
            left = new LogicalExpression(isAnd: false, left, And());
        }

        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (Skip(TokenKind.Name, "and"))
        {
            left = new LogicalExpression(isAnd: true, left, Not());
        }

        return left;
    }

    private Expression Not()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return Skip(TokenKind.Name, "not") ? new UnaryExpression("not", Not()) : Comparison();
    }

    private Expression Comparison()
    {
        var first = Sum();
        var others = new List<(string, Expression)>();
        while (true)
        {
            if (Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } || Current.Is(TokenKind.Name, "in"))
            {
                var sign = tokens[at++].Text;
                others.Add((sign, Sum()));
            }
            else if (Current.Is(TokenKind.Name, "not") && Next.Is(TokenKind.Name, "in"))
            {
                at += 2;
                others.Add(("not in", Sum()));
            }
            else
            {
                return others.Count == 0 ? first : new ComparisonExpression(first, [.. others]);
            }
        }
    }

    private Expression Sum()
    {
        var left = Joined();
        while (Current is { Kind: TokenKind.Operator, Text: "+" or "-" })
        {
            var sign = tokens[at++].Text;
            left = new BinaryExpression(sign, left, Joined());
        }

        return left;
    }

    private Expression Joined()
    {
        var parts = new List<Expression> { Product() };
        while (Skip(TokenKind.Operator, "~"))
        {
            parts.Add(Product());
        }

        return parts.Count == 1 ? parts[0] : new JoinExpression([.. parts]);
    }

    private Expression Product()
    {
        var left = Power();
        while (Current is { Kind: TokenKind.Operator, Text: "*" or "/" or "//" or "%" })
        {
            var sign = tokens[at++].Text;
            left = new BinaryExpression(sign, left, Power());
        }

        return left;
    }

    // Jinja's power binds to the left and looser than a sign: -2 ** 2 is 4.
    private Expression Power()
    {
        var left = Unary(allowsFilter: true);
        while (Skip(TokenKind.Operator, "**"))
        {
            left = new BinaryExpression("**", left, Unary(allowsFilter: true));
        }

        return left;
    }

    private Expression Unary(bool allowsFilter)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Expression value;
        if (Current is { Kind: TokenKind.Operator, Text: "-" or "+" })
        {
            var sign = tokens[at++].Text;
            value = new UnaryExpression(sign, Unary(allowsFilter: false));
        }
        else
        {
            value = Primary();
        }

        value = Postfix(value);
        return allowsFilter ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                at++;
                return token.Text switch
                {
                    "true" or "True" => new Constant(Values.True),
                    "false" or "False" => new Constant(Values.False),
                    "none" or "None" => new Constant(None.Value),
                    _ => Name(token),
                };
            case TokenKind.String:
                var text = new StringBuilder();
                while (Current.Kind == TokenKind.String)
                {
                    text.Append((string)tokens[at++].Value!);
                }

                return new Constant(text.ToString());
            case TokenKind.Literal:
                at++;
                return new Constant(token.Value!);
            case TokenKind.Operator when token.Text == "(":
                at++;
                var inner = TupleOrExpression(isInParentheses: true);
                ExpectSign(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                at++;
                return new ListExpression([.. Items("]", Conditional)], ListKind.List);
            case TokenKind.Operator when token.Text == "{":
                at++;
                return new DictExpression([.. Items("}", () =>
                {
                    var key = Conditional();
                    ExpectSign(":");
                    return (key, Conditional());
                })]);
            default:
                throw Unexpected("an expression");
        }
    }

    /// <summary>Items with commas between up to a closing sign; a last comma is allowed.</summary>
    private List<T> Items<T>(string close, Func<T> read)
    {
        var items = new List<T>();
        while (!Skip(TokenKind.Operator, close))
        {
            if (items.Count > 0)
            {
                ExpectSign(",");
                if (Skip(TokenKind.Operator, close))
                {
                    break;
                }
            }

            items.Add(read());
        }

        return items;
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            if (Current.Is(TokenKind.Operator, ".") || Current.Is(TokenKind.Operator, "["))
            {
                value = Subscript(value);
            }
            else if (Current.Is(TokenKind.Operator, "("))
            {
                var line = Current.Line;
                value = new CallExpression(value, Arguments(), line);
            }
            else
            {
                return value;
            }
        }
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            if (Current.Is(TokenKind.Operator, "|"))
            {
                value = Filters(value)!;
            }
            else if (Current.Is(TokenKind.Name, "is"))
            {
                value = Test(value);
            }
            else if (Current.Is(TokenKind.Operator, "("))
            {
                var line = Current.Line;
                value = new CallExpression(value, Arguments(), line);
            }
            else
            {
                return value;
            }
        }
    }

    private Expression Subscript(Expression value)
    {
        if (Skip(TokenKind.Operator, "."))
        {
            var token = tokens[at++];
            return token.Kind == TokenKind.Name ? new AttributeExpression(value, token.Text)
                : token is { Kind: TokenKind.Literal, Value: long } ? new ItemExpression(value, new Constant(token.Value))
                : throw new TemplateFault($"found {token}, expected a name or number after '.'", token.Line);
        }

        var begin = tokens[at++].Line;
        Expression? start = null;
        if (!Current.Is(TokenKind.Operator, ":"))
        {
            var keys = new List<Expression> { Conditional() };
            while (Skip(TokenKind.Operator, ","))
            {
                keys.Add(Conditional());
            }

            if (Skip(TokenKind.Operator, "]"))
            {
                return new ItemExpression(value, keys.Count == 1 ? keys[0] : new ListExpression([.. keys], ListKind.Tuple));
            }

            start = keys.Count == 1 ? keys[0] : throw new TemplateFault("a slice of several dimensions, which no value here has", begin);
        }

        ExpectSign(":");
        var stop = Bound();
        var step = Skip(TokenKind.Operator, ":") ? Bound() : null;
        ExpectSign("]");
        return new SliceExpression(value, start, stop, step);
    }

    private Expression? Bound() => Current is { Kind: TokenKind.Operator, Text: ":" or "]" } ? null : Conditional();

    private Expression? Filters(Expression? value, bool startsInline = false)
    {
        while (startsInline || Skip(TokenKind.Operator, "|"))
        {
            startsInline = false;
            var token = Expect(TokenKind.Name);
            var name = Dotted(token.Text);
            var filter = FilterTable.All.Find(name) ?? Unknown("filter", name);
            value = new FilterExpression(value, filter, Current.Is(TokenKind.Operator, "(") ? Arguments() : ArgumentList.None, token.Line);
        }

        return value;
    }

    private Expression Test(Expression value)
    {
        at++;
        var isNegated = Skip(TokenKind.Name, "not");
        var token = Expect(TokenKind.Name);
        var name = Dotted(token.Text);
        var test = TestTable.All.Find(name) ?? Unknown("test", name);
        var arguments = ArgumentList.None;
        if (Current.Is(TokenKind.Operator, "("))
        {
            arguments = Arguments();
        }
        else if (Current.Kind is TokenKind.String or TokenKind.Literal || Current is { Kind: TokenKind.Operator, Text: "[" or "{" }
            || (Current.Kind == TokenKind.Name && Current.Text is not ("else" or "or" or "and")))
        {
            if (Current.Is(TokenKind.Name, "is"))
            {
                throw new TemplateFault("tests with 'is' cannot be chained", Current.Line);
            }

            arguments = ArgumentList.Of(Postfix(Primary()));
        }

        var result = new TestExpression(value, test, arguments);
        return isNegated ? new UnaryExpression("not", result) : result;
    }

    // Jinja allows what it does not know in a branch that is never taken.
    private static Builtin Unknown(string kind, string name) => new(name, null, 0, (_, _, _) => throw new TemplateFault($"no {kind} named '{name}'"));

    private string Dotted(string name)
    {
        while (Skip(TokenKind.Operator, "."))
        {
            name += "." + Expect(TokenKind.Name).Text;
        }

        return name;
    }

    private ArgumentList Arguments()
    {
        ExpectSign("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? spread = null, spreadNamed = null;
        var line = Current.Line;
        Items(")", () =>
        {
            if (Skip(TokenKind.Operator, "*") && spread is null && spreadNamed is null)
            {
                spread = Conditional();
            }
            else if (Skip(TokenKind.Operator, "**") && spreadNamed is null)
            {
                spreadNamed = Conditional();
            }
            else if (Current.Kind == TokenKind.Name && Next.Is(TokenKind.Operator, "=") && spreadNamed is null)
            {
                var name = tokens[at].Text;
                at += 2;
                named.Add((name, Conditional()));
            }
            else if (named.Count == 0 && spread is null && spreadNamed is null)
            {
                positional.Add(Conditional());
            }
            else
            {
                throw new TemplateFault("a positional argument after a named one", line);
            }

            return true;
        });
        return new ArgumentList([.. positional], [.. named], spread, spreadNamed);
    }
}
