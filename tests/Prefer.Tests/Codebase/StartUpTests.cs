using System.Reflection.PortableExecutable;
using Prefer.Tests.Evaluation;
using Xunit;

namespace Prefer.Tests.Codebase;

/// <summary>What keeps the start of a command short. How short is in docs/log.md; here stands what it follows from.</summary>
public sealed class StartUpTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_program_and_its_libraries_hold_machine_code()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("PublishReadyToRun") == "false", "PublishReadyToRun=false is set, so the build made none.");
        var libraries = Directory.GetFiles(Path.Combine(Checkout.Root, "src/Prefer.Cli/bin/Release/net10.0"), "*.dll");

        Assert.Contains(libraries, path => Path.GetFileName(path) == "prefer.dll");
        Assert.DoesNotContain(libraries, path => !HoldsMachineCode(path));
        // And what the tests run, where packages are as they came.
        Assert.DoesNotContain(Directory.GetFiles(AppContext.BaseDirectory, "Prefer.*.dll"), path => !path.EndsWith("Tests.dll", StringComparison.Ordinal) && !HoldsMachineCode(path));
    }

    [Fact]
    public void Verbs_that_compute_nothing_do_not_load_libtorch()
    {
        TextModel.WriteTo(folder.Path);
        var data = Path.Combine(Checkout.Root, "examples/helpful-honest-harmless.jsonl");
        var text = Path.Combine(folder.Path, "rows.jsonl");
        File.WriteAllText(text, """{"text": "want low"}""");

        Assert.All<string[]>(
            [
                ["--help"],
                ["train", "--help"],
                ["data", "inspect", data],
                ["data", "stats", data],
                ["data", "convert", data, "--output", Path.Combine(folder.Path, "converted.jsonl")],
                ["data", "split", data, "--output", Path.Combine(folder.Path, "split")],
                ["data", "dedupe", data, "--output", Path.Combine(folder.Path, "deduplicated.jsonl")],
                ["eval", "--scorer", "length", "--data", data],
                ["report", "--schema"],
                ["tokenizer", "train", data, "--output", Path.Combine(folder.Path, "tokenizer"), "--vocabulary-size", "300"],
                ["tokenize", "--model", folder.Path, "--data", text],
            ],
            arguments => Assert.DoesNotContain(LoadedBy(arguments), IsLibtorch));
        Assert.Contains(LoadedBy("score", "--model", folder.Path, "--data", text), IsLibtorch);
    }

    private static bool HoldsMachineCode(string path)
    {
        using var reader = new PEReader(File.OpenRead(path));
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    private static bool IsLibtorch(string library) => library.Contains("libtorch", StringComparison.Ordinal);

    // What the dynamic linker says that a process loaded; the process must succeed.
    private string[] LoadedBy(params string[] arguments)
    {
        var place = Path.Combine(folder.Path, "linker");
        var (exitCode, _, error) = Checkout.PreferWith("", [("LD_DEBUG", "files"), ("LD_DEBUG_OUTPUT", place)], arguments);
        Assert.True(exitCode == 0, error);

        // One file a process, named after its number.
        var files = Directory.GetFiles(folder.Path, "linker.*");
        string[] lines = [.. files.SelectMany(File.ReadLines).Where(line => line.Contains("calling init:", StringComparison.Ordinal))];
        Array.ForEach(files, File.Delete);
        Assert.NotEmpty(lines);
        return lines;
    }
}
