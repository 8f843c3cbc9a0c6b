namespace Prefer.Tests.Models;

/// <summary>
/// Switches of the decoders that no recorded folder has, small enough for float64 tests: windows narrower than shared prefixes, soft caps,
/// frequencies that depend on the length, every family's odd relations.
/// </summary>
internal static class DecoderVariants
{
    private const string Small = """
        "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 10, "num_attention_heads": 4, "num_hidden_layers": 3, "rms_norm_eps": 1e-3
        """;

    internal static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["llama, dynamic from 5 tokens on"] = $$"""
            { {{Small.Replace("32", "5", StringComparison.Ordinal)}}, "model_type": "llama", "num_key_value_heads": 2, "head_dim": 6, "hidden_act": "silu",
              "rope_theta": 100.0, "rope_scaling": { "type": "dynamic", "factor": 3.0 } }
            """,
        ["llama, longrope from 7 tokens on, explicit factor"] = $$"""
            { {{Small}}, "model_type": "llama", "num_key_value_heads": 1, "head_dim": 4, "hidden_act": "quick_gelu",
              "rope_parameters": { "rope_type": "longrope", "rope_theta": 50.0, "factor": 4.0, "original_max_position_embeddings": 7,
                                   "short_factor": [1.0, 1.5], "long_factor": [2.0, 5.0] } }
            """,
        ["llama, yarn with mscale"] = $$"""
            { {{Small}}, "model_type": "llama", "head_dim": 8, "hidden_act": "gelu_fast",
              "rope_scaling": { "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8, "mscale": 0.7, "mscale_all_dim": 0.3, "truncate": false } }
            """,
        ["mistral, window of 3"] = $$"""
            { {{Small}}, "model_type": "mistral", "num_key_value_heads": 2, "head_dim": 4, "hidden_act": "silu", "sliding_window": 3, "rope_theta": 100.0 }
            """,
        ["mistral, no window"] = $$"""
            { {{Small}}, "model_type": "mistral", "num_key_value_heads": null, "head_dim": 4, "hidden_act": "silu", "sliding_window": null }
            """,
        ["qwen2, window of 2 from layer 1 on"] = $$"""
            { {{Small.Replace("12", "16", StringComparison.Ordinal)}}, "model_type": "qwen2", "num_key_value_heads": 2, "hidden_act": "silu",
              "use_sliding_window": true, "sliding_window": 2, "max_window_layers": 1, "rope_theta": 100.0 }
            """,
        ["qwen3, biases, window by layer type"] = $$"""
            { {{Small}}, "model_type": "qwen3", "num_key_value_heads": 2, "head_dim": 6, "hidden_act": "silu", "attention_bias": true,
              "use_sliding_window": true, "sliding_window": 4, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"] }
            """,
        ["gemma2, caps, biases, window of 1"] = $$"""
            { {{Small}}, "model_type": "gemma2", "num_key_value_heads": 2, "head_dim": 4, "hidden_activation": "gelu_pytorch_tanh", "attention_bias": true,
              "attn_logit_softcapping": 0.6, "final_logit_softcapping": 1.5, "query_pre_attn_scalar": 3, "sliding_window": 1 }
            """,
        ["gemma2, no caps"] = $$"""
            { {{Small}}, "model_type": "gemma2", "num_key_value_heads": 4, "head_dim": 2, "hidden_activation": "gelu_pytorch_tanh",
              "attn_logit_softcapping": null, "final_logit_softcapping": null, "query_pre_attn_scalar": 7.5, "sliding_window": 5 }
            """,
        ["gemma3, every second layer without a window"] = $$"""
            { {{Small}}, "model_type": "gemma3_text", "num_key_value_heads": 1, "head_dim": 6, "hidden_activation": "gelu_pytorch_tanh", "query_pre_attn_scalar": 5,
              "sliding_window": 3, "sliding_window_pattern": 2, "rope_theta": 300.0, "rope_local_base_freq": 20.0, "rope_scaling": { "rope_type": "linear", "factor": 4.0 } }
            """,
        ["phi3, longrope over half the head, window of 6"] = $$"""
            { {{Small}}, "model_type": "phi3", "num_key_value_heads": 2, "head_dim": 8, "hidden_act": "silu", "sliding_window": 6, "partial_rotary_factor": 0.5,
              "original_max_position_embeddings": 9, "rope_theta": 100.0, "rope_scaling": { "type": "longrope", "short_factor": [1.0, 1.3], "long_factor": [1.7, 4.0] } }
            """,
        ["olmo2, grouped keys, biases"] = $$"""
            { {{Small}}, "model_type": "olmo2", "num_key_value_heads": 2, "head_dim": 6, "hidden_act": "silu", "attention_bias": true, "pad_token_id": null }
            """,
        ["gpt_neox, one after the other, no attention bias"] = """
            { "model_type": "gpt_neox", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 24, "intermediate_size": 10, "num_attention_heads": 3, "num_hidden_layers": 2,
              "layer_norm_eps": 1e-3, "hidden_act": "gelu_new", "use_parallel_residual": false, "attention_bias": false, "rotary_pct": 0.25, "rotary_emb_base": 100 }
            """,
        ["gpt_neox, three turned columns"] = """
            { "model_type": "gpt_neox", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 24, "intermediate_size": 10, "num_attention_heads": 2, "num_hidden_layers": 1,
              "layer_norm_eps": 1e-3, "hidden_act": "gelu", "rope_parameters": { "rope_type": "default", "rope_theta": 30.0, "partial_rotary_factor": 0.25 } }
            """,
        ["opt, norms after, narrow embeddings"] = """
            { "model_type": "opt", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "word_embed_proj_dim": 6, "ffn_dim": 10, "num_attention_heads": 3,
              "num_hidden_layers": 2, "do_layer_norm_before": false, "activation_function": "gelu", "pad_token_id": 2 }
            """,
        ["opt, no last norm, no biases, bare norms"] = """
            { "model_type": "opt", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "ffn_dim": 10, "num_attention_heads": 2, "num_hidden_layers": 2,
              "_remove_final_layer_norm": true, "enable_bias": false, "layer_norm_elementwise_affine": false }
            """,
    };
}
