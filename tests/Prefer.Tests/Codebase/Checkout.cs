using System.Diagnostics;

namespace Prefer.Tests.Codebase;

/// <summary>The files of the project, and the command line as its users run it.</summary>
internal static class Checkout
{
    private static readonly string[] Built = ["bin", "obj", "build", ".git", ".build", "out", "runs", "BenchmarkDotNet.Artifacts", "node_modules"];

    /// <summary>The folder of Prefer.slnx, above the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Files below a folder of the project, without what builds leave there; paths relative to the root, with '/'.</summary>
    /// <param name="folder">Relative to the root; empty for everything.</param>
    /// <param name="extensions">With the dot.</param>
    public static IEnumerable<string> Files(string folder, params string[] extensions)
    {
        var start = Path.Combine(Root, folder);
        return !Directory.Exists(start) ? [] : Directory.EnumerateFiles(start, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => extensions.Contains(Path.GetExtension(path)) && !path.Split('/').Any(Built.Contains))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The text of a file named relative to the root.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Runs the built command line in a process of its own.</summary>
    public static (int ExitCode, string Output, string Error) Prefer(params string[] arguments) => PreferWith("", [], arguments);

    /// <summary>The same with something on standard input and variables in its environment.</summary>
    public static (int ExitCode, string Output, string Error) PreferWith(string input, (string Name, string Value)[] environment, params string[] arguments) =>
        Run("dotnet", [Path.Combine(AppContext.BaseDirectory, "prefer.dll"), .. arguments], input, environment);

    /// <summary>Runs a program, in the current folder unless another is given.</summary>
    public static (int ExitCode, string Output, string Error) Run(
        string program, IEnumerable<string> arguments, string input = "", (string Name, string Value)[]? environment = null, string folder = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Prefer.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Prefer.slnx above {AppContext.BaseDirectory}.");
    }
}
