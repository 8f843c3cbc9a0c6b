using Prefer.Tests.Codebase;

namespace Prefer.Tests.Examples;

/// <summary>A folder in which what is written for the root of a checkout runs on little data: <c>./prefer</c>, and the first rows of the example comparisons.</summary>
internal sealed class SmallCheckout : IDisposable
{
    /// <summary>The example comparisons, relative to the root.</summary>
    public const string DataPath = "examples/helpful-honest-harmless.jsonl";

    private readonly TemporaryFolder folder = new();

    public SmallCheckout(int rowCount)
    {
        Directory.CreateDirectory(Path.Combine(Root, "examples"));
        File.WriteAllLines(Path.Combine(Root, DataPath), File.ReadLines(Path.Combine(Checkout.Root, DataPath)).Take(rowCount));
        var script = Path.Combine(Root, "prefer");
        File.WriteAllText(script, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "prefer.dll")}' \"$@\"\n");
        Checkout.Run("chmod", ["+x", script]);
    }

    public string Root => folder.Path;

    /// <summary>Runs a program in the folder.</summary>
    public (int ExitCode, string Output, string Error) Run(string program, params string[] arguments) => Checkout.Run(program, arguments, folder: Root);

    public void Dispose() => folder.Dispose();
}
