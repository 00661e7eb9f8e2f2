"""What a method gets and gives: a case, and attributions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Units
from focus_lime.method.masks import Masks, with_full
from focus_lime.method.objective import Objective
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.models.hf import HFCausalLM


@dataclass(frozen=True, eq=False)
class Case:
    """One prompt, its objective and its units, and what may be spent on it.

    Attributes:
        units: all of the prompt at `level`; weights are wanted for these.
        budget: target tokens computed, in full-prompt equivalents (FPE).
        ledger: what our own scoring asked of the target.
        proxy_ledger: what a proxy's own model was asked.
    """

    model: Model
    prompt: Prompt
    objective: Objective
    level: str
    units: Units
    budget: float
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    proxy_ledger: Ledger = field(default_factory=Ledger)

    def value(self, units: Units | None = None) -> ValueFunction:
        """The target through `units`, by deletion; without any score that is known already."""
        units = self.units if units is None else units
        return ValueFunction(self.model, self.prompt, units, self.objective, ledger=self.ledger)

    def affordable(self, f: ValueFunction, design: Callable[[int], Masks]) -> Masks:
        """The first masks of a design that the budget pays for, f(x) beside them.

        Args:
            design: how many -> that many masks or fewer; a longer run extends a shorter one.
        """
        return design(self.n_affordable(lambda n: f.estimate(with_full(design(n))).fpe))

    def n_affordable(self, cost: Callable[[int], float]) -> int:
        """The largest n >= 2 with cost(n) within the budget, to a tenth of n.

        `cost` is in FPE and grows with n. Two masks are the fewest that say anything.
        """
        low, high = 2, 4
        while high < _MOST and cost(high) <= self.budget:
            low, high = high, 2 * high
        while high - low > max(1, low // 10):
            middle = (low + high) // 2
            low, high = (middle, high) if cost(middle) <= self.budget else (low, middle)
        return low

    @property
    def spent(self) -> float:
        """FPE that our own scoring has asked for so far."""
        return self.ledger.tokens_computed / self.model.count_tokens(self.prompt)

    def unshared(self, f: ValueFunction) -> float:
        """FPE of a mask, on average, to a peer that reads every prompt from its beginning: the mean
        of everything and nothing.
        """
        ends = np.array([[True], [False]]).repeat(len(f.units), axis=1)
        tokens = [len(self.causal.encoder.variant_ids(f.variant(mask))) for mask in ends]
        return sum(tokens) / 2 / self.model.count_tokens(self.prompt)

    def check_fixed(self, cost: float) -> None:
        """For methods whose cost (FPE) follows from the units: far beyond the budget they say no.

        Raises:
            FocusLimeError: it is more than ten times the budget.
        """
        if cost > _FAR * self.budget:
            raise FocusLimeError(
                f"{len(self.units)} {self.level}s ask for {cost:,.0f} FPE, more than {_FAR} times "
                f"the budget of {self.budget:g}"
            )

    @property
    def causal(self) -> HFCausalLM:
        """The target, for methods that look into it.

        Raises:
            FocusLimeError: it is no causal language model of Hugging Face.
        """
        if not isinstance(self.model, HFCausalLM):
            raise FocusLimeError(f"{self.model.name} is no causal language model of Hugging Face")
        return self.model

    def response_ids(self, method: str) -> list[int]:
        """Token ids of the response, for methods that explain nothing else.

        Raises:
            FocusLimeError: what is explained is not the log-odds of a whole response.
        """
        objective = self.objective
        if not isinstance(objective, ResponseLogOdds) or objective.part is not None:
            raise FocusLimeError(f"{method} explains a whole response, not {objective.name}")
        return list(self.causal.encode_response(*objective.continuations))


_FAR = 10
_MOST = 4096  # masks; a design over few units runs out of new ones long before


@dataclass(frozen=True, eq=False)
class Attributions:
    """One method's answer to one case.

    Attributes:
        weights: `float64[n_units]`, higher: speaks more for the response. NaN: not examined,
            which counts 0 in every metric.
        tie_breakers: `float64[n_units]` each. Among units of equal weight the first of them ranks,
            the highest number first, then the next one, then chance. For what a method knows of
            units that it left at 0 or did not examine; they predict no values.
        is_additive: weights are effects in nats, so that their sums predict values.
        explanation: the whole explanation, where the method has more than weights.
    """

    weights: Floats
    tie_breakers: tuple[Floats, ...] = ()
    is_additive: bool = True
    explanation: Explanation | None = None

    @property
    def examined(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.isfinite(self.weights)


class Method(Protocol):
    """One file each in `methods/`; options are the arguments of its factory."""

    def explain(self, case: Case) -> Attributions:
        """Raises:
        FocusLimeError: the method cannot explain this case; the tables say why.
        """


def spread(units: Units, coarser: Units, weights: Floats) -> Floats:
    """Weights of coarser units, each spread evenly over the finer ones in it, `float64[n_units]`.

    NaN for units that are in none. A sum of weights stays what it was.
    """
    parents = units.parents(coarser)
    inside = parents >= 0
    shares = np.bincount(parents[inside], minlength=len(coarser))
    fine: Floats = np.full(len(units), np.nan)
    fine[inside] = weights[parents[inside]] / shares[parents[inside]]
    return fine
