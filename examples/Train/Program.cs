// Trains a small reward model with fresh weights and a tokenizer of its own, from the root of the checkout:
//     eng/setup && dotnet run -c Release --project examples/Train
using Prefer.Training;

var summary = RewardTrainer.Train(new TrainOptions
{
    Model = "new:distilbert-mini",
    Data = ["examples/helpful-honest-harmless.jsonl"],
    Output = "out/reward",
    Epochs = 2,
    LearningRate = 3e-4,
    VocabularySize = 4096,
    Overwrite = true,
});
Console.WriteLine($"{summary.Steps} steps in {summary.Seconds:0} s; the model is in {summary.Output}");
