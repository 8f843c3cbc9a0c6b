using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Prefer.Data;

/// <summary>Paths and globs to files. Globs know <c>*</c>, <c>?</c> and <c>**</c> (any number of folders); braces are left to the shell.</summary>
internal static class InputFiles
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>
    /// The files of all patterns, in the order of the patterns and by name within a glob; a file that two patterns match is read once.
    /// A file whose name contains a wildcard is found by that name.
    /// </summary>
    /// <exception cref="DataException">A pattern matches nothing, or names a folder.</exception>
    public static ImmutableArray<string> Find(IEnumerable<string> patterns)
    {
        var files = ImmutableArray.CreateBuilder<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string pattern in patterns)
        {
            foreach (string file in Matches(pattern))
            {
                if (seen.Add(file == StandardInput ? file : Path.GetFullPath(file)))
                {
                    files.Add(file);
                }
            }
        }

        return files.Count > 0
            ? files.ToImmutable()
            : throw new DataException("found no data file on the command line; expected one or more; give paths, globs or '-' for standard input");
    }

    /// <summary>True when a pattern, read without a weight, is standard input, a file, or a glob that matches one.</summary>
    public static bool Names(string pattern) => pattern == StandardInput || File.Exists(pattern) || (IsGlob(pattern) && Found(pattern).Length > 0);

    private static string[] Matches(string pattern)
    {
        if (pattern == StandardInput || File.Exists(pattern))
        {
            return [pattern];
        }

        if (Directory.Exists(pattern))
        {
            throw new DataException($"{pattern}: found a folder; expected a file; name its files, for instance '{Path.Join(pattern, "*.jsonl")}'");
        }

        if (!IsGlob(pattern))
        {
            throw new DataException($"{pattern}: found no such file; expected a file of comparisons; check the path (the current folder is '{Environment.CurrentDirectory}'){WeightHint(pattern)}");
        }

        string[] found = Found(pattern);
        return found.Length > 0
            ? found
            : throw new DataException($"{pattern}: found no file that matches; expected at least one; check the pattern (the current folder is '{Environment.CurrentDirectory}')");
    }

    private static string WeightHint(string path) =>
        path.LastIndexOf(':') is > 0 and var colon && File.Exists(path[..colon]) ? "; a weight, FILE:NUMBER, is for the --data of 'prefer train'" : "";

    private static bool IsGlob(string pattern) => pattern.AsSpan().IndexOfAny('*', '?') >= 0;

    private static string[] Found(string glob)
    {
        string root = Path.GetPathRoot(glob) ?? "";
        string[] segments = glob[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        return [.. Expand(root, segments).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Expand(string folder, ReadOnlyMemory<string> segments)
    {
        string segment = segments.Span[0];
        ReadOnlyMemory<string> rest = segments[1..];
        if (segment == "**")
        {
            ReadOnlyMemory<string> within = rest.IsEmpty ? new[] { "*" } : rest;
            return Expand(folder, within).Concat(Folders(folder, "*").SelectMany(inner => Expand(inner, segments)));
        }

        if (segment.AsSpan().IndexOfAny('*', '?') < 0)
        {
            string path = Path.Join(folder, segment);
            return rest.IsEmpty
                ? (File.Exists(path) ? [path] : [])
                : (Directory.Exists(path) ? Expand(path, rest) : []);
        }

        return rest.IsEmpty
            ? Entries(folder, segment, Directory.EnumerateFiles)
            : Folders(folder, segment).SelectMany(inner => Expand(inner, rest));
    }

    private static IEnumerable<string> Folders(string folder, string segment) => Entries(folder, segment, Directory.EnumerateDirectories);

    private static IEnumerable<string> Entries(string folder, string segment, Func<string, IEnumerable<string>> list) =>
        from path in list(folder.Length == 0 ? "." : folder)
        let name = Path.GetFileName(path)
        where FileSystemName.MatchesSimpleExpression(segment, name, ignoreCase: false) && (segment[0] == '.' || name[0] != '.')
        select Path.Join(folder, name);
}
