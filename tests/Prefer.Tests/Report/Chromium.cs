using Microsoft.Playwright;
using Xunit;

namespace Prefer.Tests.Report;

/// <summary>
/// The machine's Chromium, started once for a class of tests, each of which opens pages of its own. Nothing is downloaded: the driver comes with its package, and a machine without
/// Chromium skips the tests.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Flags =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private IPlaywright? driver;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Places.FirstOrDefault(File.Exists) is { } path)
        {
            driver = await Playwright.CreateAsync();
            browser = await driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Flags });
        }
    }

    /// <summary>An empty page in a profile of its own, without a network. Skips the test where there is no Chromium.</summary>
    internal async Task<IPage> NewPage(ColorScheme scheme = ColorScheme.Light, int width = 1280, bool hasScript = true)
    {
        Assert.SkipWhen(browser is null, $"Chromium is not on this machine ({string.Join(", ", Places)}); on Debian: apt-get install chromium");
        var context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme, Offline = true, JavaScriptEnabled = hasScript, ViewportSize = new ViewportSize { Width = width, Height = 900 },
        });
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }
        driver?.Dispose();
    }
}
