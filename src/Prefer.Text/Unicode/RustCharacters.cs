namespace Prefer.Text.Unicode;

/// <summary>Classes of the reference's language and of its other regular expressions, where they differ from those of Oniguruma.</summary>
internal static class RustCharacters
{
    /// <summary><c>char::is_whitespace</c>; the same in every version of Unicode since 6.3.</summary>
    public static CodePointSet WhiteSpace { get; } = CodePointTable.Properties["space"];

    /// <summary><c>char::is_numeric</c>, category N of Unicode 17: 13 digits and numbers more than in 16.</summary>
    public static CodePointSet Numeric { get; } =
        CodePointTable.Properties["n"].Union(CodePointSet.Of([(0x11DE0, 0x11DE9), (0x16FF4, 0x16FF6)]));

    /// <summary>The <c>\w</c> of the crate <c>regex</c>: Unicode 16, with the two joiners.</summary>
    public static CodePointSet Word { get; } = CodePointTable.Properties["word"].Union(CodePointSet.Range(0x200C, 0x200D));
}
