using Prefer.Models;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

public sealed class PadRowTests
{
    /// <summary>Hugging Face makes the embeddings of these families with a padding index; GPT-2's without.</summary>
    [Theory]
    [InlineData("llama", "model.embed_tokens.weight", false)]
    [InlineData("bert", "bert.embeddings.word_embeddings.weight", false)]
    [InlineData("distilbert", "distilbert.embeddings.word_embeddings.weight", false)]
    [InlineData("roberta", "roberta.embeddings.word_embeddings.weight", false)]
    [InlineData("electra", "electra.embeddings.word_embeddings.weight", false)]
    [InlineData("deberta-v2", "deberta.embeddings.word_embeddings.weight", false)]
    [InlineData("modernbert", "model.embeddings.tok_embeddings.weight", false)]
    [InlineData("gpt2", "transformer.wte.weight", true)]
    public void A_pad_token_inside_a_sequence_trains_its_row_only_in_GPT2(string name, string embedding, bool trains)
    {
        using var model = RewardModel.Load(Path.Combine(Repository.Root, "tests", "fixtures", "models", name), new LoadOptions { Trainable = true });
        using var scope = new TensorScope();
        var pad = model.PadTokenId!.Value;
        var batch = model.NewBatch();
        batch.Add(new EncodedSequence([5, pad, 7, 9], [], 0), model.PooledPosition([5, pad, 7, 9]));

        model.Forward(batch).Sum().Backward();

        var gradient = model.Parameters[embedding].Gradient()!;
        Assert.Equal(trains, gradient.Narrow(0, pad, 1).Abs().Sum().Item() > 0);
        Assert.True(gradient.Narrow(0, 7, 1).Abs().Sum().Item() > 0);
    }
}
