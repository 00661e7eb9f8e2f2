"""What transformers would leave out of a GGUF file, and the model would answer otherwise.

Its reader takes the tensors and keys that it knows and passes the others over in silence. Which
tensors it takes is asked of transformers itself; which keys change what is computed is listed here,
with the attribute of transformers' configuration that says the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.models.gguf_header import Header, mapped, newer

# By key, where transformers' list for the architecture lacks it: attributes of the configuration,
# one of which must have its value, and the values with which it changes nothing.
_KEYS: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "attention.causal": ((), (1,)),
    "attention.clamp_kqv": (("clip_qkv",), (0,)),
    "attention.max_alibi_bias": ((), (0,)),
    "attention.layer_norm_epsilon": (("layer_norm_epsilon", "layer_norm_eps", "norm_eps"), ()),
    "attention.layer_norm_rms_epsilon": (("rms_norm_eps", "norm_eps", "layer_norm_epsilon"), ()),
    "attention.scale": (("attention_multiplier",), (0,)),
    "attention.shared_kv_layers": (("num_kv_shared_layers",), (0,)),
    "attention.sliding_window": (("sliding_window",), (0,)),
    "attn_logit_softcapping": (("attn_logit_softcapping",), (0,)),
    "final_logit_softcapping": (("final_logit_softcapping",), (0,)),
    "router_logit_softcapping": (("router_logit_softcapping",), (0,)),
    "embedding_scale": (("embedding_multiplier",), (0, 1)),
    "residual_scale": (("residual_multiplier",), (0, 1)),
    "logit_scale": (("logit_scale",), (0, 1)),
    "expert_count": (("num_experts", "num_local_experts"), (0,)),
    "expert_used_count": (("num_experts_per_tok",), (0,)),
    "expert_gating_func": ((), (0, 1)),  # softmax, as transformers' models have it
    "expert_weights_norm": (("norm_topk_prob",), ()),
    "expert_weights_scale": (("routed_scaling_factor",), (0, 1)),
    "rope.freq_base": (("rope_theta",), ()),
    "rope.dimension_count": (("rotary_dim",), ()),
    "rope.scaling.attn_factor": (("attention_factor",), (0, 1)),
    "rope.scaling.alpha": ((), (0,)),
    "ssm.dt_b_c_rms": ((), (0,)),
}
_SHOWN = 3  # of what is left out, in the message


def check(file: Path, header: Header, config: Any) -> None:
    """
    Args:
        config: transformers' configuration of the file.

    Raises:
        FocusLimeError: transformers would leave something out, and the model would answer
            otherwise than the one in the file.
    """
    left = [*tensors_left(header, config), *keys_left(header, config)]
    if left:
        more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        raise FocusLimeError(
            f"{file}: transformers does not read {', '.join(left[:_SHOWN])}{more}, and the model "
            "would answer otherwise: give the model's own folder or hub id"
        )


def tensors_left(header: Header, config: Any) -> list[str]:
    """Names of tensors that are not read and that are not neutral."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):  # no numbers
        model = AutoModelForCausalLM.from_config(config)
    names = [tensor.name for tensor in header.tensors]
    reads = _newer_reads if header.architecture in newer() else _reads
    read = reads(header.architecture, model, names)
    own = _rope(config).get("rope_type") == "proportional"  # Gemma 4's, which the file states so
    return [
        tensor.name
        for tensor in header.tensors
        if tensor.name not in read
        and not _is_neutral(tensor)
        and not (own and tensor.name == "rope_freqs.weight")
    ]


def _reads(architecture: str, model: Any, names: Collection[str]) -> set[str]:
    """Those of the names that transformers' older reader takes."""
    from transformers.modeling_gguf_pytorch_utils import (
        TENSOR_PROCESSORS,
        TensorProcessor,
        get_gguf_hf_weights_map,
    )

    processor = TENSOR_PROCESSORS.get(architecture, TensorProcessor)(config=model.config.to_dict())
    known = get_gguf_hf_weights_map(model, processor)
    # Experts that are stacked are known without their suffix.
    return {name for name in names if name in known or name.removesuffix(".weight") in known}


def _newer_reads(architecture: str, model: Any, names: Collection[str]) -> set[str]:
    """Those of the names that transformers' newer reader takes, or leaves out knowingly."""
    from transformers.core_model_loading import WeightConverter, WeightRenaming, rename_source_key
    from transformers.integrations.gguf import get_gguf_conversion_mapping

    mapping = get_gguf_conversion_mapping(architecture, model.config)
    renamings = [entry for entry in mapping if isinstance(entry, WeightRenaming)]
    converters = [entry for entry in mapping if isinstance(entry, WeightConverter)]
    own = set(model.state_dict())
    passed = [re.compile(p) for p in model._keys_to_ignore_on_load_unexpected or ()]
    renamed = {name: rename_source_key(name, renamings, converters)[0] for name in names}
    return {
        name for name, key in renamed.items() if key in own or any(p.search(key) for p in passed)
    }


def _is_neutral(tensor: Any) -> bool:
    """Whether the model is the same without it."""
    if ".attn_rot_embd." in tensor.name:  # a table of old files, which llama.cpp passes over too
        return True
    neutral = 1 if tensor.name == "rope_freqs.weight" else 0
    if neutral == 0 and not tensor.name.endswith(".bias"):
        return False
    return tensor.data.dtype == np.float32 and bool(np.all(tensor.data == neutral))


def keys_left(header: Header, config: Any) -> list[str]:
    """Keys that change what is computed, and that the configuration does not have, with values."""
    known = mapped(header.architecture)
    said = {key: header.keys[key] for key in _KEYS if key in header.keys and key not in known}
    rope = _rope(config)
    left = []
    for key, value in said.items():
        attributes, neutral = _KEYS[key]
        has = [rope.get(name, getattr(config, name, None)) for name in attributes]
        if key == "rope.dimension_count":
            has.append(_rotated(config, rope))
        if key == "attention.sliding_window" and value >= header.keys.get("context_length", 1e99):
            continue
        if not any(_is_same(value, other) for other in (*has, *neutral)):
            left.append(f"{header.architecture}.{key} ({value})")
    factor = header.keys.get("rope.scaling.factor", header.keys.get("rope.scale_linear", 1)) or 1
    kind = header.keys.get("rope.scaling.type", "linear")
    is_scaled = kind != "none" and (factor != 1 or kind == "longrope")
    if is_scaled and not (rope.get("rope_type") == kind and _is_same(factor, rope.get("factor"))):
        left.append(f"{header.architecture}.rope.scaling ({kind}, {factor:g})")
    scale = getattr(config, "query_pre_attn_scalar", None)  # which no key of GGUF says
    if scale is not None and scale != config.head_dim:
        left.append(f"the attention's scale (it takes {scale} with heads of {config.head_dim})")
    return left


def _rope(config: Any) -> Mapping[str, Any]:
    """Of the layers that see everything, where layers differ."""
    rope: Mapping[str, Any] = getattr(config, "rope_parameters", None) or {}
    full: Mapping[str, Any] = rope.get("full_attention", rope)
    return full


def _rotated(config: Any, rope: Mapping[str, Any]) -> float:
    """How many numbers of a head are rotated."""
    head = getattr(config, "global_head_dim", None) or getattr(config, "head_dim", None)
    head = head or config.hidden_size // config.num_attention_heads
    if rope.get("rope_type") == "proportional":  # all of them, some by nothing
        return float(head)
    share = rope.get("partial_rotary_factor", getattr(config, "partial_rotary_factor", 1))
    return float(int(head * share))


def _is_same(value: Any, other: Any) -> bool:
    if other is None or np.ndim(value) or np.ndim(other):
        return bool(np.ndim(value) and np.array_equal(value, other))
    return math.isclose(float(value), float(other), rel_tol=1e-4)
