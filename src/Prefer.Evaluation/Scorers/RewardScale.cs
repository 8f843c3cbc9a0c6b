using Prefer.Models;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>What is given out for a reward.</summary>
public enum RewardForm
{
    /// <summary>The reward itself, whose zero and unit are the model's own.</summary>
    Raw,

    /// <summary>How many deviations it lies above the mean of reference responses.</summary>
    Normalized,

    /// <summary>How probably the response is preferred to one whose reward is the mean of reference responses.</summary>
    Probability,
}

/// <summary>Turns rewards into what is given out for them. The order of responses stays, but for probabilities so near to 0 or 1 that they become equal.</summary>
public sealed class RewardScale
{
    private readonly RewardForm form;
    private readonly double mean;
    private readonly double unit;

    private RewardScale(RewardForm form, double mean, double unit) => (this.form, this.mean, this.unit) = (form, mean, unit);

    /// <summary>The scale of a model.</summary>
    /// <exception cref="ModelException">The form needs a calibration that the model's folder does not have.</exception>
    public static RewardScale Of(RewardForm form, RewardModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (form == RewardForm.Raw)
        {
            return new RewardScale(form, 0, 1);
        }

        if (model.HasForeignCalibration)
        {
            throw new ModelException($"{model.Folder}: its calibration is of other rewards than those that were asked for, which another template, encoding, tokenizer or reading of the head gives. Ask for raw rewards, or leave out the options that change them.");
        }

        if (model.Calibration?.Rewards is not { } rewards)
        {
            throw new ModelException($"{model.Folder}: {ModelRecord.FileName} has no mean and deviation of rewards, which a normalized reward and a probability need. Run prefer calibrate --model {model.Folder} --data FILES first, or ask for raw rewards.");
        }

        if (form == RewardForm.Normalized)
        {
            return new RewardScale(form, rewards.Mean, rewards.Deviation);
        }

        return model.Calibration.Temperature is { } temperature
            ? new RewardScale(form, rewards.Mean, temperature.Value)
            : throw new ModelException($"{model.Folder}: {ModelRecord.FileName} has no temperature, which a probability needs: the comparisons that the model was calibrated on gave none. Run prefer calibrate with others, or ask for normalized rewards.");
    }

    /// <summary>What is given out for a reward.</summary>
    public double Apply(double reward)
    {
        var units = (reward - mean) / unit;
        return form == RewardForm.Probability ? Logistic.Sigmoid(units) : units;
    }
}
