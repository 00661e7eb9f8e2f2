"""Focus-LIME, with the options of `FocusLime.explain` that change a weight: so each part of it can
be put off.

How many masks the budget pays for is not known before: it follows from where the neighborhood
stands, what its rescue asks for, and what the proxy asks of the target. So the prompt is explained
twice. The first time with the least number of masks, which shows all that; then with as many as the
rest of the budget pays for. Nothing is asked twice: the first masks are among the later ones, and
scores and the proxy's choice are remembered. A search of the target itself keeps to its budget: it
explains once.

At a level finer than the scored one, units of the neighborhood that were not opened spread their
weight over their finer ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from focus_lime.explain import FocusLime
from focus_lime.explanation.result import Cost, ExplainedUnit, Explanation
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Unit, Units
from focus_lime.method.cache import ScoreCache
from focus_lime.method.masking import Attribute
from focus_lime.method.mixed import Mixing
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import Proxy, ProxyScores, chosen_proxy
from focus_lime.method.search import TargetSearch
from focus_lime.method.settings import Settings
from focus_lime.method.value import Progress
from focus_lime.models.base import Floats, Ledger, Model

from .base import Attributions, Case, spread

_LEAST = Mixing.masks  # masks, by which the mixed estimator is judged; others need two


@dataclass(frozen=True)
class FocusLIME:
    """The settings are those of `FocusLime.explain`; level, budget and seed are the case's."""

    proxy: Proxy | None
    settings: Settings = field(default_factory=Settings)

    def explain(self, case: Case) -> Attributions:
        cache = ScoreCache()
        try:
            return _Explained(case, self, cache).attributions()
        finally:
            cache.close()


class _Explained:
    """One case, explained twice."""

    def __init__(self, case: Case, method: FocusLIME, cache: ScoreCache) -> None:
        proxy = method.proxy
        if proxy is not None and not isinstance(proxy, TargetSearch):
            proxy = _Remembered(proxy)
        self.case, self.explainer = case, FocusLime(case.model, proxy, cache=cache)
        self.settings = replace(method.settings, granularity=case.level, seed=case.seed)

    def attributions(self) -> Attributions:
        case = self.case
        roughly = case.n_affordable(lambda n: self._estimated(n))
        plan = self.explainer.plan(case.prompt, replace(self.settings, budget=roughly))
        if plan.searches:
            return attributions(case.units, self._explained(roughly))
        self.settings = replace(self.settings, n_scored=plan.settings.n_scored)
        explanation = self._explained(_LEAST)
        n_masks = self._n_affordable(explanation)
        if n_masks > _LEAST:
            explanation = self._explained(n_masks)
        return attributions(case.units, explanation)

    def _estimated(self, n_masks: int) -> float:
        """FPE of an explanation with so many masks, before anything is asked."""
        keywords = vars(replace(self.settings, budget=n_masks))
        case = self.case
        return self.explainer.estimate(case.prompt, objective=case.objective, **keywords).fpe

    def _explained(self, n_masks: int) -> Explanation:
        """The explanation with so many masks; what it cost is charged to the case."""
        case, keywords = self.case, vars(replace(self.settings, budget=n_masks))
        explanation = self.explainer.explain(case.prompt, objective=case.objective, **keywords)
        case.ledger.add(_ledger(explanation.cost.target))
        case.proxy_ledger.add(_ledger(explanation.cost.proxy))
        return explanation

    def _n_affordable(self, first: Explanation) -> int:
        """How many masks over the units of `first` the rest of the budget pays for."""
        case, units = self.case, _units(first.attributed)
        f, spent = case.value(units), case.spent
        scored = case.prompt.tree.scored
        parents = scored.select(i for i in units.parents(scored).tolist() if i >= 0)
        asked = self._attribute(_LEAST).plan.masks(units, parents, opened=True)

        def cost(n: int) -> float:
            beyond = self._attribute(n).price_beyond(
                f,
                parents,
                asked,
                agreement=first.fit.agreement,
                cached_context=first.fit.estimator == "mixed" and not first.fine_units,
            )
            return spent + beyond.tokens_computed / case.model.count_tokens(case.prompt)

        return case.n_affordable(cost)

    def _attribute(self, n_masks: int) -> Attribute:
        settings = replace(self.settings, budget=n_masks)
        return Attribute(self.explainer.plan(self.case.prompt, settings))


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


def attributions(units: Units, explanation: Explanation) -> Attributions:
    """What an explanation says of all units of a level."""
    weights = _of_units(units, explanation, lambda unit: unit.weight or 0.0)
    estimates = _of_units(units, explanation, lambda unit: unit.estimate or 0.0)
    # Of equal weights what was examined comes first: the proxy chose it before all others.
    examined_first = np.nan_to_num(estimates, nan=-np.inf)
    tie_breakers = examined_first, _proxy_scores(units, explanation)
    return Attributions(weights, tie_breakers, explanation=explanation)


def _ledger(cost: Cost) -> Ledger:
    return Ledger(**{f.name: getattr(cost, f.name) for f in fields(Ledger)})


def _units(units: Sequence[Unit]) -> Units:
    return Units(Unit(u.source, u.start, u.end, u.level, u.name) for u in units)


def _of_units(
    units: Units, explanation: Explanation, number: Callable[[ExplainedUnit], float]
) -> Floats:
    """A number of the explained units, or of their finer ones where they were opened, spread over
    `units`, `float64[n_units]`; NaN for units that were not examined.
    """
    coarse, fine = (
        spread(units, _units(explained), np.array([number(u) for u in explained], dtype=np.float64))
        for explained in (explanation.coarse, explanation.fine_units)
    )
    return np.where(np.isfinite(fine), fine, coarse)


def _proxy_scores(units: Units, explanation: Explanation) -> Floats:
    """What the proxy said of the units, or else of the coarse unit around them; -inf where it said
    nothing.
    """
    scores = np.full(len(units), -np.inf)
    scored = explanation.neighborhood.scored
    for level in dict.fromkeys(unit.level for unit in scored):  # the coarser first
        own = [unit for unit in scored if unit.level == level]
        parents = units.parents(_units(own))
        inside = parents >= 0
        scores[inside] = np.array([unit.score for unit in own])[parents[inside]]
    return scores


def load(
    proxy: str = "bm25",
    coverage_check: bool = True,
    estimator: str = "exact",
    design: str | None = None,
    confidence: float = 1.0,
    n_coarse: int | None = None,
    n_scored: int | None = None,
) -> FocusLIME:
    """Focus-LIME as it stands here. As in the paper: `coverage_check: false`, a small model as
    `proxy`.

    No units are verified and no sets looked for, since neither changes a weight; by default masks
    do not stop before the budget.

    Args:
        proxy: as `--proxy` takes it; `none` attributes the whole prompt.
    """
    settings = Settings(
        coverage_check=coverage_check,
        estimator=estimator,  # type: ignore[arg-type]
        design=design,
        sets=False,
        verify=0,
        confidence=confidence,
        n_coarse=n_coarse,
        n_scored=n_scored,
    )
    return FocusLIME(chosen_proxy(proxy), settings)
