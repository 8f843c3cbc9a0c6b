using Xunit;

namespace Prefer.Tests;

/// <summary>Where the repository and the real data beside it lie.</summary>
internal static class Repository
{
    /// <summary>The folder of Prefer.slnx, found by walking up from the test program.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path in the folder <c>shared</c> beside the repository; the test that asks is skipped where there is none.</summary>
    public static string Shared(params string[] path)
    {
        string shared = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. path]));
        Assert.SkipUnless(Path.Exists(shared), $"'../shared/{string.Join('/', path)}' beside the repository is not on this machine.");
        return shared;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Prefer.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Prefer.slnx above '{AppContext.BaseDirectory}'.");
    }
}
