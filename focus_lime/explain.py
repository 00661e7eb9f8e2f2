"""Focus-LIME, from coarse to fine (arXiv 2602.04607).

Phase I, scout: a proxy scores chunks, then the sentences of the best chunks; the best sentences
are the neighborhood S. Phase II, attribute: the target answers masks over the units in S, all
else stays as it was, and a sparse surrogate of (mask, value) pairs gives every unit its weight.

Without a proxy S is the whole prompt. That is plain LIME, the baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

from focus_lime import objective as objectives
from focus_lime.assemble import assemble
from focus_lime.errors import FocusLimeError, near
from focus_lime.explanation import Explanation
from focus_lime.models.base import Ablation, Ledger, Model, Response
from focus_lime.models.load import load_model
from focus_lime.neighborhood import Neighborhood, Proxy, everything, load_proxy, scout
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.masks import DESIGNS, Masks, lime_kernel, within_tree
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Units
from focus_lime.surrogate import fidelity, fit

Granularity = Literal["sentence", "word", "token"]
GRANULARITIES: tuple[Granularity, ...] = ("sentence", "word", "token")

# Shows the progress of one stage: stage(name) is a context manager around a Progress.
Stage = Callable[[str], AbstractContextManager[Progress | None]]

_BUDGET = {"sentence": 64, "word": 256, "token": 256}
_CALLS_PER_SENTENCE = {"sentence": 4, "word": 48, "token": 48}  # sets how many sentences S holds
_DESIGN = {"sentence": "bernoulli", "word": "local", "token": "local"}
_LIME_DESIGN = "uniform-size"
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
        max_new_tokens: int = 64,
    ) -> ValueFunction:
        """The target seen through all units of one level: `bool[n_masks, n_units] -> float64`."""
        ledger = Ledger()
        objective = objectives.choose(
            self.model,
            prompt,
            response=response,
            labels=labels,
            max_new_tokens=max_new_tokens,
            ledger=ledger,
        )
        tokens = level == "token"
        units = self.model.tokens(prompt) if tokens else split(prompt.sources, level)
        return ValueFunction(
            self.model,
            prompt,
            units,
            objective,
            ablation=ablation,
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
        budget = _BUDGET.get(granularity, 0) if budget is None else budget
        _check(granularity, budget, chunks, sentences, design)
        design = design or (_DESIGN[granularity] if self.proxy else _LIME_DESIGN)
        n_sentences = sentences or max(1, budget // _CALLS_PER_SENTENCE[granularity])
        settings = {
            "granularity": granularity,
            "budget": budget,
            "chunks": chunks,
            "sentences": n_sentences,
            "design": design,
            "ablation": ablation,
            "placeholder": placeholder if ablation == "placeholder" else None,
            "max_new_tokens": max_new_tokens,
        }
        if granularity == "token":
            self.model.tokens(prompt)  # a model without tokens says so before anything is asked
        ledger = Ledger()
        with self.stage("answer"):
            objective = objectives.choose(
                self.model,
                prompt,
                response=response,
                labels=labels,
                max_new_tokens=max_new_tokens,
                ledger=ledger,
            )

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
        base_value, favourite = value_function(Units(())).full()

        # Phase I: scout.
        if self.proxy is None:
            focus = everything(prompt)
        else:
            with self.stage("scout") as progress:
                focus = scout(
                    prompt,
                    self.proxy,
                    objective,
                    n_chunks=chunks,
                    n_sentences=n_sentences,
                    seed=seed,
                    progress=progress,
                )

        # Phase II: attribute.
        units = self._units(prompt, focus, granularity)
        masks = self._masks(units, focus, design, budget, seed)
        with self.stage("attribute") as progress:
            values = value_function(units, progress)(masks)
        n_fit = len(masks) - _held_out(len(masks), len(units))
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
            settings=settings,
            seed=seed,
        )

    def _units(self, prompt: Prompt, focus: Neighborhood, granularity: Granularity) -> Units:
        if granularity == "sentence":
            return focus.units
        if granularity == "word":
            return split(prompt.sources, "word", within=focus.units)
        return self.model.tokens(prompt).within(focus.units)

    def _masks(
        self, units: Units, focus: Neighborhood, design: str, budget: int, seed: int
    ) -> Masks:
        if design == "tree":
            parents = units.parents(focus.units)
            return within_tree(parents, budget, seed, keep_parent=0.8, keep=0.8)
        return DESIGNS[design](len(units), budget, seed)


def _held_out(n_masks: int, n_units: int) -> int:
    """How many masks are never fitted: a fifth; none of few, nor of all that there are."""
    everything_known = n_units < 60 and n_masks == 2**n_units
    return 0 if everything_known or n_masks < 2 * _HELD_OUT else n_masks // _HELD_OUT


def _check(
    granularity: str, budget: int, chunks: int, sentences: int | None, design: str | None
) -> None:
    designs = [*DESIGNS, "tree"]
    if design is not None and design not in designs:
        raise FocusLimeError(f"no design {design!r}: {near(design, designs)}")
    if granularity not in GRANULARITIES:
        raise FocusLimeError(f"no granularity {granularity!r}: {near(granularity, GRANULARITIES)}")
    if budget < 2:
        raise FocusLimeError(f"a budget of {budget} masks explains nothing: give 2 or more")
    if chunks < 1 or (sentences is not None and sentences < 1):
        raise FocusLimeError("the neighborhood needs at least one chunk and one sentence")
