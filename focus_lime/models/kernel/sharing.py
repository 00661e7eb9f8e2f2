"""Whether a model's prefixes can be shared: decided by trying, not by a list of names."""

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
from focus_lime.models.kernel.execution import Kernel
from focus_lime.models.kernel.prefixes import Ids, TokenSequence
from focus_lime.models.kernel.schedule import plan
from focus_lime.models.kernel.steps import Limits

_SHAREABLE_LAYERS = {"full_attention", "sliding_attention"}
# Nats: the largest and the mean difference that rounding may cause between two ways to a value, in
# full and in half precision. A prefix that is shared wrongly causes far more.
_FULL, _HALF = (1e-3, 1e-3), (1.0, 0.15)


def why_not_shared(model: Any, padded: Callable[[Sequence[TokenSequence]], list[Floats]]) -> str:
    """Why the kernel cannot score on this model; empty if it can.

    Three short sequences of random tokens are scored by the kernel, packed and in steps, and one
    by one by `padded`, the model as it is. The values differ, or there are none, if a layer carries
    something else than keys and values from token to token (a recurrent state, a bias by distance).
    These tokens, some 200 once a model, are not in any ledger.
    """
    config = model.config.get_text_config()
    other_layers = set(getattr(config, "layer_types", None) or ()) - _SHAREABLE_LAYERS
    if other_layers:
        return f"it has layers of the kind {', '.join(sorted(other_layers))}"
    if not takes_logits_to_keep(model):
        return "it computes logits for every token"
    if getattr(config, "attn_temperature_tuning", None):
        return "the temperature of its attention goes by the place in the row"
    tokens = _random_ids(config)
    # Every token is a target: an error where paths part may not reach the ends of the sequences.
    sequences = [TokenSequence(ids, 1) for ids in (tokens, tokens[:24], np.delete(tokens, 9))]
    values = [np.zeros(len(sequence.ids) - 1) for sequence in sequences]
    kernel = Kernel(model, len(tokens) * 3)
    try:
        for step in plan(sequences, Limits(tokens=40, reads=20)):
            log_p = kernel.run(step).float().log_softmax(-1).cpu()
            rows = step.rows_read
            for read in step.reads:
                at = np.searchsorted(rows, np.arange(read.row, read.row + read.count))
                span = slice(read.offset, read.offset + read.count)
                values[read.sequence][span] = log_p[at, sequences[read.sequence].ids[1:][span]]
    except Exception as error:  # a model of the user's may raise anything
        if should_reduce_batch_size(error):
            raise
        return f"it does not run on shared keys and values ({first_line(error)})"
    if kernel.layers == 0:
        return "its attention is not looked up in transformers' AttentionInterface"
    if _slides(config) and kernel.windows == 0:
        return "its attention does not say how wide its window is"
    expected = [padded([sequence])[0] for sequence in sequences]
    if not _alike(model, values, expected):
        return "values from shared prefixes are not its own"
    return ""


def reads_padding(model: Any, padded: Callable[[Sequence[TokenSequence]], list[Floats]]) -> bool:
    """Whether padding changes a sequence's values, as it does in some recurrent models."""
    tokens = _random_ids(model.config.get_text_config())
    sequences = [TokenSequence(tokens, 26), TokenSequence(tokens[:9], 5)]
    alone = [padded([sequence])[0] for sequence in sequences]
    return not _alike(model, padded(sequences), alone)


def _random_ids(config: Any) -> Ids:
    return np.random.default_rng(0).integers(0, config.vocab_size, size=30)


def _alike(model: Any, values: Sequence[Floats], expected: Sequence[Floats]) -> bool:
    """Whether values differ by no more than the rounding of the model's dtype."""
    gaps = np.abs(np.concatenate(values) - np.concatenate(expected))
    largest, mean = _FULL if model.dtype in (torch.float32, torch.float64) else _HALF
    return bool(gaps.max() <= largest and gaps.mean() <= mean)


def _slides(config: Any) -> bool:
    """Whether the configuration says that some layers have a window."""
    kinds = getattr(config, "layer_types", None)
    if kinds:
        return "sliding_attention" in kinds
    return bool(getattr(config, "sliding_window", None)) and getattr(
        config, "use_sliding_window", True
    )


def takes_logits_to_keep(model: Any) -> bool:
    """Whether the model, or the one inside an adapter, can compute logits of some tokens only."""
    inside = (m for m in model.modules() if m is model or isinstance(m, PreTrainedModel))
    return any("logits_to_keep" in inspect.signature(m.forward).parameters for m in inside)


def longest_alike(config: Any) -> int | None:
    """The longest sequence in which positions are encoded as in any shorter one; None if all are.

    The rotary scalings `longrope` and `dynamic` take other factors for sequences beyond the
    original length, so the keys of a prefix depend on what follows.
    """
    rope = getattr(config, "rope_parameters", None) or {}
    kinds = [rope, *(part for part in rope.values() if isinstance(part, dict))]
    if not any(kind.get("rope_type") in ("longrope", "dynamic") for kind in kinds):
        return None
    settings = [kind.get("original_max_position_embeddings") for kind in kinds]
    settings.append(getattr(config, "original_max_position_embeddings", None))
    lengths = [int(length) for length in settings if length]
    return min(lengths) if lengths else int(config.max_position_embeddings)
