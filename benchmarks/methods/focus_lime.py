"""Focus-LIME, with the options of `FocusLime.explain` that change a weight: so each part of it can
be put off.

How many masks the budget pays for is not known before: it follows from where the neighborhood
stands, what its rescue asks for, and what the proxy asks of the target. So the prompt is explained
twice. The first time with the least number of masks, which shows all that; then with as many as the
rest of the budget pays for. Nothing is asked twice: the first masks are among the later ones, and
scores and the proxy's choice are remembered.

At a level finer than sentences, those of the neighborhood that were not opened spread their weight
over their words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from focus_lime.attribution import CHECKS, cached_view, given_up
from focus_lime.errors import FocusLimeError
from focus_lime.explain import FocusLime
from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.neighborhood import Proxy, ProxyScores, load_proxy
from focus_lime.objective import LabelLogOdds, Objective, ResponseLogOdds
from focus_lime.perturb.cache import ScoreCache
from focus_lime.perturb.masks import Masks
from focus_lime.perturb.value import Progress
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Unit, Units
from focus_lime.settings import CACHED_TIMES, masks_over, resolve

from .base import Case, Found, spread

_LEDGER = [f.name for f in fields(Ledger)]
_LEAST = CHECKS  # masks, by which mixed fidelity is judged; others need two


@dataclass(frozen=True)
class FocusLIME:
    """Options in `options` are those of `FocusLime.explain`; the budget is the case's."""

    proxy: Proxy | None
    options: dict[str, Any] = field(default_factory=dict)

    def explain(self, case: Case) -> Found:
        cache = ScoreCache()
        try:
            return self._explain(case, cache)
        finally:
            cache.close()

    def _explain(self, case: Case, cache: ScoreCache) -> Found:
        proxy = None if self.proxy is None else _Remembered(self.proxy)
        explainer = FocusLime(case.model, proxy, cache=cache)
        options = {**self.options, "granularity": case.level}
        asked = {**_answer(case), "seed": case.seed}
        roughly = case.n_affordable(
            lambda n: explainer.estimate(case.prompt, budget=n, **options, **asked).fpe
        )
        options["sentences"] = explainer.settings(case.prompt, budget=roughly, **options).sentences
        found = explainer.explain(case.prompt, budget=_LEAST, **options, **asked)
        _charge(case, found)
        n_masks = self._n_affordable(case, found, options)
        if n_masks > _LEAST:
            found = explainer.explain(case.prompt, budget=n_masks, **options, **asked)
            _charge(case, found)
        weights = _of_units(case.units, found, lambda unit: unit.weight or 0.0)
        middles = _of_units(case.units, found, lambda unit: unit.middle)
        # Of equal weights what was examined comes first: the proxy chose it before all others.
        then = np.nan_to_num(middles, nan=-np.inf), _scores(case.units, found)
        return Found(weights, then, explanation=found)

    def _n_affordable(self, case: Case, first: Explanation, options: dict[str, Any]) -> int:
        """How many masks over the units of `first` the rest of the budget pays for."""
        units = _units(first.attributed)
        parents = split(case.prompt.sources, "sentence", units)
        f, spent = case.value(units), case.spent
        mixed = self.options.get("fidelity") == "mixed" and not first.parts
        cached = cached_view(f) if mixed else None
        exactly = not mixed or first.fit["fidelity"] == "exact"  # the cached context was given up
        agreement = first.fit["agreement"]

        def masks(n: int, times: int = 1) -> Masks:
            settings = resolve(has_proxy=self.proxy is not None, budget=n, **options)
            level = settings.granularity
            return masks_over(units, parents, settings, case.seed, level, times=times)

        known = {mask.tobytes() for mask in masks(_LEAST)}

        def cost(n: int) -> float:
            total = spent
            if cached is not None:
                total += cached.estimate(masks(n, CACHED_TIMES)).fpe
            new = [mask for mask in masks(n) if mask.tobytes() not in known]
            if new and (exactly or given_up(agreement, n, len(units))):
                total += f.estimate(np.array(new)).fpe
            return total

        return case.n_affordable(cost)


@dataclass
class _Remembered:
    """A proxy whose scores of the same units are asked, and paid, once."""

    proxy: Proxy
    known: dict[tuple[Unit, ...], ProxyScores] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.proxy.name

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
        key = tuple(units)
        if key in self.known:
            before = self.known[key]
            return ProxyScores(before.scores, notes=before.notes)
        self.known[key] = self.proxy.score(
            prompt, units, objective, target=target, rng=rng, progress=progress
        )
        return self.known[key]


def _charge(case: Case, explanation: Explanation) -> None:
    for ledger, side in ((case.ledger, "target"), (case.proxy_ledger, "proxy")):
        spent = explanation.cost[side]
        ledger.add(Ledger(**{name: spent[name] for name in _LEDGER}))


def _units(explained: tuple[ExplainedUnit, ...]) -> Units:
    return Units(Unit(u.source, u.start, u.end, u.level) for u in explained)


def _of_units(units: Units, found: Explanation, number: Callable[[ExplainedUnit], float]) -> Floats:
    """A number of the explained sentences, or of their parts where they were opened, spread over
    `units`, `float64[n_units]`; NaN for units that were not examined.
    """
    coarse, fine = (
        spread(units, _units(explained), np.array([number(u) for u in explained], dtype=np.float64))
        for explained in (found.sentences, found.parts)
    )
    return np.where(np.isfinite(fine), fine, coarse)


def _scores(units: Units, found: Explanation) -> Floats:
    """What the proxy said of the units, or else of their chunk; -inf where it said nothing."""
    scores = np.full(len(units), -np.inf)
    for level in ("chunk", "sentence"):
        scored = [one for one in found.neighborhood["scored"] if one["level"] == level]
        spans = Units(Unit(s["source"], s["start"], s["end"], s["level"]) for s in scored)
        parents = units.parents(spans)
        inside = parents >= 0
        scores[inside] = np.array([one["score"] for one in scored])[parents[inside]]
    return scores


def _answer(case: Case) -> dict[str, Any]:
    """The case's objective, as `FocusLime.explain` is told it."""
    objective = case.objective
    if isinstance(objective, ResponseLogOdds):
        return {"response": objective.response}
    if isinstance(objective, LabelLogOdds):
        return {"labels": [r.text for r in (*objective.positive, *objective.negative)]}
    return {"labels": [objective.query]} if case.model.labels else {}


def load(
    proxy: str = "bm25",
    audit: bool = True,
    fidelity: str = "exact",
    design: str | None = None,
    confidence: float = 1.0,
    chunks: int | None = None,
    sentences: int | None = None,
) -> FocusLIME:
    """Focus-LIME as it stands here. As in the paper: `audit: false`, a small model as `proxy`.

    No units are verified and no sets looked for, since neither changes a weight; by default masks
    do not stop before the budget.

    Args:
        proxy: as `--proxy` takes it; `none` attributes the whole prompt.
    """
    found = None if proxy == "none" else load_proxy(proxy)
    options: dict[str, Any] = {
        "audit": audit,
        "fidelity": fidelity,
        "design": design,
        "sets": False,
        "verify": 0,
        "confidence": confidence,
        "chunks": chunks,
        "sentences": sentences,
    }
    try:
        resolve(has_proxy=found is not None, **options)
    except TypeError as error:
        raise FocusLimeError(str(error)) from None
    return FocusLIME(found, options)
