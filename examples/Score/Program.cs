// Scores answers with the model that examples/Train or the README's commands leave in out/reward:
//     eng/setup && dotnet run -c Release --project examples/Score
using Prefer.Models;

using var model = RewardModel.Load("out/reward");
Console.WriteLine(model.Score("Say hello.", "Hello!"));

string[] answers = ["Masses attract each other.", "No idea, look it up.", "It is what makes apples taste sweet."];
foreach (var (answer, reward) in answers.Select(answer => (answer, model.Score("Explain gravity.", answer))).OrderByDescending(scored => scored.Item2))
{
    Console.WriteLine($"{reward:f3}  {answer}");
}
