namespace Prefer.Training;

/// <summary>What a run minimises, and so which rows it reads.</summary>
public enum LossType
{
    /// <summary>−log σ of the reward difference of a pair; a ranking gives all its pairs. See <see cref="RewardLoss"/>.</summary>
    BradleyTerry,

    /// <summary>The likelihood of a ranking as a whole; a pair is a ranking of two. See <see cref="PlackettLuceLoss"/>.</summary>
    PlackettLuce,

    /// <summary>What the preferred response of a pair lacks to a lead; a ranking gives all its pairs. See <see cref="HingeLoss"/>.</summary>
    Hinge,

    /// <summary>The squared difference of reward and score. See <see cref="RegressionLoss"/>.</summary>
    Regression,
}
