namespace Prefer.Models;

/// <summary>Arithmetic of the network; head and loss are fp32 whatever it is.</summary>
public enum Precision
{
    /// <summary>Single precision.</summary>
    Fp32,

    /// <summary>bf16 compute beside fp32 master weights; named so that it can be refused, and not there yet.</summary>
    Bf16,
}
