"""The target as its own proxy: what does it say of each unit alone?

No other text is there to stand in for a unit, so evidence that the text has twice, or ten times, is
found each time. Blind where two units are needed together, unless they stand side by side. A prompt
is as short as its unit: all of them together are about one reading of the text, but a service that
is paid by the call is paid for each.

Where there are more units than calls, neighbors are asked about together and the best groups are
halved, as in the search of TracLLM (Wang et al. 2025, arXiv 2506.04202), with two differences: only
what a group brings alone counts, and a group competes with all others, not with those of its round.
"""

from __future__ import annotations

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.objective import Objective
from focus_lime.method.parts import Group, even_groups, halves
from focus_lime.method.proxy import ProxyScores
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Ledger, Model

_LEAST = 4  # calls: two groups, and the halves of one
_AT_ONCE = 4  # groups halved in one batch


class TargetAlone:
    """The target's value where one unit is all that is left of the text, `float64[n_units]`.

    Args:
        calls: for the units of one level, at most. Where units are more than that, half of the
            calls go to as many groups of neighbors, the others to halves of the best; a unit has
            the value of the smallest group that it was in.

    Raises:
        FocusLimeError: `calls` is no number, or too small.
    """

    name = "target-alone"

    def __init__(self, calls: int | str = 32) -> None:
        if not (str(calls).isdigit() and int(calls) >= _LEAST):
            raise FocusLimeError(f"calls are a number from {_LEAST} on, got {calls!r}")
        self._calls = int(calls)

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
        ledger = Ledger()
        everything = prompt.tree.scored
        f = ValueFunction(target, prompt, everything, objective, ledger=ledger, progress=progress)
        parents = everything.parents(units)

        def ask(groups: list[Group]) -> dict[Group, float]:
            only = np.array([(parents >= start) & (parents < end) for start, end in groups])
            return dict(zip(groups, map(float, f(only)), strict=True))

        left = self._calls
        n_groups = len(units) if len(units) <= left else left // 2
        values = ask(even_groups(len(units), n_groups))
        left -= n_groups
        while halved := _best(values)[: min(_AT_ONCE, left // 2)]:
            parts = [half for group in halved for half in halves(group)]
            left -= len(parts)
            for group in halved:
                del values[group]
            values |= ask(parts)
        scores = np.empty(len(units))
        for (start, end), value in values.items():
            scores[start:end] = value
        return ProxyScores(scores, target_cost=ledger)


def _best(values: dict[Group, float]) -> list[Group]:
    """Groups that can be halved, the highest value first."""
    wide = [(start, end) for start, end in values if end - start > 1]
    return sorted(wide, key=lambda group: (-values[group], group))
