"""Single drops (leave one out): f(x) - f(x without the unit), exactly.

`flat` drops every unit once, up to ten times the budget: what that costs stands in the table.
`hierarchical` is AttriBoT's (Liu et al. 2024, arXiv 2411.15102, section 3.2): whole chunks first,
then the units of the best chunks, as many as the budget pays for. `prune` is its proxy pruning
(section 3.3): a proxy ranks the units, the target drops the best ones. Units that were not dropped
are ranked by what dropped their chunk, and by the proxy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.masks import single_drops, with_full
from focus_lime.method.proxy import Proxy, load_proxy
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats

from .base import Attributions, Case
from .proxy import proxy_scores


@dataclass(frozen=True)
class Flat:
    def explain(self, case: Case) -> Attributions:
        n_units = len(case.units)
        case.check_fixed(n_units / 2)  # the middle one shares half of the prompt
        return Attributions(drops(case.value(), range(n_units)))


@dataclass(frozen=True)
class Hierarchical:
    def explain(self, case: Case) -> Attributions:
        chunks = case.prompt.tree.coarse
        if chunks is None:
            raise FocusLimeError("the prompt has no units coarser than its scored ones")
        over_chunks = case.value(chunks)
        effects = drops(over_chunks, range(len(chunks)))
        f, parents = over_chunks.over(case.units), case.units.parents(chunks)
        order = np.argsort(-effects, kind="stable")
        units = [int(i) for chunk in order for i in np.flatnonzero(parents == chunk)]
        weights = drops(f, units[: _n_affordable(case, f, units)])
        return Attributions(weights, tie_breakers=(effects[parents],))


@dataclass(frozen=True)
class Prune:
    proxy: Proxy

    def explain(self, case: Case) -> Attributions:
        scores = proxy_scores(case, self.proxy)
        units = [int(i) for i in np.argsort(-scores, kind="stable")]
        f = case.value()
        effects = drops(f, units[: _n_affordable(case, f, units)])
        return Attributions(effects, tie_breakers=(scores,))


def drops(f: ValueFunction, units: Iterable[int]) -> Floats:
    """The effect of dropping each of `units` alone, `float64[n_units]`; NaN for the others."""
    chosen = list(units)
    values = f(with_full(single_drops(len(f.units))[chosen]))
    effects: Floats = np.full(len(f.units), np.nan)
    effects[chosen] = values[0] - values[1:]
    return effects


def _n_affordable(case: Case, f: ValueFunction, units: list[int]) -> int:
    singles, spent = single_drops(len(f.units)), case.spent

    def cost(n: int) -> float:
        if n > len(units):
            return np.inf
        return spent + f.estimate(with_full(singles[units[:n]])).fpe

    return min(case.n_affordable(cost), len(units))


def load() -> Flat:
    return Flat()


def load_hierarchical() -> Hierarchical:
    return Hierarchical()


def load_prune(proxy: str = "bm25") -> Prune:
    """`proxy`: as `--proxy` takes it."""
    return Prune(load_proxy(proxy))
