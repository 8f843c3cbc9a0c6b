using System.Collections.Immutable;
using Prefer.Torch;

namespace Prefer.Models;

public sealed partial class RewardModel
{
    private ModelRecord? record;
    private bool hasOtherTokenizer;

    /// <summary>
    /// What the folder's rewards mean; null where it says nothing, and where options changed what the reward is: another template, way of putting prompt and response together, tokenizer or
    /// reading of the head. Another maximum length or precision is let pass: it changes rewards a little, and only some.
    /// </summary>
    public Calibration? Calibration { get; private set; }

    /// <summary>Whether the folder has a calibration, but not of the rewards that this model gives.</summary>
    public bool HasForeignCalibration => record?.Calibration is not null && Calibration is null;

    /// <summary>Sets what the folder's rewards mean in its <c>prefer.json</c>; all else in it stays. A folder without one gets one, with a probe, as saving writes it.</summary>
    /// <param name="calibration">Takes the place of what is there.</param>
    /// <exception cref="ModelException">As <see cref="RequireOwnRewards"/>, or a number of it cannot be divided by.</exception>
    public void SaveCalibration(Calibration calibration)
    {
        ArgumentNullException.ThrowIfNull(calibration);
        RequireOwnRewards();
        calibration.Check(Path.Combine(Folder, ModelRecord.FileName));
        var found = ModelRecord.Load(Folder) ?? new ModelRecord { Encoding = Encoder.Options, Reading = head.Recorded, Probe = NewProbe() };
        record = found with { Calibration = calibration };
        record.Save(Folder);
        Calibration = calibration;
    }

    /// <summary>Checks that the model's rewards are those of its folder, so that a calibration of them can be saved.</summary>
    /// <exception cref="ModelException">
    /// It was loaded with options that change the rewards; or the folder has no <c>prefer.json</c> and the model was not loaded in full, which a new probe is computed in.
    /// </exception>
    public void RequireOwnRewards()
    {
        var found = ModelRecord.Load(Folder);
        if (hasOtherTokenizer || (found is not null && !IsAsRecorded(found, isLengthFree: false)))
        {
            throw new ModelException($"{Folder}: the model was loaded with another template, encoding, maximum length, tokenizer or reading of the head than {ModelRecord.FileName} says, so its rewards are not those of the folder. Calibrate without options that change them.");
        }
        if (found is null && (DType != DType.Float32 || Parameters.Weights != WeightStorage.Full))
        {
            throw new ModelException($"{Folder}: has no {ModelRecord.FileName}, and the probe that goes into a new one is computed in full precision. Calibrate with --precision fp32 --weights full.");
        }
    }

    /// <summary>Whether the rewards are those that a record is of.</summary>
    /// <param name="found">The record.</param>
    /// <param name="isLengthFree">Whether the maximum length may be another.</param>
    private bool IsAsRecorded(ModelRecord found, bool isLengthFree)
    {
        var encoding = isLengthFree ? Encoder.Options with { MaxLength = found.Encoding.MaxLength } : Encoder.Options;
        return encoding == found.Encoding && !hasOtherTokenizer && (head.Recorded?.SameAs(found.Reading) ?? found.Reading is null);
    }

    private ImmutableArray<Probe> NewProbe()
    {
        var probe = ModelRecord.NewProbe(Tokenizer is not null, Network.VocabularySize, Encoder.Options.MaxLength);
        return [.. probe.Zip(Score(probe.Select(item => item.Encode(Encoder))), (item, reward) => item with { Reward = reward })];
    }
}
