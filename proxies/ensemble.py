"""Several proxies as one, by reciprocal rank fusion.

Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank
learning methods", SIGIR 2009. Ranks have no scale, so proxies whose scores have nothing in common
can be put together, and a unit that one of them ranks high stays in sight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.proxy import Proxy, ProxyScores, load_proxy
from focus_lime.method.value import Progress
from focus_lime.models.base import Floats, Ledger, Model

_K = 60  # the paper's


class Ensemble:
    """The sum of 1 / (60 + rank) over the members, rank 1 the best; equal scores share the mean
    of their ranks.

    A member that cannot score this prompt is left out, and the notes of the scores say so; only
    if none can is it an error. Costs are summed.
    """

    def __init__(self, members: Sequence[Proxy]) -> None:
        self.name = f"ensemble:{'+'.join(member.name for member in members)}"
        self._members = tuple(members)

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
        """Raises:
        FocusLimeError: no member could score the units.
        """
        fused: Floats = np.zeros(len(units))
        cost, target_cost = Ledger(), Ledger()
        notes: list[str] = []
        left_out: list[str] = []
        # Each has a generator of its own: what one draws does not change what another gives.
        for member, own in zip(self._members, rng.spawn(len(self._members)), strict=True):
            try:
                result = member.score(
                    prompt, units, objective, target=target, rng=own, progress=progress
                )
            except FocusLimeError as error:
                left_out.append(f"{member.name} was left out: {error}")
                continue
            cost.add(result.cost)
            target_cost.add(result.target_cost)
            notes += result.notes
            fault = result.fault(len(units))
            if fault:
                left_out.append(f"{member.name} was left out: it {fault}")
                continue
            ranks = rankdata(-np.asarray(result.scores, dtype=np.float64), method="average")
            fused += 1.0 / (_K + ranks)
        if len(left_out) == len(self._members):
            raise FocusLimeError(f"no proxy of the ensemble could score: {'; '.join(left_out)}")
        return ProxyScores(fused, cost, target_cost, (*notes, *left_out))


def load(spec: str) -> Ensemble:
    """`--proxy ensemble:SPEC+SPEC+...`, each SPEC what `--proxy` takes."""
    names = spec.split("+")
    if not all(name.strip() for name in names):
        raise FocusLimeError("a member has no name: give ensemble:PROXY+PROXY, as bm25+attention")
    return Ensemble([load_proxy(name) for name in names])
