namespace Prefer.Models.Files;

/// <summary>
/// Names of weights without what wrappers left in them: PyTorch's DataParallel, FSDP and compiler, TRL's model with a value head, and PEFT's
/// model where its adapter is merged. An adapter that is not merged is refused.
/// </summary>
internal static class WeightNames
{
    private static readonly string[] Outer = ["module.", "base_model.model.", "pretrained_model."];

    // These stand around inner modules too.
    private static readonly string[] Anywhere = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];

    private static readonly string[] OfAdapters = [".lora_", ".modules_to_save.", ".base_layer.", ".original_module."];

    /// <param name="name">As it stands in the file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="ModelException">It is a weight of an adapter.</exception>
    internal static string Unwrapped(string name, string path)
    {
        if (Array.Exists(OfAdapters, part => name.Contains(part, StringComparison.Ordinal)))
        {
            throw new ModelException($"{path}: {name} is a weight of an adapter (LoRA), which Prefer does not apply. Merge the adapter into its model first (merge_and_unload in PEFT) and save that.");
        }
        foreach (var part in Anywhere)
        {
            name = name.Replace(part, "", StringComparison.Ordinal);
        }
        while (Array.Find(Outer, prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } outer)
        {
            name = name[outer.Length..];
        }
        return name;
    }

    /// <summary>Refuses a folder that holds an adapter; Hugging Face would fetch the model that it belongs to.</summary>
    /// <exception cref="ModelException">It does.</exception>
    internal static void RefuseAdapter(string folder)
    {
        if (File.Exists(Path.Combine(folder, "adapter_config.json")))
        {
            throw new ModelException($"{folder}: holds an adapter (adapter_config.json), which Prefer does not apply. Merge it into its model first (merge_and_unload in PEFT) and save that.");
        }
    }
}
