using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Prefer.Cli.Options;

/// <summary>One property of an options record: its name as a flag and as a key, and the only place where text becomes its value.</summary>
internal sealed class Setting
{
    private readonly PropertyInfo property;
    private readonly Type elementType;
    private readonly bool isNullable;
    private readonly RangeAttribute? range;

    /// <param name="property">A settable property with a <see cref="DescriptionAttribute"/>; optionally a <see cref="RangeAttribute"/>.</param>
    /// <param name="defaults">A record with nothing set.</param>
    public Setting(PropertyInfo property, object defaults)
    {
        this.property = property;
        Name = KebabCase(property.Name);
        Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description
            ?? throw new InvalidOperationException($"{property.DeclaringType!.Name}.{property.Name} has no [Description].");
        var defaultValue = property.GetValue(defaults);
        IsRequired = property.IsDefined(typeof(RequiredMemberAttribute));
        range = property.GetCustomAttribute<RangeAttribute>();

        var item = ItemType(property.PropertyType);
        IsMany = item is not null;
        var declared = item ?? property.PropertyType;
        elementType = Nullable.GetUnderlyingType(declared) ?? declared;
        isNullable = elementType != declared || (!declared.IsValueType && !IsMany && defaultValue is null && !IsRequired);
        IsOnByDefault = IsSwitch && defaultValue is true;
        Expected = Describe();
        Default = TextsOf(defaultValue);
    }

    /// <summary>The property's own name.</summary>
    public string PropertyName => property.Name;

    /// <summary>The kebab-case name: <c>learning-rate</c>.</summary>
    public string Name { get; }

    /// <summary>What <c>--help</c> says of it.</summary>
    public string Description { get; }

    /// <summary>True for a <c>required</c> property: a flag or the file must set it.</summary>
    public bool IsRequired { get; }

    /// <summary>True for a list: its flag takes several values and may be repeated.</summary>
    public bool IsMany { get; }

    /// <summary>True for a <see cref="bool"/>: its flag takes no value.</summary>
    public bool IsSwitch => elementType == typeof(bool) && !IsMany;

    /// <summary>True for a switch that is on unless turned off, whose flag is <c>--no-…</c>.</summary>
    public bool IsOnByDefault { get; }

    /// <summary>The name without dashes as it is written on the command line: <c>learning-rate</c>, <c>no-shuffle</c>.</summary>
    public string FlagName => IsOnByDefault ? $"no-{Name}" : Name;

    /// <summary>The flag: <c>--learning-rate</c>, <c>--no-shuffle</c>.</summary>
    public string Flag => $"--{FlagName}";

    /// <summary>The default as <see cref="Write"/> would write it. Kept, because a getter that reflection calls twice is compiled for it.</summary>
    public IReadOnlyList<string>? Default { get; }

    /// <summary>What a value may be, for messages: <c>a number above 0</c>, <c>linear, cosine or constant</c>.</summary>
    public string Expected { get; }

    /// <summary>The placeholder in help: <c>number</c>, <c>linear|cosine|constant</c>.</summary>
    public string Placeholder => elementType.IsEnum ? string.Join('|', EnumNames(elementType))
        : elementType == typeof(string) ? "text"
        : elementType == typeof(bool) ? "true|false"
        : "number";

    /// <summary>Puts the value that a text stands for into the record.</summary>
    /// <param name="options">The record, fresh: no one else has seen it.</param>
    /// <param name="texts">One text, or any number for a list.</param>
    /// <param name="isNegated">True when the name was the <c>no-</c> form.</param>
    /// <param name="where">Where the value was written, opening the message: <c>--learning-rate</c>, <c>run.yaml:3: learning-rate</c>.</param>
    /// <exception cref="UsageException">The text is not a value of this setting.</exception>
    public void Set(object options, IReadOnlyList<string> texts, bool isNegated, string where)
    {
        if (IsMany)
        {
            var items = Array.CreateInstance(elementType, texts.Count);
            for (var index = 0; index < texts.Count; index++)
            {
                items.SetValue(Parse(texts[index], where), index);
            }

            property.SetValue(options, property.PropertyType.IsInstanceOfType(items) ? items : AsImmutableArray(items));
            return;
        }

        if (texts.Count != 1)
        {
            throw new UsageException($"{where}: found {texts.Count} values, expected one: {Expected}.");
        }

        var value = Parse(texts[0], where);
        property.SetValue(options, isNegated ? !(bool)value : value);
    }

    /// <summary>Sets a nullable property to nothing, which a file can say and a flag cannot.</summary>
    public void SetNothing(object options, string where)
    {
        if (!isNullable)
        {
            throw new UsageException($"{where}: found no value, expected {Expected}.");
        }

        property.SetValue(options, null);
    }

    /// <summary>The value a record has, written so that <see cref="Set"/> reads it back; one text for each item of a list.</summary>
    /// <returns>Null when the record has none.</returns>
    public IReadOnlyList<string>? Write(object options) => TextsOf(property.GetValue(options));

    /// <summary>True when values are text, which YAML wants in quotes.</summary>
    public bool IsText => elementType == typeof(string) || elementType.IsEnum;

    private IReadOnlyList<string>? TextsOf(object? value) => value switch
    {
        null => null,
        System.Collections.IEnumerable items when IsMany => [.. items.Cast<object>().Select(WriteItem)],
        _ => [WriteItem(value)],
    };

    private static string WriteItem(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        Enum name => KebabCase(name.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private object Parse(string text, string where)
    {
        var value = TryParse(text);
        if (value is null || (range is not null && !range.IsValid(value)))
        {
            throw new UsageException($"{where}: found '{text}', expected {Expected}.");
        }

        return value;
    }

    private object? TryParse(string text)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (elementType == typeof(string))
        {
            return text;
        }

        if (elementType.IsEnum)
        {
            var sought = text.Replace('_', '-');
            foreach (var value in Enum.GetValues(elementType))
            {
                if (KebabCase(value.ToString()!).Equals(sought, StringComparison.OrdinalIgnoreCase))
                {
                    return value;
                }
            }

            return null;
        }

        return Type.GetTypeCode(elementType) switch
        {
            TypeCode.Boolean => bool.TryParse(text, out var truth) ? truth : null,
            TypeCode.Int32 => int.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var number) ? number : null,
            TypeCode.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, invariant, out var number) ? number : null,
            TypeCode.UInt64 => ulong.TryParse(text, NumberStyles.None, invariant, out var number) ? number : null,
            TypeCode.Single => float.TryParse(text, NumberStyles.Float, invariant, out var number) && float.IsFinite(number) ? number : null,
            TypeCode.Double => double.TryParse(text, NumberStyles.Float, invariant, out var number) && double.IsFinite(number) ? number : null,
            _ => throw new InvalidOperationException($"{property.DeclaringType!.Name}.{property.Name}: options of type {elementType.Name} are not supported."),
        };
    }

    private string Describe()
    {
        if (elementType.IsEnum)
        {
            var names = EnumNames(elementType);
            return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
        }

        var noun = Type.GetTypeCode(elementType) switch
        {
            TypeCode.String => "a text",
            TypeCode.Boolean => "true or false",
            TypeCode.Single or TypeCode.Double => "a number",
            TypeCode.UInt64 => "a whole number, not negative",
            _ => "a whole number",
        };
        return range is null ? noun : $"{noun} {Bounds(range)}";
    }

    private static string Bounds(RangeAttribute range)
    {
        var (low, high) = (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
        var above = string.Create(CultureInfo.InvariantCulture, $"{(range.MinimumIsExclusive ? "above" : "of at least")} {low}");
        var below = string.Create(CultureInfo.InvariantCulture, $"{(range.MaximumIsExclusive ? "below" : "at most")} {high}");
        return high >= int.MaxValue ? above : $"{above} and {below}";
    }

    private static string[] EnumNames(Type type) => [.. Enum.GetNames(type).Select(KebabCase)];

    private static string KebabCase(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private static Type? ItemType(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) || type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            ? type.GetGenericArguments()[0]
        : null;

    private object AsImmutableArray(Array items) =>
        typeof(ImmutableCollectionsMarshal).GetMethod(nameof(ImmutableCollectionsMarshal.AsImmutableArray))!
            .MakeGenericMethod(elementType).Invoke(null, [items])!;
}
