using System.Runtime.CompilerServices;

namespace Prefer.Tests;

/// <summary>Programs that tests start keep their caches beside the tests, not in the user's home.</summary>
internal static class CacheFolder
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Path.Combine(AppContext.BaseDirectory, "cache"));
}
