"""Phase I: a proxy chooses the neighborhood, from coarse to fine (arXiv 2602.04607).

The proxy scores the coarse units; inside the best of them it scores the scored units; the best of
those are the neighborhood S. How many are kept follows from the scores. What the proxy missed is
the business of `rescue`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Unit, Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import Proxy
from focus_lime.method.value import Progress
from focus_lime.models.base import Floats, Ledger, Model

_SHARE = 0.97  # of what the scores say: so much is kept


@dataclass(frozen=True)
class ScoredUnit:
    """A unit that the proxy scored, and whether it was kept."""

    unit: Unit
    score: float
    kept: bool


@dataclass(frozen=True)
class Neighborhood:
    """S, and how it came about. Without a proxy S is everything and nothing was scored.

    `notes` say what went wrong with the proxy.
    """

    units: Units
    proxy: str | None = None
    scored: tuple[ScoredUnit, ...] = ()
    cost: Ledger = field(default_factory=Ledger)
    target_cost: Ledger = field(default_factory=Ledger)
    notes: tuple[str, ...] = ()


def full_neighborhood(tree: UnitTree) -> Neighborhood:
    """All scored units of the prompt: plain LIME."""
    return Neighborhood(tree.scored)


def select(scores: Floats, most: int) -> NDArray[np.intp]:
    """Which units to keep, best first: the fewest that hold nearly all of what the scores say.

    What they say is the excess over the median, the score of a unit that does not matter. Never
    more than `most`, which is what Phase II can afford, nor less than half of that: a proxy is not
    to be believed when it puts everything on one unit. Equal scores are kept in reading order.
    """
    order = np.argsort(-scores, kind="stable")
    excess = np.clip(scores[order] - np.median(scores), 0.0, None)
    told = int(np.searchsorted(np.cumsum(excess), _SHARE * excess.sum())) + 1
    wanted = told if excess.sum() > 0 else most
    return order[: min(most, max(wanted, -(-most // 2)))]


def scout(
    prompt: Prompt,
    tree: UnitTree,
    proxy: Proxy,
    objective: Objective,
    *,
    target: Model,
    n_coarse: int,
    n_scored: int,
    seed: int,
    guarded: bool = False,
    progress: Progress | None = None,
) -> Neighborhood:
    """At most the best `n_scored` scored units of the best `n_coarse` coarse ones, by the proxy.

    Args:
        guarded: the target checks the result. Then a proxy that fails is no reason to stop: units
            are taken at random in its place, and the notes say so.

    Raises:
        FocusLimeError: not guarded, and the scores are not one finite number a unit.
    """
    scored: list[ScoredUnit] = []
    notes: list[str] = []
    cost, target_cost = Ledger(), Ledger()

    def best(candidates: Units, most: int, step: int) -> Units:
        """At most so many of the candidates, by a proxy call of their own."""
        if len(candidates) <= most:
            return candidates  # nothing to choose: no proxy call is spent on it
        plural = f"{candidates[0].level}s"
        try:
            rng = np.random.default_rng([seed, step])
            result = proxy.score(
                prompt, candidates, objective, target=target, rng=rng, progress=progress
            )
            fault = result.fault(len(candidates), plural)
            if fault:
                raise FocusLimeError(
                    f"the proxy {proxy.name} {fault}: it must give one finite score a unit"
                )
            scores = np.asarray(result.scores, dtype=np.float64)
            cost.add(result.cost)
            target_cost.add(result.target_cost)
            notes.extend(result.notes)
        except Exception as error:  # whatever a proxy of somebody else's raises
            if not guarded:
                raise
            why = first_line(error)
            notes.append(f"the proxy did not score the {plural} ({why}): chance took its place")
            scores = np.random.default_rng([seed, step]).random(len(candidates))
        if np.ptp(scores) == 0:
            notes.append(f"the proxy gave all {plural} the same score: the first were taken")
        chosen = {int(index) for index in select(scores, most)}
        scored.extend(
            ScoredUnit(unit, float(scores[i]), i in chosen) for i, unit in enumerate(candidates)
        )
        return candidates.select(chosen)

    coarse = None if tree.coarse is None else best(tree.coarse, n_coarse, 0)
    units = best(tree.units(tree.scored_level, within=coarse), n_scored, 1)
    return Neighborhood(
        units, proxy.name, tuple(scored), cost, target_cost, tuple(dict.fromkeys(notes))
    )
