using Prefer.Data;
using Prefer.Models;
using Prefer.Tests.Evaluation;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Rewards read at every token, against those of the sequences that end there.</summary>
public sealed class TokenRewardTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_reward_is_that_of_the_sequence_that_ends_there()
    {
        using var model = RewardModel.Load(RecordedRewards.Folder("llama"));
        var ids = RecordedRewards.Batch("llama").MaxBy(sequence => sequence.Ids.Length)!.Ids;
        var rewards = model.TokenRewards(new EncodedSequence([.. ids], [], 0))!.Value;

        var prefixes = model.Score(Enumerable.Range(1, ids.Length).Select(length => new EncodedSequence([.. ids[..length]], [], 0))).ToArray();
        Assert.Equal(ids.Length, rewards.Length);
        foreach (var (index, reward) in rewards.Index())
        {
            Assert.Equal(prefixes[index], reward.Reward, RecordedRewards.Tolerance);
            Assert.Equal($"{ids[index]}", reward.Text);
        }
    }

    [Fact]
    public void Pieces_of_the_response_make_its_text_whole_characters_at_a_time()
    {
        using var model = SmallTextModel.Create("llama", folder.Path);
        const string response = "No idea, größer 👋 than that.";

        var rewards = model.TokenRewards(model.Encode([new Message("user", "Say hello.")], Response.FromText(response)))!.Value;

        Assert.Equal(response, string.Concat(rewards.Select(reward => reward.Text)).Trim());
        Assert.True(rewards.Length > 10);
        Assert.True(rewards.Select(reward => reward.Reward).Distinct().Count() > 5);
    }

    [Fact]
    public void An_encoder_has_none()
    {
        using var model = RewardModel.Load(RecordedRewards.Folder("distilbert"));

        Assert.Null(model.TokenRewards(new EncodedSequence([3, 4, 5], [], 0)));
    }
}
