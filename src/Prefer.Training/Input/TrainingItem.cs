using System.Collections.Immutable;
using System.Globalization;
using Prefer.Models;

namespace Prefer.Training;

/// <summary>What counts as one comparison of a batch, as ids: it is never divided between micro-batches, and weighs w/Σw.</summary>
/// <param name="Name">How messages call it: its id, or where it was read.</param>
/// <param name="Weight">The weight in the loss.</param>
internal abstract record TrainingItem(string Name, double Weight)
{
    /// <summary>Every sequence that is rewarded.</summary>
    internal abstract ImmutableArray<EncodedSequence> Sequences { get; }

    /// <summary>What the rewards are compared with, as the fingerprint has it.</summary>
    internal abstract string Target { get; }

    internal abstract bool HasTie { get; }

    /// <summary>The same as evaluation sees it: without margin, and weighing 1.</summary>
    internal abstract TrainingItem Plain { get; }

    internal int TokenCount => Sequences.Sum(sequence => sequence.Ids.Length);
}

/// <summary>A pair.</summary>
/// <param name="Name">How messages call it.</param>
/// <param name="Chosen">The preferred sequence.</param>
/// <param name="Rejected">The other one.</param>
/// <param name="Label">P(chosen is preferred); 0.5 is a tie.</param>
/// <param name="Margin">The margin in the loss.</param>
/// <param name="Weight">The weight in the loss.</param>
internal sealed record EncodedComparison(string Name, EncodedSequence Chosen, EncodedSequence Rejected, double Label, double Margin, double Weight) : TrainingItem(Name, Weight)
{
    internal override ImmutableArray<EncodedSequence> Sequences => [Chosen, Rejected];

    internal override string Target => string.Create(CultureInfo.InvariantCulture, $"{Label:r} {Margin:r} {Weight:r}");

    internal override bool HasTie => Label == 0.5;

    internal override TrainingItem Plain => this with { Margin = 0, Weight = 1 };
}

/// <summary>A ranking in one piece.</summary>
/// <param name="Name">How messages call it.</param>
/// <param name="Responses">The k sequences.</param>
/// <param name="Scores">One a sequence, higher is better.</param>
/// <param name="Weight">The weight in the loss.</param>
internal sealed record EncodedRanking(string Name, ImmutableArray<EncodedSequence> Responses, ImmutableArray<double> Scores, double Weight) : TrainingItem(Name, Weight)
{
    internal override ImmutableArray<EncodedSequence> Sequences => Responses;

    internal override string Target => string.Join(' ', Scores.Append(Weight).Select(value => value.ToString("r", CultureInfo.InvariantCulture)));

    internal override bool HasTie => Scores.Distinct().Count() < Scores.Length;

    internal override TrainingItem Plain => this with { Weight = 1 };
}

/// <summary>A response with a score.</summary>
/// <param name="Name">How messages call it.</param>
/// <param name="Response">The sequence.</param>
/// <param name="Score">What its reward shall be.</param>
/// <param name="Weight">The weight in the loss.</param>
internal sealed record EncodedRating(string Name, EncodedSequence Response, double Score, double Weight) : TrainingItem(Name, Weight)
{
    internal override ImmutableArray<EncodedSequence> Sequences => [Response];

    internal override string Target => string.Create(CultureInfo.InvariantCulture, $"{Score:r} {Weight:r}");

    internal override bool HasTie => false;

    internal override TrainingItem Plain => this with { Weight = 1 };
}
