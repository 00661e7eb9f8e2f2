"""pytest tests/models/test_gguf_unread.py

What transformers would leave out of a GGUF file is refused before anything is converted, and what
changes nothing is not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFWriter, RopeScalingType
from transformers import AutoConfig

from focus_lime import load_model
from focus_lime.errors import FocusLimeError
from focus_lime.models import gguf_unread
from focus_lime.models.gguf_header import Header
from focus_lime.models.hf import HFCausalLM

from .gguf_files import write

Extra = Callable[[GGUFWriter], object]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FOCUS_LIME_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def tensor(name: str, *values: float, dtype: Any = np.float32) -> Extra:
    return lambda writer: writer.add_tensor(name, np.array(values, dtype=dtype))


def scaled(kind: RopeScalingType, factor: float) -> Extra:
    def extra(writer: GGUFWriter) -> None:
        writer.add_rope_scaling_type(kind)
        writer.add_rope_scaling_factor(factor)

    return extra


def moe(writer: GGUFWriter) -> None:
    writer.add_expert_count(4)
    writer.add_expert_used_count(2)


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (scaled(RopeScalingType.LINEAR, 4.0), r"llama.rope.scaling \(linear, 4\)"),
        (scaled(RopeScalingType.YARN, 4.0), r"llama.rope.scaling \(yarn, 4\)"),
        (lambda w: w.add_float32("llama.rope.scale_linear", 2.0), r"rope.scaling \(linear, 2\)"),
        (tensor("rope_freqs.weight", 1, 2, 4, 8), "rope_freqs.weight"),
        (tensor("blk.0.attn_q.bias", *[3.0] * 32), "blk.0.attn_q.bias"),
        (tensor("blk.0.ffn_sub_norm.weight", *[1.0] * 32), "blk.0.ffn_sub_norm.weight"),
        (moe, r"llama.expert_count \(4\), llama.expert_used_count \(2\)"),
        (lambda w: w.add_sliding_window(8), r"llama.attention.sliding_window \(8\)"),
        (lambda w: w.add_attn_logit_softcapping(50.0), r"llama.attn_logit_softcapping \(50.0\)"),
        (lambda w: w.add_final_logit_softcapping(30.0), r"llama.final_logit_softcapping \(30.0\)"),
        (lambda w: w.add_logit_scale(9.0), r"llama.logit_scale \(9.0\)"),
        (lambda w: w.add_causal_attention(False), r"llama.attention.causal \(False\)"),
    ],
)
def test_what_would_be_left_out_is_named(
    extra: Extra, named: str, tmp_path: Path, llama: HFCausalLM, cache: Path
) -> None:
    file = write(tmp_path / "x.gguf", llama, extra=extra)
    with pytest.raises(FocusLimeError, match=f"{named}.*, and the model would answer otherwise"):
        load_model(f"gguf:{file}")
    assert not cache.exists()


def neutral(writer: GGUFWriter) -> None:
    scaled(RopeScalingType.NONE, 4.0)(writer)
    tensor("rope_freqs.weight", 1, 1, 1, 1)(writer)
    tensor("blk.0.attn_q.bias", *[0.0] * 32)(writer)
    tensor("blk.0.attn_rot_embd.weight", 1, 2, 3, 4)(writer)
    writer.add_expert_count(0)
    writer.add_logit_scale(1.0)
    writer.add_attn_logit_softcapping(0.0)
    writer.add_sliding_window(1 << 20)  # longer than any text
    writer.add_causal_attention(True)
    writer.add_type("model")


def test_what_changes_nothing_is_passed_over(tmp_path: Path, llama: HFCausalLM) -> None:
    plain = load_model(f"gguf:{write(tmp_path / 'plain.gguf', llama)}")
    more = load_model(f"gguf:{write(tmp_path / 'more.gguf', llama, extra=neutral)}")
    assert more.fingerprint == plain.fingerprint


def test_an_adapter_is_no_model(tmp_path: Path, llama: HFCausalLM, cache: Path) -> None:
    file = write(tmp_path / "x.gguf", llama, extra=lambda w: w.add_type("adapter"))
    with pytest.raises(FocusLimeError, match="is no model but of the type 'adapter'"):
        load_model(f"gguf:{file}")
    assert not cache.exists()


GEMMA = {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0}


@pytest.mark.parametrize(
    ("architecture", "keys", "named"),
    [
        ("gemma2", {**GEMMA, "attention.sliding_window": 77}, None),
        (
            "gemma2",
            {**GEMMA, "final_logit_softcapping": 20.0},
            "gemma2.final_logit_softcapping (20.0)",
        ),
        ("starcoder2", {"rope.freq_base": 999999.4}, "starcoder2.rope.freq_base (999999.4)"),
        ("starcoder2", {"rope.freq_base": 10000.0}, None),
        ("phi3", {"rope.dimension_count": 96}, None),
        ("phi3", {"rope.dimension_count": 72}, "phi3.rope.dimension_count (72)"),
        ("stablelm", {"rope.dimension_count": 20}, None),
        ("qwen2moe", {"expert_count": 60, "expert_used_count": 4}, None),
        ("minimax-m2", {"expert_gating_func": 2}, None),
    ],
)
def test_what_an_architecture_has_by_itself_passes(
    architecture: str, keys: dict[str, float], named: str | None
) -> None:
    kind = {"qwen2moe": "qwen2_moe", "minimax-m2": "minimax_m2"}.get(architecture, architecture)
    left = gguf_unread.keys_left(Header(architecture, keys, ()), AutoConfig.for_model(kind))
    assert left == ([] if named is None else [named])


def test_the_scale_of_the_largest_gemma_which_no_key_states() -> None:
    config = AutoConfig.for_model("gemma2", head_dim=128)
    (left,) = gguf_unread.keys_left(Header("gemma2", {}, ()), config)
    assert left == "the attention's scale (it takes 256 with heads of 128)"


@pytest.mark.parametrize(
    ("architecture", "kind", "read", "unread"),
    [
        ("lfm2", "lfm2", "token_embd_norm.weight", "rope_freqs.weight"),
        ("qwen35", "qwen3_5_text", "blk.0.ssm_a", "blk.0.ssm_dt.weight"),
    ],
)
def test_transformers_newer_reader_is_asked_too(
    architecture: str, kind: str, read: str, unread: str
) -> None:
    tensors = [Tensor(name) for name in (read, unread)]
    config = AutoConfig.for_model(kind, num_hidden_layers=4)
    assert gguf_unread.tensors_left(Header(architecture, {}, tensors), config) == [unread]


class Tensor:
    data = np.full(4, 2, dtype=np.float32)

    def __init__(self, name: str) -> None:
        self.name = name
