"""Focus-LIME, from coarse to fine (arXiv 2602.04607).

Phase I, scout: a proxy scores chunks, then the sentences of the best chunks; the best sentences
are the neighborhood S. The target audits it: what the proxy missed is added. Phase II, attribute:
the target answers masks over the sentences in S, all else stays as it was, and a sparse surrogate
of (mask, value) pairs gives each its weight. The leading ones are verified by exact deletion, the
sets that decide are looked for, and, if asked, the leading sentences are opened to words or tokens.

Without a proxy S is the whole prompt. That is plain LIME, the baseline.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, Literal, Unpack

import numpy as np

from focus_lime.assemble import Findings, assemble
from focus_lime.attribution import attribute, caches
from focus_lime.audit import audit
from focus_lime.errors import FocusLimeError
from focus_lime.estimate import estimate
from focus_lime.explanation import Explanation
from focus_lime.models.base import Ablation, Estimate, Ledger, Model, Response
from focus_lime.models.load import load_model
from focus_lime.neighborhood import Proxy, everything, load_proxy, scout
from focus_lime.objective import Labels, ResponseLogOdds, choose
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.value import Progress, ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Level, Units
from focus_lime.sets import Sets, find_sets
from focus_lime.settings import (
    CACHED_TIMES,
    OPENED,
    Options,
    Settings,
    masks_over,
    resolve,
    units_within,
)

# Shows the progress of one stage: stage(name) is a context manager around a Progress.
Stage = Callable[[str], AbstractContextManager[Progress | None]]

_TOP_WORDS = 8  # so many words must be settled before masks stop early


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
        labels: Labels | None = None,
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

    def settings(self, prompt: Prompt, **options: Unpack[Options]) -> Settings:
        """What the options mean here: where mixed fidelity is asked of a model that cannot answer
        over its cached context, S is no larger than exact masks can attribute.

        Raises:
            FocusLimeError: an option that is unknown or too small.
        """
        has_proxy = self.proxy is not None
        settings = resolve(has_proxy=has_proxy, **options)
        if settings.fidelity == "mixed" and not caches(self.model, prompt):
            options["fidelity"] = "exact"
            exact = resolve(has_proxy=has_proxy, **options)
            settings = replace(settings, chunks=exact.chunks, sentences=exact.sentences)
        return settings

    def explain(
        self,
        prompt: Prompt,
        *,
        response: str | Response | None = None,
        labels: Labels | None = None,
        seed: int = 0,
        **options: Unpack[Options],
    ) -> Explanation:
        """Explain the target's answer to `prompt`, or the given response, or labels.

        Args:
            labels: the first against the others, each a text or a list of its wordings; for a
                classifier, its class against all others.
            options: see `focus_lime.settings.Options`.

        Raises:
            FocusLimeError: bad input; nothing was lost.
        """
        settings = self.settings(prompt, **options)
        if settings.granularity == "token":
            self.model.tokens(prompt)  # a model without tokens says so before anything is asked
        ledger = Ledger()
        self.model.release()  # what others had it read is not ours: the cost would be another
        with self.stage("answer"):
            tokens = settings.max_new_tokens
            objective = choose(self.model, prompt, response, labels, tokens, ledger)
        f = ValueFunction(
            self.model,
            prompt,
            split(prompt.sources, "sentence"),
            objective,
            ablation=settings.ablation,
            placeholder=settings.placeholder or "...",
            ledger=ledger,
            cache=self.cache,
        )
        # A prompt that the target cannot read must show before a proxy has worked on it.
        f.estimate(np.ones((1, len(f.units)), dtype=bool))
        try:
            found = self._phases(prompt, f, settings, seed)
        finally:
            self.model.release()
        return assemble(prompt, self.model, f, found, settings, seed)

    def _phases(self, prompt: Prompt, f: ValueFunction, settings: Settings, seed: int) -> Findings:
        # Phase I: scout.
        if self.proxy is None:
            focus = everything(prompt)
        else:
            with self.stage("scout") as progress:
                focus = scout(
                    prompt,
                    self.proxy,
                    f.objective,
                    self.model,
                    n_chunks=settings.chunks,
                    n_sentences=settings.sentences,
                    seed=seed,
                    guarded=settings.audit,
                    progress=progress,
                )
            f.ledger.add(focus.target_cost)
        sentences, audited = focus.units, None
        if settings.audit:
            with self.stage("audit") as progress:
                sentences, audited = audit(f.over(f.units, progress=progress), sentences)

        # Phase II: attribute. Plain LIME goes to the finest level at once.
        flat = self.proxy is None
        level = settings.granularity if flat else "sentence"
        units = units_within(self.model, prompt, sentences, level)
        masks = masks_over(units, sentences, settings, seed, level)
        budget, fidelity = len(masks), settings.fidelity if level == "sentence" else "exact"
        if fidelity == "mixed":
            masks = masks_over(units, sentences, settings, seed, level, times=CACHED_TIMES)
        with self.stage("attribute") as progress:
            whole = attribute(
                f.over(units, progress=progress),
                masks,
                fidelity=fidelity,
                budget=budget,
                lime=flat,
                verify=settings.verify,
                confidence=settings.confidence,
                seed=seed,
            )
        sets, instead = None, None
        needed = audited is None or audited.outcome != "not_in_context"
        if settings.sets and level == "sentence" and needed:
            nothing = float(f(np.zeros((1, len(f.units)), dtype=bool))[0])
            with self.stage("sets") as progress:
                sets = find_sets(f.over(units, progress=progress), whole.leading, nothing)
                instead = self._instead(f, units, sets, settings)
        words, fine = Units(()), None
        if level != settings.granularity:
            opened = units.select(whole.reported[:OPENED] or whole.leading[:1])
            words = units_within(self.model, prompt, opened, settings.granularity)
            masks = masks_over(words, opened, settings, seed, settings.granularity)
            with self.stage("open") as progress:
                fine = attribute(
                    f.over(words, progress=progress),
                    masks,
                    top=_TOP_WORDS,
                    verify=settings.verify,
                    confidence=settings.confidence,
                    seed=seed,
                )
        return Findings(focus, audited, units, whole, sets, instead, words, fine)

    def _instead(
        self, f: ValueFunction, units: Units, sets: Sets, settings: Settings
    ) -> str | None:
        """The model's answer without the first of the sets that turn it."""
        if not sets.flips or not isinstance(f.objective, ResponseLogOdds):
            return None
        kept = np.ones(len(units), dtype=bool)
        kept[list(sets.flips[0])] = False
        variant = f.over(units).variant(kept)
        try:
            left = variant.prompt.without(variant.dropped, variant.filler)
            return self.model.generate(left, settings.max_new_tokens, f.ledger).text
        except FocusLimeError:  # no text is left, or no answer comes
            return None

    def estimate(
        self,
        prompt: Prompt,
        *,
        response: str | Response | None = None,
        labels: Labels | None = None,
        seed: int = 0,
        **options: Unpack[Options],
    ) -> Estimate:
        """What `explain` with the same options would ask of the target, before anything runs.

        See `focus_lime.estimate` for what stands for what nobody knows yet.
        """
        settings = self.settings(prompt, **options)
        self.model.release()
        return estimate(self.model, prompt, settings, self.proxy, response, labels, seed)
