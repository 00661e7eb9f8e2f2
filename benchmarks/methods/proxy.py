"""A proxy alone: its scores of all units are the weights, and the target is asked for nothing more.

Attention is `proxy: attention`. Scores have no unit, so they foretell no values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Floats
from focus_lime.neighborhood import Proxy, load_proxy

from .base import Case, Found


@dataclass(frozen=True)
class ProxyOnly:
    proxy: Proxy

    def explain(self, case: Case) -> Found:
        return Found(proxy_scores(case, self.proxy), nats=False)


def proxy_scores(case: Case, proxy: Proxy) -> Floats:
    """One score a unit; what they cost goes to the case's ledgers."""
    rng = np.random.default_rng([case.seed, 0])
    found = proxy.score(case.prompt, case.units, case.objective, target=case.model, rng=rng)
    case.ledger.add(found.target_cost)
    case.proxy_ledger.add(found.cost)
    fault = found.fault(len(case.units))
    if fault:
        raise FocusLimeError(f"the proxy {proxy.name} {fault}")
    return np.asarray(found.scores, dtype=np.float64)


def load(proxy: str = "bm25") -> ProxyOnly:
    """`proxy`: as `--proxy` takes it."""
    return ProxyOnly(load_proxy(proxy))
