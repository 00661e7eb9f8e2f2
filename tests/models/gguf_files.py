"""Small GGUF files: a random Llama as llama.cpp stores it, whole or wrong in some way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFWriter, TokenType

from focus_lime.models.hf import HFCausalLM

NAMES = {  # transformers' names of a layer's weights, and llama.cpp's
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def write(
    path: Path,
    model: HFCausalLM,
    *,
    architecture: str = "llama",
    parts: int = 1,
    without: str | None = None,
    extra: Callable[[GGUFWriter], object] | None = None,
) -> Path:
    """The model, a Llama with tied or untied embeddings, as a GGUF file in float32; without the
    tensor of a name, where one is given, and with what `extra` writes.
    """
    config, tokenizer = model.model.config, model.tokenizer
    writer = GGUFWriter(path, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)
    if parts > 1:
        writer.add_uint16("split.count", parts)
    core = json.loads(tokenizer.backend_tokenizer.to_str())
    vocabulary = core["model"]["vocab"]
    special = set(tokenizer.all_special_ids) | {t["id"] for t in core["added_tokens"]}
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    kinds = [TokenType.CONTROL if i in special else TokenType.NORMAL for i in range(len(tokens))]
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(merge) for merge in core["model"]["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)
    for name, weight in _tensors(model):
        if name == without:
            continue
        writer.add_tensor(name, weight)
    if extra is not None:
        extra(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(model: HFCausalLM) -> list[tuple[str, np.ndarray[Any, Any]]]:
    config, tensors = model.model.config, []
    for name, tensor in model.model.state_dict().items():
        weight = tensor.numpy().astype(np.float32)
        stem, kind = name.rsplit(".", 1)
        if stem == "lm_head":
            if not config.tie_word_embeddings:
                tensors.append(("output.weight", weight))
            continue
        if stem in ("model.embed_tokens", "model.norm"):
            known = {"model.embed_tokens": "token_embd", "model.norm": "output_norm"}
            tensors.append((f"{known[stem]}.{kind}", weight))
            continue
        _, _, layer, *rest = stem.split(".")
        own = NAMES[".".join(rest)]
        if own in ("attn_q", "attn_k"):  # llama.cpp keeps the two of a rotated pair side by side
            heads = config.num_attention_heads if own == "attn_q" else config.num_key_value_heads
            rows, width = weight.shape
            halves = weight.reshape(heads, 2, rows // heads // 2, width)
            weight = np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, width))
        tensors.append((f"blk.{layer}.{own}.{kind}", weight))
    return tensors
