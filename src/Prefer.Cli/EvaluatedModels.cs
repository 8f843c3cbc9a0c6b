using Prefer.Cli.Verbs;
using Prefer.Evaluation;
using Prefer.Models;

namespace Prefer.Cli;

/// <summary>The models of <c>--model</c>, loaded: each value is a scorer, and one with commas an ensemble.</summary>
internal sealed class EvaluatedModels : IDisposable
{
    private readonly List<RewardModel> loaded = [];

    private EvaluatedModels()
    {
    }

    /// <summary>One a value, in order; the only one is called <c>model</c>, several are called what was given.</summary>
    public List<(string Name, IScorer Scorer)> Scorers { get; } = [];

    /// <summary>The model that is measured and its folder; null where that is an ensemble or a baseline.</summary>
    public (RewardModel Model, string Folder)? Only { get; private set; }

    /// <summary>The first model's longest sequence; null without a model.</summary>
    public int? MaxLength => loaded.Count == 0 ? null : loaded[0].Encoder.Options.MaxLength;

    /// <summary>Loads them all, so that a fault of the last is told before the first is measured.</summary>
    /// <exception cref="UsageException">A value holds no folder, or one stands twice.</exception>
    /// <exception cref="ModelException">A folder cannot be used.</exception>
    public static EvaluatedModels Load(EvalOptions options, Terminal terminal)
    {
        var models = new EvaluatedModels();
        try
        {
            foreach (var value in options.Model)
            {
                string[] folders = value.Split(',', StringSplitOptions.TrimEntries);
                if (folders.Any(folder => folder.Length == 0) || folders.Distinct(StringComparer.Ordinal).Count() < folders.Length || models.Scorers.Any(other => other.Name == value))
                {
                    throw new UsageException($"--model {value}: found {(folders.Any(folder => folder.Length == 0) ? "an empty name" : "a folder twice")}, expected a model folder, or several different ones with commas between.");
                }

                IScorer[] members = [.. folders.Select(folder => new ModelScorer(models.Add(Engine.Load(folder, options, terminal))))];
                if (value == options.Model[0] && folders.Length == 1)
                {
                    models.Only = (models.loaded[0], value);
                }

                models.Scorers.Add((options.Model.Count == 1 ? "model" : value, members.Length == 1 ? members[0] : new EnsembleScorer(members, options.Combine)));
            }
        }
        catch
        {
            models.Dispose();
            throw;
        }

        return models;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in loaded)
        {
            model.Dispose();
        }
    }

    private RewardModel Add(RewardModel model)
    {
        loaded.Add(model);
        return model;
    }
}
