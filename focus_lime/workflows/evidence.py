"""Evidence: text of a file, where it stands, and what it weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from focus_lime.explanation.result import ExplainedUnit, Explanation, ranked
from focus_lime.inputs.places import Place
from focus_lime.inputs.units import Span

Locate = Callable[[Span], Place]  # from a span of a prompt's sources


@dataclass(frozen=True)
class Passage:
    """Text without the white space around it, and where it stands."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True)
class Evidence(Passage):
    """A passage and its weight; see `ExplainedUnit`."""

    weight: float
    low: float | None
    high: float | None
    effect: float | None
    significant: bool


def passage_of(explanation: Explanation, span: Span, locate: Locate) -> Passage:
    return Passage(locate(span), explanation.text(span).strip())


def evidence_of(
    explanation: Explanation, locate: Locate, k: int, *, small: float = 0.0
) -> tuple[Evidence, ...]:
    """The `k` leading units that speak for what was decided. Where the verdict is no, units of both
    signs: those that speak for yes come next to it.

    Args:
        small: of the first one's weight: what weighs less is none.
    """
    is_no = explanation.is_decision and explanation.base_value < 0
    leading = [u for u in ranked(explanation.attributed) if u.weight and (u.weight > 0 or is_no)]
    least = small * abs(leading[0].weight or 0.0) if leading else 0.0
    units = [unit for unit in leading[:k] if abs(unit.weight or 0.0) >= least]
    return tuple(_evidence(explanation, unit, locate) for unit in units)


def _evidence(explanation: Explanation, unit: ExplainedUnit, locate: Locate) -> Evidence:
    return Evidence(
        place=locate(unit.span),
        text=explanation.text(unit).strip(),
        weight=unit.weight or 0.0,
        low=unit.low,
        high=unit.high,
        effect=unit.effect,
        significant=bool(unit.significant),
    )
