namespace Prefer.Models;

/// <summary>How the rewards of reference responses are spread. Part of <c>prefer.json</c>.</summary>
public sealed record ReferenceRewards
{
    /// <summary>Mean reward.</summary>
    public required double Mean { get; init; }

    /// <summary>Standard deviation (over responses − 1), positive.</summary>
    public required double Deviation { get; init; }

    /// <summary>Distinct responses, at least two.</summary>
    public required long Responses { get; init; }

    /// <summary>What tells the data from other data; null where nobody said.</summary>
    public string? Fingerprint { get; init; }
}

/// <summary>The temperature that makes reward differences log-odds: P(first preferred) = σ(difference / temperature). Part of <c>prefer.json</c>.</summary>
public sealed record FittedTemperature
{
    /// <summary>The temperature, positive.</summary>
    public required double Value { get; init; }

    /// <summary>Pairs that it was fitted on.</summary>
    public required long Pairs { get; init; }

    /// <summary>What tells the data from other data; null where nobody said.</summary>
    public string? Fingerprint { get; init; }
}

/// <summary>What a model's rewards, whose zero and unit are its own, mean. It is of the weights, encoding and reading that the folder had when it was made.</summary>
public sealed record Calibration
{
    /// <summary>The rewards of reference responses; null where only a temperature was fitted.</summary>
    public ReferenceRewards? Rewards { get; init; }

    /// <summary>The temperature; null where there is none, or none was fitted.</summary>
    public FittedTemperature? Temperature { get; init; }

    /// <exception cref="ModelException">A number is none that can be divided by.</exception>
    internal void Check(string path)
    {
        if (Rewards is { } rewards && !(double.IsFinite(rewards.Mean) && rewards.Deviation > 0 && double.IsFinite(rewards.Deviation)))
        {
            throw new ModelException($"{path}: the calibration has the mean {rewards.Mean} and the deviation {rewards.Deviation}, expected finite numbers and a positive deviation. Run prefer calibrate again.");
        }
        if (Temperature is { } temperature && !(temperature.Value > 0 && double.IsFinite(temperature.Value)))
        {
            throw new ModelException($"{path}: the calibration has the temperature {temperature.Value}, expected a positive number. Run prefer calibrate again.");
        }
    }
}
