using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Expected values computed with mpmath at 50 digits.</summary>
public sealed class LogisticTests
{
    // Two library functions, each correct to about one unit in the last place.
    private const double Tight = 5e-16;

    [Theory]
    [InlineData(-700, 9.8596765437597709e-305)]
    [InlineData(-40, 4.248354255291589e-18)]
    [InlineData(-1, 0.31326168751822283)]
    [InlineData(0, 0.69314718055994531)]
    [InlineData(1, 1.3132616875182228)]
    [InlineData(20, 20.000000002061154)]
    [InlineData(1000, 1000)]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    public void Softplus_and_log_sigmoid(double x, double value)
    {
        Relative.Equal(value, Logistic.Softplus(x), Tight);
        Relative.Equal(-value, Logistic.LogSigmoid(-x), Tight);
    }

    [Theory]
    [InlineData(4e-18, 4e-18)]
    [InlineData(1e-10, 9.9999999995e-11)]
    [InlineData(-1e-9, -1.0000000005e-9)]
    [InlineData(-0.5, -0.69314718055994531)]
    [InlineData(3, 1.3862943611198906)]
    [InlineData(0, 0)]
    [InlineData(-1, double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity)]
    public void Log_of_one_plus(double x, double value) => Relative.Equal(value, Logistic.Log1p(x), Tight);

    [Fact]
    public void Log_of_one_plus_is_nan_below_minus_one() => Assert.Equal(double.NaN, Logistic.Log1p(-2));

    [Fact]
    public void Sigmoid_is_symmetric_and_undone_by_the_logit()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 200; trial++)
        {
            var x = 20 * (random.NextDouble() - 0.5);
            Assert.Equal(1, Logistic.Sigmoid(x) + Logistic.Sigmoid(-x), 2.3e-16); // one unit in the last place
            Relative.Equal(Math.Exp(Logistic.LogSigmoid(x)), Logistic.Sigmoid(x), 4e-15);
            // The logit magnifies the rounding of a p close to 1 by 1 / (1 − p).
            Assert.Equal(x, Logistic.Logit(Logistic.Sigmoid(x)), 4e-16 * (1 + Math.Exp(Math.Abs(x))) * 2);
        }

        Assert.Equal((0, 1), (Logistic.Sigmoid(-800), Logistic.Sigmoid(800)));
    }

    [Fact]
    public void Nan_stays_nan() => Assert.Equal(double.NaN, Logistic.Softplus(double.NaN));
}
