using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Expected values without a source beside them were computed with mpmath at 50 digits.</summary>
public sealed class DistributionTests
{
    // The approximations promise about 1e-16 and are evaluated in double: some ten roundings.
    private const double Tight = 4e-15;

    [Theory]
    [InlineData(-37.5, 4.6053530095819548e-308)]
    [InlineData(-10, 7.6198530241605261e-24)]
    [InlineData(-5, 2.8665157187919391e-7)]
    [InlineData(-2.5, 0.0062096653257761352)]
    [InlineData(-1, 0.15865525393145705)]
    [InlineData(-0.3, 0.38208857781104736)]
    [InlineData(0, 0.5)]
    [InlineData(0.6, 0.72574688224992642)]
    [InlineData(1.5, 0.93319279873114193)]
    [InlineData(4, 0.99996832875816688)]
    public void Normal_cdf(double z, double p) =>
        // The rounding of z/√2 is magnified by z² in the tail.
        Relative.Equal(p, Normal.Cdf(z), Tight + 2e-16 * z * z);

    [Theory]
    [InlineData(-3, 1.9999779095030014)]
    [InlineData(-0.2, 1.2227025892104785)]
    [InlineData(0.1, 0.88753708398171511)]
    [InlineData(0.46875, 0.50738652678206201)]
    [InlineData(0.5, 0.47950012218695346)]
    [InlineData(3.9, 3.4792248597231742e-8)]
    [InlineData(4.1, 6.7000276540848984e-9)]
    [InlineData(10, 2.0884875837625448e-45)]
    [InlineData(26, 5.6631924088561428e-296)]
    public void Complementary_error_function(double x, double value) =>
        Relative.Equal(value, Normal.Erfc(x), Tight + 2e-16 * x * x);

    [Theory]
    [InlineData(1e-300, -37.047096299361199)]
    [InlineData(1e-20, -9.2623400897984076)]
    [InlineData(1e-5, -4.2648907939228246)]
    [InlineData(0.01, -2.3263478740408411)]
    [InlineData(0.1, -1.2815515655446005)]
    [InlineData(0.3, -0.52440051270804078)]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.9599639845400542)]
    public void Normal_quantile(double p, double z) => Relative.Equal(z, Normal.Quantile(p), Tight);

    [Theory]
    [InlineData(-12, 3, 0.00062250790039466837)]
    [InlineData(-2, 7, 0.042809664281488038)]
    [InlineData(-0.5, 30, 0.31036150244256364)]
    [InlineData(1.5, 5, 0.90304815987876328)]
    [InlineData(-1.96, 1000, 0.025136592477874357)]
    [InlineData(-1e-4, 4, 0.49996250000007812)]
    [InlineData(-3.3, 100000, 0.00048359313116357101)]
    public void Student_cdf(double t, double freedom, double p) =>
        // Three log-gammas of size n log n are subtracted: their rounding is what remains, 1e-11 at n = 1e5.
        Relative.Equal(p, StudentT.Cdf(t, freedom), Tight + 1e-16 * freedom * Math.Log(freedom));

    [Theory]
    [InlineData(0.6)]
    [InlineData(0.975)]
    [InlineData(0.001)]
    public void Student_quantile_in_closed_form(double p)
    {
        Relative.Equal(Math.Tan(Math.PI * (p - 0.5)), StudentT.Quantile(p, 1), 1e-12);
        Relative.Equal((2 * p - 1) / Math.Sqrt(2 * p * (1 - p)), StudentT.Quantile(p, 2), 1e-12);
    }

    // The two-sided 95 % column of any printed table of t.
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(5, 2.571)]
    [InlineData(10, 2.228)]
    [InlineData(30, 2.042)]
    [InlineData(120, 1.980)]
    public void Student_quantile_of_the_printed_table(double freedom, double t) =>
        Assert.Equal(t, Math.Round(StudentT.Quantile(0.975, freedom), 3));

    [Fact]
    public void Quantiles_undo_the_distribution_function()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 200; trial++)
        {
            var p = random.NextDouble();
            Relative.Equal(p, Normal.Cdf(Normal.Quantile(p)), 1e-14);
            Relative.Equal(p, StudentT.Cdf(StudentT.Quantile(p, 1 + trial), 1 + trial), 1e-12);
        }
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void What_is_no_probability_is_refused(double p)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Normal.Quantile(p));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Quantile(p, 3));
    }

    [Theory]
    [InlineData(0.1, 2.252712651734206)]
    [InlineData(0.5, 0.57236494292470009)]
    [InlineData(2.5, 0.28468287047291916)]
    [InlineData(14.9, 24.924132002217277)]
    [InlineData(100, 359.1342053695754)]
    [InlineData(1e6, 12815504.569147612)]
    public void Log_gamma(double x, double value) => Relative.Equal(value, Gamma.Log(x), 1e-14);

    [Fact]
    public void Gamma_of_whole_numbers_is_the_factorial()
    {
        var logFactorial = 0.0;
        for (var n = 1; n < 200; n++)
        {
            logFactorial += Math.Log(n);
            Assert.Equal(logFactorial, Gamma.Log(n + 1), 1e-14 * Math.Max(1, logFactorial));
        }
    }
}
