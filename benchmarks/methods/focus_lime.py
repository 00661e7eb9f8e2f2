"""Focus-LIME, with every option of `FocusLime.explain`: so each part of it can be put off.

How many masks it asks for follows from the budget, by `FocusLime.estimate`, which counts neither
what a rescue asks nor the proxy's use of the target: the meter does, and `reserve` keeps something
back for them. At a level finer than
sentences, those of the neighborhood that were not opened spread their weight over their words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.explain import FocusLime
from focus_lime.explanation import ExplainedUnit
from focus_lime.models.base import Floats, Ledger
from focus_lime.neighborhood import Proxy, load_proxy
from focus_lime.objective import LabelLogOdds, ResponseLogOdds
from focus_lime.prompt.units import Unit, Units
from focus_lime.settings import resolve

from .base import Case, Found, spread

_LEDGER = [f.name for f in fields(Ledger)]


@dataclass(frozen=True)
class FocusLIME:
    """Options in `options` are those of `FocusLime.explain`; the budget is the case's."""

    proxy: Proxy | None
    reserve: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)

    def explain(self, case: Case) -> Found:
        explainer = FocusLime(case.model, self.proxy)
        asked = {**self.options, "granularity": case.level, "seed": case.seed, **_answer(case)}

        def cost(n: int) -> float:
            return self.reserve + explainer.estimate(case.prompt, budget=n, **asked).fpe

        explanation = explainer.explain(case.prompt, budget=case.n_affordable(cost), **asked)
        for ledger, side in ((case.ledger, "target"), (case.proxy_ledger, "proxy")):
            spent = explanation.cost[side]
            ledger.add(Ledger(**{name: spent[name] for name in _LEDGER}))
        found = _weights(case.units, explanation.sentences)
        if explanation.parts:
            fine = _weights(case.units, explanation.parts)
            found = np.where(np.isfinite(fine), fine, found)
        return Found(found)


def _weights(units: Units, explained: tuple[ExplainedUnit, ...]) -> Floats:
    coarse = Units(Unit(u.source, u.start, u.end, u.level) for u in explained)
    weights = np.array([unit.weight for unit in explained], dtype=np.float64)
    return spread(units, coarse, weights)


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
    sets: bool = False,
    verify: int = 0,
    confidence: float = 1.0,
    chunks: int = 6,
    sentences: int | None = None,
    reserve: float = 0.0,
) -> FocusLIME:
    """Focus-LIME as it stands here. As in the paper: `audit: false`, a small model as `proxy`.

    By default no units are verified and no sets looked for, since neither changes a weight, and
    masks do not stop before the budget.

    Args:
        proxy: as `--proxy` takes it; `none` attributes the whole prompt.
        reserve: FPE of the budget that are not spent on masks.
    """
    found = None if proxy == "none" else load_proxy(proxy)
    options: dict[str, Any] = {
        "audit": audit,
        "fidelity": fidelity,
        "design": design,
        "sets": sets,
        "verify": verify,
        "confidence": confidence,
        "chunks": chunks,
        "sentences": sentences,
    }
    try:
        resolve(has_proxy=found is not None, **options)
    except TypeError as error:
        raise FocusLimeError(str(error)) from None
    return FocusLIME(found, reserve, options)
