"""How other packages score the prompts that we score: ContextCite and captum.

    pip install 'focus-lime[peers]'

Each gets our token ids, one list a mask (`prompt_ids`), and the ids of the response. It batches,
pads, runs the model and takes probabilities by its own code; here are only the adapters. What they
do, in context-cite 0.0.4 and captum 0.9.0:

- Both compute the logits of every position, not of the response alone, and fill a key-value cache
  that nobody reads.
- ContextCite makes batches in the order of the masks, padded on the left to the longest of the
  batch, but gives no positions: where positions are absolute (GPT-2), a padded row is scored at the
  wrong ones, and only `batch_size=1` is exact. It also has the model compute a loss. On CUDA it
  runs in 16-bit floats (autocast), whatever the model's own are.
- captum runs one prompt at a time, without padding: its batch size can only be 1.
"""

from __future__ import annotations

import contextlib
import copy
import io
import time
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import numpy as np
import torch
from captum.attr import FeatureAblation, LLMAttribution, TextTokenInput

from focus_lime.method.masks import Masks
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats
from focus_lime.models.hf import HFCausalLM

Ids = Sequence[int]


def prompt_ids(model: HFCausalLM, value: ValueFunction, masks: Masks) -> list[list[int]]:
    """What `value` has `model` read for every mask `bool[n_masks, n_units]`, less the response."""
    return [model.encoder.variant_ids(value.variant(mask)).tolist() for mask in masks]


def left_padding(model: HFCausalLM) -> Any:
    """A copy of the model's tokenizer that pads on the left, as ContextCite wants it.

    Made apart from the scoring, since the copy of a large vocabulary takes a while.
    """
    tokenizer = copy.deepcopy(model.tokenizer)
    tokenizer.padding_side = "left"
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(model.encoder.pad_id)
    return tokenizer


def context_cite_scores(
    model: HFCausalLM, tokenizer: Any, prompts: Sequence[Ids], response: Ids, batch_size: int
) -> Floats:
    """ContextCite's log-odds of the response after each prompt, in nats, `float64[n_prompts]`.

    They are `ResponseLogOdds` but for its precision, float32: log-odds above about 16 are inf.
    The first call imports the package, which takes seconds.

    Args:
        tokenizer: of `left_padding(model)`.
    """
    utils = context_cite_utils()
    remaining = iter(prompts)
    # Its data loader draws a seed from the global random state; a progress bar goes to stderr.
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stderr(io.StringIO()):
        # It draws masks of its own, in order, and asks for the prompt of each: it gets ours.
        _, logit_probs = utils.get_masks_and_logit_probs(
            model.model,
            tokenizer,
            num_masks=len(prompts),
            num_sources=1,
            get_prompt_ids=lambda mask: list(next(remaining)),
            response_ids=list(response),
            ablation_keep_prob=0.5,
            batch_size=batch_size,
        )
    return np.asarray(utils.aggregate_logit_probs(logit_probs), dtype=np.float64)


def captum_scores(model: HFCausalLM, full: Ids, prompts: Sequence[Ids], response: Ids) -> Floats:
    """captum's feature ablation: log p(response | full) - log p(response | prompt), in nats.

    Feature i is whatever `prompts[i]` lacks: with single drops it is unit i, whose tokens are
    deleted. captum's own inputs put a baseline token in place of a token, or tokenise the rest of
    a text again; only the ids are taken from us. The full prompt is run too: n_prompts + 1 runs.

    Args:
        full: the ids of the full prompt.

    Returns:
        `float64[n_prompts]`, of float32 precision.
    """
    # captum's default, `forward_in_tokens`, runs the model once for every token of the response,
    # with a cache; under transformers 5 it gives that cache the whole prompt again each time, and
    # its values are wrong.
    attribution = LLMAttribution(FeatureAblation(model.model), Names())
    result = attribution.attribute(
        _Prompts(full, prompts, model.model.device),
        target=torch.tensor(list(response)),
        forward_in_tokens=False,
    )
    return np.asarray(result.seq_attr.cpu().numpy(), dtype=np.float64)


def best_batch_size(candidates: Sequence[int], run: Callable[[int], object]) -> int:
    """The batch size with which `run` is fastest; those that do not fit in memory are left out.

    `run` is called once more before all, so that no candidate pays for what only a first call does.
    """
    run(candidates[0])
    seconds: dict[int, float] = {}
    for size in candidates:
        started = time.perf_counter()
        try:
            run(size)
        except torch.OutOfMemoryError:
            continue
        seconds[size] = time.perf_counter() - started
    return min(seconds, key=seconds.__getitem__)


class _Prompts(TextTokenInput):  # type: ignore[misc]  # captum accepts only its own inputs
    """An input whose feature i, when it is ablated, leaves prompt i."""

    def __init__(self, full: Ids, prompts: Sequence[Ids], device: torch.device) -> None:
        self.full = torch.tensor([list(full)], device=device)
        self.prompts = [torch.tensor([list(ids)], device=device) for ids in prompts]
        self.n_itp_features = len(prompts)
        self.values = [str(i) for i in range(len(prompts))]  # what captum calls the features

    def to_tensor(self) -> torch.Tensor:
        return torch.ones(1, self.n_itp_features)

    def to_model_input(self, perturbed_tensor: torch.Tensor | None = None) -> torch.Tensor:
        ablated = [] if perturbed_tensor is None else (perturbed_tensor[0] == 0).nonzero().tolist()
        if not ablated:
            return self.full
        ((feature,),) = ablated  # feature ablation: one at a time
        return self.prompts[feature]


class Names:
    """In place of a tokenizer. Given ids, captum wants one only to name the response's tokens in
    its result, and fails where their text has other tokens.
    """

    def decode(self, ids: torch.Tensor) -> str:
        self.ids: list[int] = ids.tolist()
        return ""

    def __call__(self, text: str, **options: Any) -> dict[str, Any]:
        return {"input_ids": self.ids, "offset_mapping": [(0, 0)] * len(self.ids)}


def context_cite_utils() -> Any:
    """Its module. The import would download nltk's data, for splitting that is not done here."""
    with mock.patch("nltk.download"):
        import context_cite.utils
    return context_cite.utils
