"""Other explainers on the texts of the jobs, each with as many calls of the model as ours had.

A peer gets the same model, the same prompt and all of its units, at the level of our weights. A
call is a text that it asks about, the whole one among them; the same text again is free. What it
may spend is what our command's explanation of that very text spent in all: proxy, masks, coverage
check, verification and sets. No peer spends more; it gets the most that it can make use of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span, Units
from focus_lime.method.masks import with_full
from focus_lime.method.objective import Score
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats
from focus_lime.workflows.flag import clearing

from ...methods import bisection, drops
from ...methods.base import Attributions, Case, Method
from ...registry import NotInstalled, build
from ...tasks.cuad_classifier import PaidByCall
from .job import OURS

Function = Callable[[list[str]], Floats]

_TRIES = 6


@dataclass(frozen=True)
class LeaveOneOut:
    """Every unit alone where the calls pay for that. Else AttriBoT's hierarchy (Liu et al. 2024,
    section 3.2): half of the calls drop runs of units, equally long, the others single units of the
    runs that took most along.
    """

    def explain(self, case: Case) -> Attributions:
        f, n_units, n_calls = case.value(), len(case.units), int(case.budget) - 1  # one is f(x)
        if n_units <= n_calls:
            return Attributions(drops.drops(f, range(n_units)))
        cuts = np.linspace(0, n_units, max(1, n_calls // 2) + 1).round().astype(int)
        runs = np.repeat(np.arange(len(cuts) - 1), np.diff(cuts))  # of every unit
        values = f(with_full(runs != np.arange(len(cuts) - 1)[:, None]))
        best_first = np.argsort(values[1:], kind="stable")
        units = [int(unit) for run in best_first for unit in np.flatnonzero(runs == run)]
        return Attributions(drops.drops(f, units[: n_calls - len(best_first)]))


@dataclass(frozen=True)
class Bisection:
    """TracLLM's search, K as large as its five where the calls suffice to end at single units."""

    def explain(self, case: Case) -> Attributions:
        def calls(keep: int) -> int:
            groups = min(2 * keep, len(case.units))
            n_rounds = 1 + int(np.ceil(np.log2(max(1, len(case.units) / groups))))
            return 2 + 2 * groups * n_rounds

        affordable = [keep for keep in range(1, 6) if calls(keep) <= case.budget]
        return bisection.load(max(affordable, default=1)).explain(case)


def load_peers() -> tuple[dict[str, Method], list[str]]:
    """The peers by name, and why others are not there: a package that is not installed."""
    kernel = {"design": "uniform-size", "options": {"kernel": True}}
    packages = {
        "plain LIME": ("surrogate", kernel),
        "lime": ("lime", {}),
        "shap, partition": ("shap-partition", {}),
    }
    peers: dict[str, Method] = {"leave one out": LeaveOneOut()}
    missing = []
    for label, (name, options) in packages.items():
        try:
            peers[label] = build("methods", label, name, options)
        except NotInstalled as error:
            missing.append(f"{label}: {error}")
    return {**peers, "bisection": Bisection()}, missing


@dataclass(frozen=True, eq=False)
class CallCase(Case):
    """A case whose budget is in calls, spent to the last one."""

    def n_affordable(self, cost: Callable[[int], float]) -> int:
        low, high = 2, 4 * int(self.budget) + 4
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if cost(middle) <= self.budget else (low, middle)
        return low


@dataclass(frozen=True)
class Answer:
    """A peer's weights, `float64[n_units]`, NaN where a unit was not examined, and its calls."""

    weights: Floats
    calls: int

    @property
    def supporting(self) -> list[int]:
        """The units of positive weight, the heaviest first."""
        weights = np.nan_to_num(self.weights, nan=0.0)
        return [int(unit) for unit in np.argsort(-weights, kind="stable") if weights[unit] > 0]


@dataclass(frozen=True, eq=False)
class Explained:
    """One text that our command explained, for its peers.

    Attributes:
        function: the model; it is asked once about each text, whoever asks.
        level: of our weights.

    Raises:
        FocusLimeError: the prompt is not the one that the command asked about.
    """

    prompt: Prompt
    function: Function
    level: str
    explanation: Explanation
    known: dict[str, float] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        value = self.value.full()
        if not np.isclose(value, self.explanation.base_value, rtol=1e-9, atol=1e-9):
            raise FocusLimeError(
                f"the peers' prompt has the value {value:g}, the command's "
                f"{self.explanation.base_value:g}: they are not the same text"
            )

    @cached_property
    def units(self) -> Units:
        return self.prompt.tree.units(self.level)

    @cached_property
    def model(self) -> PaidByCall:
        return PaidByCall(self._answer, name="a function of texts", fingerprint="")

    @property
    def value(self) -> ValueFunction:
        """The model through all units; its calls are nobody's."""
        return ValueFunction(self.model, self.prompt, self.units, Score())

    def leading(self, k: int) -> list[Span]:
        """The `k` units of largest positive weight, by us."""
        positive = [unit for unit in self.explanation.attributed if (unit.weight or 0.0) > 0]
        return [u.span for u in sorted(positive, key=lambda u: -(u.weight or 0.0))[:k]]

    @property
    def calls(self) -> int:
        """What our explanation asked, and each peer may ask."""
        return self.explanation.cost.target.calls

    def by(self, method: Method) -> Answer | None:
        """A peer's answer; None where it cannot explain this text within the calls.

        What a method asks is known only when it is done: masks that it drew twice are one call. So
        it begins anew with more or fewer, and the most that do not exceed the calls count.
        """
        best: Answer | None = None
        allowed = self.calls
        for _ in range(_TRIES):
            case = CallCase(
                self.model, self.prompt, Score(), self.level, self.units, allowed, seed=0
            )
            try:
                weights = method.explain(case).weights
            except FocusLimeError:
                break
            calls = case.ledger.calls
            if calls <= self.calls and (best is None or calls > best.calls):
                best = Answer(weights, calls)
            too_many = calls > self.calls and best is not None
            if too_many or calls == self.calls or allowed + self.calls - calls < 2:
                break
            allowed += self.calls - calls
        return best

    def calls_of(self, answers: Mapping[str, Answer]) -> dict[str, int]:
        """By method, of those that ask."""
        return {OURS: self.calls, **{name: answer.calls for name, answer in answers.items()}}

    def smallest_edit(self, answer: Answer) -> Units:
        """Units without which the value is at most 0, none of which can be spared: the search of
        `flag`, in the peer's order. Of the units of positive weight, or of all where those are not
        enough; no units where nothing is.
        """
        order = answer.supporting
        others = [unit for unit in range(len(self.units)) if unit not in set(order)]
        for candidates in (order, [*order, *others]):
            clearance = clearing(self.value, candidates, 0.0)
            if clearance is not None:
                return self.units.select(clearance[0])
        return self.units.select(())

    def answers(self, peers: Mapping[str, Method]) -> dict[str, Answer]:
        """Of the peers that can explain this text."""
        answers = {name: self.by(method) for name, method in peers.items()}
        return {name: answer for name, answer in answers.items() if answer is not None}

    def _answer(self, texts: list[str]) -> Floats:
        missing = [text for text in dict.fromkeys(texts) if text not in self.known]
        if missing:
            self.known.update(zip(missing, map(float, self.function(missing)), strict=True))
        return np.array([self.known[text] for text in texts])
