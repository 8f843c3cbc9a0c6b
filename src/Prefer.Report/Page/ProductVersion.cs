using System.Reflection;

namespace Prefer.Report.Page;

/// <summary>The version of Prefer that makes the page.</summary>
internal static class ProductVersion
{
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
