"""Focus-LIME, from coarse to fine (arXiv 2602.04607).

Phase I, scout: a proxy scores chunks, then the sentences of the best chunks; the best sentences
are the neighborhood S. Phase II, attribute: the target answers masks over the units in S, all
else stays as it was, and a sparse surrogate of (mask, value) pairs gives every unit its weight.

Without a proxy S is the whole prompt. That is plain LIME, the baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from focus_lime.assemble import assemble
from focus_lime.errors import FocusLimeError
from focus_lime.estimate import estimate
from focus_lime.explanation import Explanation
from focus_lime.models.base import Ablation, Estimate, Ledger, Model, Response
from focus_lime.models.load import load_model
from focus_lime.neighborhood import Proxy, everything, load_proxy, scout
from focus_lime.objective import choose
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.masks import Masks, all_there, lime_kernel, with_full
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Units
from focus_lime.settings import Granularity, masks_over, resolve, units_within
from focus_lime.surrogate import fidelity, fit

# Shows the progress of one stage: stage(name) is a context manager around a Progress.
Stage = Callable[[str], AbstractContextManager[Progress | None]]

_HELD_OUT = 5  # one mask in so many is never fitted


class FocusLime:
    """Explains a target model with the help of a proxy.

    Args:
        model: the target.
        proxy: chooses the neighborhood; None attributes everything (plain LIME).
        cache: scores that survive the process.
        stage: shows progress; silent if not given.
    """

    def __init__(
        self,
        model: Model,
        proxy: Proxy | None = None,
        *,
        cache: ScoreCache | None = None,
        stage: Stage | None = None,
    ) -> None:
        self.model, self.proxy, self.cache = model, proxy, cache
        self.stage: Stage = stage or (lambda name: nullcontext())

    @classmethod
    def from_pretrained(cls, model: str, proxy: str | None = "bm25", **options: Any) -> FocusLime:
        """Models by name (`focus_lime.models.load`); `options` go to the target's backend.

        The proxy "none" is no proxy, as None is.
        """
        found = None if proxy in (None, "none") else proxy
        return cls(load_model(model, **options), load_proxy(found) if found else None)

    def value_function(
        self,
        prompt: Prompt,
        *,
        response: str | Response | None = None,
        labels: Sequence[str] | None = None,
        level: Level = "sentence",
        ablation: Ablation = "delete",
        fidelity: Literal["exact", "cached"] = "exact",
        max_new_tokens: int = 64,
    ) -> ValueFunction:
        """The target seen through all units of one level: `bool[n_masks, n_units] -> float64`.

        Args:
            fidelity: `exact` reads each perturbed prompt; `cached` reads the prompt once and
                answers over what it kept of it (the ablation `attention`): thousands of masks for
                the price of a few, and near to deletion, not equal.
        """
        if fidelity not in ("exact", "cached"):
            raise FocusLimeError(f"no fidelity {fidelity!r}: exact or cached")
        ledger = Ledger()
        objective = choose(self.model, prompt, response, labels, max_new_tokens, ledger)
        tokens = level == "token"
        units = self.model.tokens(prompt) if tokens else split(prompt.sources, level)
        return ValueFunction(
            self.model,
            prompt,
            units,
            objective,
            ablation="attention" if fidelity == "cached" else ablation,
            ledger=ledger,
            cache=self.cache,
        )

    def explain(
        self,
        prompt: Prompt,
        *,
        response: str | Response | None = None,
        labels: Sequence[str] | None = None,
        granularity: Granularity = "sentence",
        budget: int | None = None,
        chunks: int = 6,
        sentences: int | None = None,
        design: str | None = None,
        ablation: Ablation = "delete",
        placeholder: str = "...",
        max_new_tokens: int = 64,
        seed: int = 0,
    ) -> Explanation:
        """Explain the target's answer to `prompt`, or the given response, or labels.

        Args:
            labels: the first against the others; for a classifier, its class against all others.
            budget: masks that the target is asked for (64 for sentences, 256 for words, tokens).
            chunks, sentences: how many of each Phase I keeps; sentences by default so many as the
                budget can tell apart.
            design: of the masks: a name in `masks.DESIGNS`, or `tree` (dropped sentences take
                their words along). By default `bernoulli` for sentences, `local` for words and
                tokens, and LIME's `uniform-size` without a proxy.

        Raises:
            FocusLimeError: bad input; nothing was lost.
        """
        settings = resolve(
            has_proxy=self.proxy is not None,
            granularity=granularity,
            budget=budget,
            chunks=chunks,
            sentences=sentences,
            design=design,
            ablation=ablation,
            placeholder=placeholder,
            max_new_tokens=max_new_tokens,
        )
        if granularity == "token":
            self.model.tokens(prompt)  # a model without tokens says so before anything is asked
        ledger = Ledger()
        with self.stage("answer"):
            objective = choose(self.model, prompt, response, labels, max_new_tokens, ledger)

        def value_function(units: Units, progress: Progress | None = None) -> ValueFunction:
            return ValueFunction(
                self.model,
                prompt,
                units,
                objective,
                ablation=ablation,
                placeholder=placeholder,
                ledger=ledger,
                cache=self.cache,
                progress=progress,
            )

        # A prompt that the target cannot read must show before a proxy has worked on it.
        value_function(Units(())).estimate(np.ones((1, 0), dtype=bool))

        # Phase I: scout.
        if self.proxy is None:
            focus = everything(prompt)
        else:
            with self.stage("scout") as progress:
                focus = scout(
                    prompt,
                    self.proxy,
                    objective,
                    self.model,
                    n_chunks=settings.chunks,
                    n_sentences=settings.sentences,
                    seed=seed,
                    progress=progress,
                )

            ledger.add(focus.target_cost)

        # Phase II: attribute.
        units = units_within(self.model, prompt, focus.units, granularity)
        masks = masks_over(units, focus.units, settings, seed)
        with self.stage("attribute") as progress:
            f = value_function(units, progress)
            values = f(with_full(masks))[1:]  # in one call: masks share what they begin with
        base_value, favourite = f.full()
        n_fit = len(masks) - _held_out(masks)
        weights = lime_kernel(masks[:n_fit]) if self.proxy is None else None
        surrogate = fit(masks[:n_fit], values[:n_fit], weights, seed=seed)
        held_out = fidelity(surrogate, masks[n_fit:], values[n_fit:])
        return assemble(
            prompt=prompt,
            model=self.model,
            objective=objective,
            base_value=base_value,
            favourite=favourite,
            granularity=granularity,
            focus=focus,
            units=units,
            values=values,
            surrogate=surrogate,
            held_out=held_out,
            ledger=ledger,
            settings=asdict(settings),
            seed=seed,
        )

    def estimate(
        self,
        prompt: Prompt,
        *,
        response: str | Response | None = None,
        labels: Sequence[str] | None = None,
        seed: int = 0,
        **options: Any,
    ) -> Estimate:
        """What `explain` with the same options would ask of the target, before anything runs.

        See `focus_lime.estimate` for what stands for what nobody knows yet.
        """
        settings = resolve(has_proxy=self.proxy is not None, **options)
        return estimate(self.model, prompt, settings, self.proxy, response, labels, seed)


def _held_out(masks: Masks) -> int:
    """How many masks are never fitted: a fifth; none of few, nor of all that there are."""
    return 0 if len(masks) < 2 * _HELD_OUT or all_there(masks) else len(masks) // _HELD_OUT
