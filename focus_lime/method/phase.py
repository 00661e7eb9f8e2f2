"""A phase of an explanation, which can be run or priced, and what the phases found.

A phase that runs asks the target and adds to the results. A phase that is priced counts what it
would ask, before anything runs, and adds to the results what stands for what nobody knows yet:
scored units spread evenly over the prompt stand for the neighborhood, nothing has to be rescued, no
masks are saved, and the sets that decide are single units. What the proxy asks, of itself or of the
target, is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from focus_lime.inputs.units import Units
from focus_lime.method.attribution import Attribution
from focus_lime.method.rescue import CoverageCheck
from focus_lime.method.scout import Neighborhood
from focus_lime.method.sets import DecidingSets, Subset
from focus_lime.method.value import Progress, ValueFunction
from focus_lime.models.base import Estimate


@dataclass(eq=False)
class PhaseResults:
    """What the phases found so far.

    Attributes:
        noise: see `Asked`; None where nothing was asked twice.
        units: the neighborhood with what was added to it; then the units that were attributed.
        coarse: the attribution of `units`.
        fine_units, fine: what the leading ones of `units` were opened to, and their attribution.
        answered_without, counterfactual_answer: units, and what the model answers without them.
    """

    neighborhood: Neighborhood = field(default_factory=lambda: Neighborhood(Units(())))
    units: Units = field(default_factory=lambda: Units(()))
    noise: float | None = None
    check: CoverageCheck | None = None
    coarse: Attribution | None = None
    sets: DecidingSets | None = None
    answered_without: Subset = ()
    counterfactual_answer: str | None = None
    fine_units: Units = field(default_factory=lambda: Units(()))
    fine: Attribution | None = None


class Phase(Protocol):
    @property
    def name(self) -> str: ...

    def run(self, f: ValueFunction, results: PhaseResults, progress: Progress | None) -> None:
        """Ask the target, and add to the results.

        Args:
            f: over all scored units of the prompt.
        """

    def price(self, f: ValueFunction, results: PhaseResults) -> Estimate:
        """What `run` would ask of the target, once it has read the prompt."""
