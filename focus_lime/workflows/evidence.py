"""Evidence: text of a file, where it stands, and what it weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from focus_lime.explanation.result import ExplainedUnit, Explanation
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


def evidence_of(explanation: Explanation, locate: Locate, k: int) -> tuple[Evidence, ...]:
    """The `k` leading units, less those of weight 0."""
    return tuple(_evidence(explanation, u, locate) for u in explanation.top(k) if u.weight)


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
