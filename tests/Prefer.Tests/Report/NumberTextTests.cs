using Prefer.Report.Page;
using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Report;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0")]
    [InlineData(0.693147, "0.6931")]
    [InlineData(-1.23456, "−1.235")]
    [InlineData(12.3456, "12.35")]
    [InlineData(5432.1, "5,432")]
    [InlineData(0.0123456, "0.01235")]
    [InlineData(3e-4, "3e-4")]
    [InlineData(1.5e9, "1.5e+9")]
    [InlineData(9.9999, "10.000")]
    public void Four_significant_digits(double? value, string text) => Assert.Equal(text, NumberText.Number(value));

    [Fact]
    public void Shares_signs_intervals_and_times()
    {
        Assert.Equal(("0.683", "–"), (NumberText.Share(0.68349), NumberText.Share(null)));
        Assert.Equal(("+0.050", "−0.050", "0.000"), (NumberText.Signed(0.05), NumberText.Signed(-0.05), NumberText.Signed(0)));
        Assert.Equal(("0.601 to 0.752", "–"), (NumberText.Ends(new Interval(0.6011, 0.7519)), NumberText.Ends(null)));
        Assert.Equal(("12.3 s", "0:25:43", "1.01:00:00"), (NumberText.Seconds(12.34), NumberText.Seconds(1543.2), NumberText.Seconds(90000)));
        Assert.Equal(("1,400 MB", "1,234,567"), (NumberText.Bytes(1_400_000_000), NumberText.Count(1234567)));
    }
}
