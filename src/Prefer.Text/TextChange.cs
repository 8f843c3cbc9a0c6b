using System.Text;

namespace Prefer.Text;

/// <summary>A character of a rewritten text.</summary>
/// <param name="Rune">The character.</param>
/// <param name="Delta">1: it was inserted behind the one before; 0: it replaces one character; −n: it replaces one and removes n that follow.</param>
internal readonly record struct TextChange(Rune Rune, int Delta);
