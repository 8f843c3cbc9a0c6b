namespace Prefer.Statistics;

/// <summary>A vote between two systems.</summary>
/// <param name="First">Which system, from 0.</param>
/// <param name="Second">Which other one.</param>
/// <param name="Preference">What the first one won: 1 for a vote for it, 0 for one against it, ½ for a tie.</param>
/// <param name="Cluster">Label of what is resampled together: the prompt.</param>
public readonly record struct SystemVote(int First, int Second, double Preference, int Cluster);
