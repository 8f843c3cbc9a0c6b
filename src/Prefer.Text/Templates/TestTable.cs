namespace Prefer.Text.Templates;

/// <summary>What stands after <c>is</c>, and what <c>select</c> and <c>reject</c> take.</summary>
internal static class TestTable
{
    public static BuiltinTable All { get; } = new BuiltinTable()
        .Add("boolean", (_, value, _) => Values.Of(value is bool))
        .Add("callable", (_, value, _) => Values.Of(value is Callable))
        .Add("defined", (_, value, _) => Values.Of(value is not Undefined))
        .Add("undefined", (_, value, _) => Values.Of(value is Undefined))
        .Add("divisibleby(num)", (_, value, a) => Values.Of(ValueComparison.AreEqual(Arithmetic.Numbers("%", value, a[0]!), Values.Of(0L))))
        .Add("even", (_, value, _) => Values.Of(ValueComparison.AreEqual(Arithmetic.Numbers("%", value, Values.Of(2L)), Values.Of(0L))))
        .Add("odd", (_, value, _) => Values.Of(ValueComparison.AreEqual(Arithmetic.Numbers("%", value, Values.Of(2L)), Values.Of(1L))))
        .Add("eq(other)", (_, value, a) => Values.Of(ValueComparison.AreEqual(value, a[0]!))).Alias("equalto", "eq").Alias("==", "eq")
        .Add("ne(other)", (_, value, a) => Values.Of(!ValueComparison.AreEqual(value, a[0]!))).Alias("!=", "ne")
        .Add("lt(other)", (_, value, a) => Values.Of(ValueComparison.Holds(value, "<", a[0]!))).Alias("lessthan", "lt").Alias("<", "lt")
        .Add("le(other)", (_, value, a) => Values.Of(ValueComparison.Holds(value, "<=", a[0]!))).Alias("<=", "le")
        .Add("gt(other)", (_, value, a) => Values.Of(ValueComparison.Holds(value, ">", a[0]!))).Alias("greaterthan", "gt").Alias(">", "gt")
        .Add("ge(other)", (_, value, a) => Values.Of(ValueComparison.Holds(value, ">=", a[0]!))).Alias(">=", "ge")
        .Add("escaped", (_, value, _) => Values.Of(value is Markup))
        .Add("false", (_, value, _) => Values.Of(value is false))
        .Add("true", (_, value, _) => Values.Of(value is true))
        .Add("none", (_, value, _) => Values.Of(value is None))
        .Add("float", (_, value, _) => Values.Of(value is double))
        .Add("integer", (_, value, _) => Values.Of(value is long or System.Numerics.BigInteger))
        .Add("number", (_, value, _) => Values.Of(ValueComparison.IsNumber(value)))
        .Add("string", (_, value, _) => Values.Of(value is string or Markup))
        .Add("mapping", (_, value, _) => Values.Of(value is DictValue))
        .Add("iterable", (_, value, _) => Values.Of(value is string or Markup or ListValue or DictValue or Undefined or LoopState))
        .Add("sequence", (_, value, _) => Values.Of(value is string or Markup or DictValue or Undefined or ListValue { IsIndexable: true }))
        .Add("in(seq)", (_, value, a) => Values.Of(ValueComparison.Contains(a[0]!, value)))
        .Add("sameas(other)", (_, value, a) => Values.Of(AreSame(value, a[0]!)))
        .Add("lower", (_, value, _) => Values.Of(Cased(value, "islower")))
        .Add("upper", (_, value, _) => Values.Of(Cased(value, "isupper")))
        .Add("filter", (_, value, _) => Values.Of(value is string name && FilterTable.All.Find(name) is not null))
        .Add("test", (_, value, _) => Values.Of(value is string name && All!.Find(name) is not null));

    private static bool Cased(object value, string method)
    {
        var text = PythonText.Str(value);
        return (bool)Methods.Of(text, method)!.Call(new TemplateContext([], default), text, CallArguments.None);
    }

    // Identity of small numbers and of texts is a matter of Python's caches; equal values of one kind count as the same.
    private static bool AreSame(object left, object right) =>
        ReferenceEquals(left, right) || (left.GetType() == right.GetType() && left is bool or long or string && ValueComparison.AreEqual(left, right));
}
