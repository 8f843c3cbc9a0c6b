using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>
/// Cuts where the script changes. Hiragana, Katakana and the long vowel mark count as Han; a space and characters without a script go with
/// what is before them, and are lost where nothing is before them: so the reference has it.
/// </summary>
internal sealed class UnicodeScriptsPreTokenizer : IPreTokenizer
{
    private const byte NoScript = 0;

    private static readonly byte[] Plane0 = new byte[0x10000];
    private static readonly (int First, int Last, byte Script)[] Beyond = FillScripts();

    public void Split(AlignedText text, List<AlignedText> words)
    {
        var last = NoScript;
        int? start = null;
        for (var i = 0; i < text.Length;)
        {
            var rune = text.RuneAt(i);
            var script = ScriptOf(rune.Value);
            if (script != NoScript && script != last)
            {
                if (start is { } from)
                {
                    words.Add(text.Slice(from, i - from));
                }

                (start, last) = (i, script);
            }

            i += rune.Utf16SequenceLength;
        }

        if (start is { } rest)
        {
            words.Add(text.Slice(rest));
        }
    }

    private static byte ScriptOf(int code)
    {
        if (code < Plane0.Length)
        {
            return Plane0[code];
        }

        var (low, high) = (0, Beyond.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (code < Beyond[middle].First)
            {
                high = middle - 1;
            }
            else if (code > Beyond[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return Beyond[middle].Script;
            }
        }

        return NoScript;
    }

    private static (int First, int Last, byte Script)[] FillScripts()
    {
        var beyond = new List<(int First, int Last, byte Script)>();
        var scripts = CodePointTable.Unicode9;
        string[] names = [.. scripts.Names.Where(name => name is not ("marks" or "hiragana" or "katakana"))];
        foreach (var (name, number) in names.Append("hiragana").Append("katakana").Select((name, index) => (name, index + 1)))
        {
            var script = (byte)(name is "hiragana" or "katakana" ? Array.IndexOf(names, "han") + 1 : number);
            foreach (var (first, last) in scripts[name].Ranges)
            {
                for (var code = first; code <= Math.Min(last, 0xFFFF); code++)
                {
                    Plane0[code] = script;
                }

                if (last > 0xFFFF)
                {
                    beyond.Add((first, last, script));
                }
            }
        }

        Plane0[' '] = NoScript;
        Plane0[0x30FC] = (byte)(Array.IndexOf(names, "han") + 1);
        return [.. beyond.OrderBy(range => range.First)];
    }
}
