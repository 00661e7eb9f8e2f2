"""Whether a model's prefixes can be shared. It is found out by trying, not from a list of names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from accelerate.utils.memory import should_reduce_batch_size
from transformers import PreTrainedModel

from focus_lime.errors import first_line
from focus_lime.models.base import Floats
from focus_lime.models.kernel import Kernel, rows_read
from focus_lime.models.prefixes import Ids, Scored
from focus_lime.models.schedule import Limits, plan

_KNOWN_LAYERS = {"full_attention", "sliding_attention"}
# Nats, the largest and the mean of what may lie between two ways to the same value. Rounding does
# less, and a shared prefix that is wrong is wrong by far more: in bfloat16 rounding reached .32 and
# .05 on a trained model of 260k parameters.
_FULL, _HALF = (1e-3, 1e-3), (1.0, 0.15)


def why_not_shared(model: Any, padded: Callable[[Sequence[Scored]], list[Floats]]) -> str:
    """Why the kernel cannot score on this model; empty if it can.

    Three short sequences of random tokens are scored by the kernel, packed and in steps, and one
    by one by the model as it is. A model whose layers carry something else from token to token
    than keys and values (a recurrent state, a bias by distance) gives other values, or none. These
    tokens, some 200 once for each model, stand in no ledger: they are not the user's.
    """
    config = model.config.get_text_config()
    strange = set(getattr(config, "layer_types", None) or ()) - _KNOWN_LAYERS
    if strange:
        return f"it has layers of the kind {', '.join(sorted(strange))}"
    if not takes_logits_to_keep(model):
        return "it computes logits for every token"
    if getattr(config, "attn_temperature_tuning", None):
        return "the temperature of its attention goes by the place in the row"
    tokens = _random(config)
    # All tokens are read: what goes wrong where paths part may not reach the ends of sequences.
    sequences = [Scored(ids, 1) for ids in (tokens, tokens[:24], np.delete(tokens, 9))]
    found = [np.zeros(len(sequence.ids) - 1) for sequence in sequences]
    kernel = Kernel(model, len(tokens) * 3)
    try:
        for step in plan(sequences, Limits(tokens=40, reads=20)):
            values = kernel.run(step).float().log_softmax(-1).cpu()
            rows = rows_read(step)
            for read in step.reads:
                at = np.searchsorted(rows, np.arange(read.row, read.row + read.count))
                span = slice(read.offset, read.offset + read.count)
                found[read.sequence][span] = values[at, sequences[read.sequence].ids[1:][span]]
    except Exception as error:  # whatever a model of somebody else's raises
        if should_reduce_batch_size(error):
            raise
        first = first_line(error)
        return f"it does not run on shared keys and values ({first})"
    if kernel.layers == 0:
        return "its attention is not looked up in transformers' AttentionInterface"
    if _slides(config) and kernel.windows == 0:
        return "its attention does not say how wide its window is"
    expected = [padded([sequence])[0] for sequence in sequences]
    if not _alike(model, found, expected):
        return "values from shared prefixes are not its own"
    return ""


def reads_padding(model: Any, padded: Callable[[Sequence[Scored]], list[Floats]]) -> bool:
    """Whether a sequence has other values in a padded batch than alone, as in some recurrent
    models.
    """
    tokens = _random(model.config.get_text_config())
    sequences = [Scored(tokens, 26), Scored(tokens[:9], 5)]
    alone = [padded([sequence])[0] for sequence in sequences]
    return not _alike(model, padded(sequences), alone)


def _random(config: Any) -> Ids:
    return np.random.default_rng(0).integers(0, config.vocab_size, size=30)


def _alike(model: Any, found: Sequence[Floats], expected: Sequence[Floats]) -> bool:
    apart = np.abs(np.concatenate(found) - np.concatenate(expected))
    most, mean = _FULL if model.dtype in (torch.float32, torch.float64) else _HALF
    return bool(apart.max() <= most and apart.mean() <= mean)


def _slides(config: Any) -> bool:
    """Whether the configuration says that some layers have a window."""
    kinds = getattr(config, "layer_types", None)
    if kinds:
        return "sliding_attention" in kinds
    return bool(getattr(config, "sliding_window", None)) and getattr(
        config, "use_sliding_window", True
    )


def takes_logits_to_keep(model: Any) -> bool:
    """Whether the model, or the one that it wraps (an adapter's), can compute logits at some tokens
    only.
    """
    inside = (m for m in model.modules() if m is model or isinstance(m, PreTrainedModel))
    return any("logits_to_keep" in inspect.signature(m.forward).parameters for m in inside)


def longest_alike(config: Any) -> int | None:
    """The length up to which positions mean the same in any sequence, where there is one.

    The rotary scaling `longrope` takes other factors for sequences beyond its original length, so
    the keys of a prefix depend on what follows.
    """
    rope = getattr(config, "rope_parameters", None) or {}
    kinds = [rope, *(part for part in rope.values() if isinstance(part, dict))]
    if not any(kind.get("rope_type") in ("longrope", "dynamic") for kind in kinds):
        return None
    original = [kind.get("original_max_position_embeddings") for kind in kinds]
    original.append(getattr(config, "original_max_position_embeddings", None))
    known = [int(length) for length in original if length]
    return min(known) if known else int(config.max_position_embeddings)
