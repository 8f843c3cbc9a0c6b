using System.Numerics;
using System.Runtime.CompilerServices;

namespace Prefer.Text.Templates;

/// <summary>Equality, order and membership as Python has them.</summary>
internal static class ValueComparison
{
    public static IEqualityComparer<object> Keys { get; } = new KeyComparer();

    public static bool AreEqual(object left, object right)
    {
        if (ReferenceEquals(left, right))
        {
            return left is not double number || !double.IsNaN(number);
        }

        if (left is string text && right is string other)
        {
            return text == other;
        }

        if (IsNumber(left))
        {
            return IsNumber(right) && CompareNumbers(left, right) == 0;
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        return (left, right) switch
        {
            (Markup or string, Markup or string) => Values.Text(left) == Values.Text(right),
            (Undefined, Undefined) => true,
            (ListValue one, ListValue two) => IsComparable(one, two) && AllEqual(one.Items, two.Items),
            (DictValue one, DictValue two) => one.Count == two.Count && one.Entries.All(entry => two.TryGet(entry.Key, out var value) && AreEqual(entry.Value, value)),
            _ => false,
        };
    }

    public static bool IsNumber(object value) => value is bool or long or double or BigInteger;

    /// <exception cref="TemplateFault">The two have no order.</exception>
    public static int Compare(object left, object right, string sign)
    {
        if (IsNumber(left) && IsNumber(right))
        {
            return CompareNumbers(left, right) ?? throw new TemplateFault("not a number has no order");
        }

        if (Values.Text(left) is { } text && Values.Text(right) is { } other)
        {
            return CodePoints.Compare(text, other);
        }

        if (left is ListValue one && right is ListValue two && one.Kind == two.Kind && one.Kind is ListKind.List or ListKind.Tuple)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            for (var at = 0; at < Math.Min(one.Items.Length, two.Items.Length); at++)
            {
                if (!AreEqual(one.Items[at], two.Items[at]))
                {
                    return Compare(one.Items[at], two.Items[at], sign);
                }
            }

            return one.Items.Length.CompareTo(two.Items.Length);
        }

        throw (left as Undefined ?? right as Undefined)?.Fault()
            ?? new TemplateFault($"'{sign}' not supported between instances of '{Values.TypeName(left)}' and '{Values.TypeName(right)}'");
    }

    /// <summary>Whether a comparison holds; anything but (in)equality with not-a-number is false.</summary>
    public static bool Holds(object left, string sign, object right)
    {
        if (sign is "==" or "!=")
        {
            return AreEqual(left, right) == (sign == "==");
        }

        if (IsNumber(left) && IsNumber(right) && CompareNumbers(left, right) is null)
        {
            return false;
        }

        var order = Compare(left, right, sign);
        return sign switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }

    /// <summary>Items in the order of their keys; equal ones stay as they are.</summary>
    /// <exception cref="TemplateFault">Two of the keys have no order.</exception>
    public static object[] Sorted(object[] items, Func<object, object> key, bool reverse)
    {
        var order = Comparer<object>.Create((one, other) => Compare(one, other, "<"));
        var keyed = items.Select(item => (Item: item, Key: key(item)));
        try
        {
            return [.. (reverse ? keyed.OrderByDescending(pair => pair.Key, order) : keyed.OrderBy(pair => pair.Key, order)).Select(pair => pair.Item)];
        }
        catch (InvalidOperationException error) when (error.InnerException is TemplateFault fault)
        {
            throw new TemplateFault(fault.Message);
        }
    }

    public static bool Contains(object container, object item)
    {
        switch (container)
        {
            case string or Markup:
                var text = Values.Text(item) ?? throw ((item as Undefined)?.Fault() ?? new TemplateFault($"'in <string>' requires string as left operand, not {Values.TypeName(item)}"));
                return Values.Text(container)!.Contains(text, StringComparison.Ordinal);
            case DictValue dict:
                RequireHashable(item);
                return dict.TryGet(item, out _);
            case ListValue list:
                foreach (var own in list.Take())
                {
                    if (AreEqual(own, item))
                    {
                        return true;
                    }
                }

                return false;
            case Undefined:
                return false;
            default:
                throw new TemplateFault($"argument of type '{Values.TypeName(container)}' is not iterable");
        }
    }

    public static void RequireHashable(object key)
    {
        if (key is DictValue or ListValue { Kind: ListKind.List })
        {
            throw new TemplateFault($"unhashable type: '{Values.TypeName(key)}'");
        }

        if (key is ListValue { Kind: ListKind.Tuple } tuple)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            Array.ForEach(tuple.Items, RequireHashable);
        }
    }

    public static BigInteger ToInteger(object value) => value switch
    {
        bool flag => flag ? 1 : 0,
        long number => number,
        _ => (BigInteger)value,
    };

    public static double ToDouble(object value) => value switch
    {
        double number => number,
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => (double)(BigInteger)value,
    };

    /// <summary>Null when one of them is not a number.</summary>
    private static int? CompareNumbers(object left, object right)
    {
        if (left is long one && right is long two)
        {
            return one.CompareTo(two);
        }

        if (left is not double && right is not double)
        {
            return ToInteger(left).CompareTo(ToInteger(right));
        }

        // A whole number and a fraction are compared exactly, as Python does: not through the nearest double.
        var (first, second) = (left is double d ? d : double.NaN, right is double e ? e : double.NaN);
        if (left is double && right is double)
        {
            return double.IsNaN(first) || double.IsNaN(second) ? null : first.CompareTo(second);
        }

        var fraction = left is double ? first : second;
        if (double.IsNaN(fraction))
        {
            return null;
        }

        var whole = ToInteger(left is double ? right : left);
        var order = double.IsInfinity(fraction) ? (fraction > 0 ? 1 : -1)
            : new BigInteger(Math.Floor(fraction)).CompareTo(whole) is var rough && rough != 0 ? rough
            : fraction > Math.Floor(fraction) ? 1 : 0;
        return left is double ? order : -order;
    }

    private static bool IsComparable(ListValue one, ListValue two) =>
        one.Kind == two.Kind && one.Kind is ListKind.List or ListKind.Tuple or ListKind.Range or ListKind.Keys or ListKind.Items;

    private static bool AllEqual(object[] left, object[] right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var at = 0; at < left.Length; at++)
        {
            if (!AreEqual(left[at], right[at]))
            {
                return false;
            }
        }

        return true;
    }

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public new bool Equals(object? left, object? right) => AreEqual(left!, right!);

        public int GetHashCode(object key) => key switch
        {
            string or Markup => string.GetHashCode(Values.Text(key)!, StringComparison.Ordinal),
            ListValue list => list.Items.Length,
            _ when IsNumber(key) => ToDouble(key).GetHashCode(),
            Undefined => 1,
            _ => RuntimeHelpers.GetHashCode(key),
        };
    }
}
