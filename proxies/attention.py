"""What the response attended to: the attention from its tokens to each unit's.

The cheapest look into a model: one reading of the prompt, whatever the number of units. Attention
is not explanation (Jain & Wallace 2019) and much of it goes to a few tokens that mean nothing
(Xiao et al. 2023), so it proposes where to look, no more.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress
from focus_lime.models.base import Continuations, Floats, Ledger, Model, Variant
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.execution import Kernel
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.steps import Step
from focus_lime.models.loading import load_model

BLOCK = 1 << 24  # attention weights of a layer that are in memory at once


class Attention:
    """The share of its attention that the response gives to each unit, from 0 to 1.

    The mean over layers, heads and response tokens (with labels, the tokens of all of them),
    summed over the unit's tokens.

    Args:
        model: whose attention; None means the target's own.
    """

    def __init__(self, model: Model | None = None) -> None:
        self.name = "attention" if model is None else f"attention:{model.name}"
        self._model = model

    def score(
        self,
        prompt: Prompt,
        units: Units,
        objective: Objective,
        *,
        target: Model,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> ProxyScores:
        """Raises:
        FocusLimeError: a model of scores, or one whose attention cannot be seen.
        """
        ledger = Ledger()
        model = target if self._model is None else self._model
        asked = (objective if self._model is None else objective.without_token_ids()).continuations
        if not isinstance(model, HFCausalLM):
            raise FocusLimeError(
                f"{model.name} shows no attention, as it is no Hugging Face causal language model: "
                "give attention:MODEL, or take another proxy"
            )
        mass = attention(model, prompt, asked, ledger, progress)
        # A unit's tokens are those that would go if it were dropped.
        without = [Variant(prompt, (unit.span,)) for unit in units]
        scores = np.array([mass[model.encoder.dropped(variant)].sum() for variant in without])
        if self._model is None:
            return ProxyScores(scores, target_cost=ledger)
        return ProxyScores(scores, ledger)


def attention(
    model: HFCausalLM,
    prompt: Prompt,
    continuations: Continuations,
    ledger: Ledger,
    progress: Progress | None = None,
    *,
    block: int = BLOCK,
) -> Floats:
    """The attention that responses give to each token of the prompt, `float64[n_tokens]`: the mean
    over layers, heads and the tokens that predict those of the responses.

    Each token is run once, and only the rows that predict are ever multiplied out.
    """
    model.estimate([Variant(prompt)], continuations)  # a prompt beyond the window is an error
    ids = model.encoder.encode(prompt).ids
    tails = [np.array(model.encode_response(response)) for response in continuations]
    sequences = [TokenSequence(np.append(ids, tail), len(ids)) for tail in tails]
    why_not = model.scorer.why_not(max(len(sequence.ids) for sequence in sequences))
    if why_not:
        raise FocusLimeError(
            f"the attention of {model.name} cannot be seen ({why_not}): give attention:MODEL, or "
            "take another proxy"
        )
    steps = model.scorer.steps(sequences)
    kernel = _Watching(model.scorer.model, max(step.height for step in steps), block)
    for done, step in enumerate(steps, start=1):
        started = time.perf_counter()
        kernel.run(step)
        ledger.add(Ledger(0, 0, len(step.ids), 0, time.perf_counter() - started))
        if progress is not None:
            progress(done, len(steps))
    ledger.add(Ledger(len(sequences), sum(len(sequence.ids) for sequence in sequences)))
    return kernel.mass[: len(ids)] / (kernel.layers * sum(map(len, tails)))


class _Watching(Kernel):
    """The scoring kernel, which also sums what the rows that are read attend to.

    `mass[position]` is summed over layers and rows, and averaged over heads.
    """

    def __init__(self, model: Any, height: int, block: int) -> None:
        super().__init__(model, height)
        self.block = block
        self.mass = np.zeros(height)

    def attend(
        self,
        module: torch.nn.Module,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        *,
        scale: float,
        window: int | None,
        softcap: float | None,
        sinks: torch.Tensor | None,
    ) -> torch.Tensor:
        out = super().attend(
            module, query, key, value, scale=scale, window=window, softcap=softcap, sinks=sinks
        )
        step = self.step
        assert step is not None
        rows, positions = (
            rows_predicting(step),
            np.concatenate([np.arange(step.keep), step.positions]),
        )
        keys = self.stacks[module][0][:, None, : step.height].float()
        queries = query[0].unflatten(0, (keys.shape[0], -1)).float()
        size = max(1, self.block // (query.shape[1] * step.height))
        for some in (rows[first : first + size] for first in range(0, len(rows), size)):
            scores = queries[:, :, torch.from_numpy(some)] @ keys.transpose(-1, -2) * scale
            if softcap is not None:
                scores = torch.tanh(scores / softcap) * softcap
            seen = keys_seen(step, some)
            if window is not None:
                seen &= step.positions[some, None] - positions < window
            scores = scores.masked_fill(~torch.from_numpy(seen).to(scores.device), float("-inf"))
            if sinks is not None:  # they take their share of the attention
                share = sinks.float().view(*scores.shape[:2], 1, 1).expand(*scores.shape[:3], 1)
                scores = torch.cat([scores, share], -1)
            weights = scores.softmax(-1)[..., : step.height].mean((0, 1)).sum(0)
            np.add.at(self.mass, positions, weights.cpu().double().numpy())
        return out


def rows_predicting(step: Step) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The rows that predict a token of a response; one that predicts for two, twice."""
    rows = [np.arange(read.row, read.row + read.count) for read in step.reads]
    return np.concatenate([np.empty(0, dtype=np.int64), *rows])


def keys_seen(step: Step, rows: Any) -> Any:
    """`bool[len(rows), height]`: the keys that the rows see, as the step's tiles say."""
    seen = np.zeros((len(rows), step.height), dtype=bool)
    for tile in step.tiles:
        here = np.flatnonzero((rows >= tile.rows[0]) & (rows < tile.rows[1]))
        if len(here):
            mask = tile.mask()
            part = True if mask is None else mask[rows[here] - tile.rows[0]]
            seen[here, slice(*tile.keys)] |= part
    return seen


def load(spec: str | None = None) -> Attention:
    """`--proxy attention` (of the target), or `--proxy attention:SPEC` of any model by name."""
    return Attention(None if spec is None else load_model(spec))
