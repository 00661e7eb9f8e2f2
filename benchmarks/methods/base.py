"""What a method gets and gives: a case, and one weight a unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.explanation import Explanation
from focus_lime.models.base import Floats, Ledger, Model
from focus_lime.models.hf import HFCausalLM
from focus_lime.objective import Objective
from focus_lime.perturb.masks import Masks, with_full
from focus_lime.perturb.value import ValueFunction
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Level, Units


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
    level: Level
    units: Units
    budget: float
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    proxy_ledger: Ledger = field(default_factory=Ledger)

    def value(self, units: Units | None = None) -> ValueFunction:
        """The target through `units`, by deletion; nothing that it said before is known to it."""
        found = self.units if units is None else units
        return ValueFunction(self.model, self.prompt, found, self.objective, ledger=self.ledger)

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
        return self.ledger.tokens_computed / self.model.length(self.prompt)

    def unshared(self, f: ValueFunction) -> float:
        """FPE of a mask, on average, to a peer that reads every prompt from its beginning: the mean
        of everything and nothing.
        """
        ends = np.array([[True], [False]]).repeat(len(f.units), axis=1)
        tokens = [len(self.causal.encoder.variant_ids(f.variant(mask))) for mask in ends]
        return sum(tokens) / 2 / self.model.length(self.prompt)

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


_FAR = 10
_MOST = 4096  # masks; a design over few units runs out of new ones long before


@dataclass(frozen=True, eq=False)
class Found:
    """One method's answer to one case.

    Attributes:
        weights: `float64[n_units]`, higher: speaks more for the response. NaN: not examined,
            which counts 0 in every metric.
        then: `float64[n_units]` each: rank units of equal weight, the highest first, the first of
            these numbers before the next; what the method knows of units that it left at 0 or did
            not examine. They foretell nothing, and chance decides what they leave open. By chance
            alone Focus-LIME's R-precision on words was .24, by the middles of its intervals .58
            (nine planted contracts of 2,000 tokens, exact masks).
        nats: whether weights are meant to sum to effects in nats, so that they foretell values.
        explanation: all that the method says, where that is more than weights.
    """

    weights: Floats
    then: tuple[Floats, ...] = ()
    nats: bool = True
    explanation: Explanation | None = None

    @property
    def examined(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return np.isfinite(self.weights)


class Method(Protocol):
    """One file each in `methods/`; options are the arguments of its factory."""

    def explain(self, case: Case) -> Found:
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
    found = np.full(len(units), np.nan)
    found[inside] = weights[parents[inside]] / shares[parents[inside]]
    return found
