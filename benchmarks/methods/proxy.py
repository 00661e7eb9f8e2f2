"""A proxy alone: its scores of all units are the weights, and the target is asked for nothing more.

Attention is `proxy: attention`. Scores have no unit, so they predict no values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.method.proxy import Proxy, load_proxy
from focus_lime.models.base import Floats

from .base import Attributions, Case


@dataclass(frozen=True)
class ProxyOnly:
    proxy: Proxy

    def explain(self, case: Case) -> Attributions:
        return Attributions(proxy_scores(case, self.proxy), is_additive=False)


def proxy_scores(case: Case, proxy: Proxy) -> Floats:
    """One score a unit; what they cost goes to the case's ledgers."""
    rng = np.random.default_rng([case.seed, 0])
    result = proxy.score(case.prompt, case.units, case.objective, target=case.model, rng=rng)
    case.ledger.add(result.target_cost)
    case.proxy_ledger.add(result.cost)
    fault = result.fault(len(case.units))
    if fault:
        raise FocusLimeError(f"the proxy {proxy.name} {fault}")
    return np.asarray(result.scores, dtype=np.float64)


def load(proxy: str = "bm25") -> ProxyOnly:
    """`proxy`: as `--proxy` takes it."""
    return ProxyOnly(load_proxy(proxy))
