"""What to mark in a text and how strongly: one rule for the page and the terminal."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from focus_lime.explanation.formats import quote
from focus_lime.explanation.result import ExplainedUnit, Explanation
from focus_lime.inputs.units import Span

STEPS = 5
FAINT = 0.02  # below this share of the largest |weight| a unit is shown as "examined, about 0"
_STILL = 1e-6  # a largest |weight| below this is noise, and is not stretched over the whole scale


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a source's text; `unit` is the attributed unit it shows, None for all other text."""

    text: str
    unit: ExplainedUnit | None = None


def pieces(text: str, units: Iterable[ExplainedUnit]) -> Iterator[Piece]:
    """Tile `text`: the pieces joined in order are `text`, character for character.

    `units` are those of this text, in reading order. White space at the ends of a unit belongs to
    the text around it; a unit of white space alone gives an empty piece at its start, so that
    a link to it still finds its place.
    """
    plain = cursor = 0  # text[plain:cursor] is not written yet
    for unit in units:
        start, end = max(unit.start, cursor), min(unit.end, len(text))
        if unit.status != "attributed" or start >= end:
            continue
        inside = text[start:end]
        marked = inside.strip()
        first = start + (len(inside) - len(inside.lstrip()) if marked else 0)
        if plain < first:
            yield Piece(text[plain:first])
        yield Piece(marked, unit)
        plain, cursor = first + len(marked), end
    if plain < len(text):
        yield Piece(text[plain:])


class Scale:
    """Weights as steps from -STEPS (opposes the answer) to STEPS (supports it); 0 is about 0.

    `units` set the scale: what the text is painted by. A unit that was opened may weigh more than
    any of its fine units; it gets the last step.
    """

    def __init__(self, units: Iterable[ExplainedUnit]) -> None:
        self.largest = max((abs(unit.weight or 0.0) for unit in units), default=0.0)

    def step(self, unit: ExplainedUnit) -> int:
        weight = unit.weight or 0.0
        if self.largest < _STILL or abs(weight) < FAINT * self.largest:
            return 0
        share = min(abs(weight), self.largest) / self.largest
        strength = max(1, math.ceil(share * STEPS))
        return strength if weight > 0 else -strength


def top_spans(explanation: Explanation, scale: Scale, k: int) -> list[ExplainedUnit]:
    """The top `k` units, less those whose weight is about 0."""
    return [unit for unit in explanation.top(k) if scale.step(unit)]


def opened(explanation: Explanation) -> dict[ExplainedUnit, list[ExplainedUnit]]:
    """The units that were opened, in reading order, with their fine units."""
    units = sorted(explanation.coarse, key=lambda unit: (unit.source, unit.start))
    starts = [(unit.source, unit.start) for unit in units]
    fine_units: dict[ExplainedUnit, list[ExplainedUnit]] = {}
    for fine in explanation.fine_units:
        at = bisect_right(starts, (fine.source, fine.start)) - 1
        if at >= 0:
            fine_units.setdefault(units[at], []).append(fine)
    return fine_units


def quoted(explanation: Explanation, span: Span, length: int, name: str | None) -> str:
    """A span that no list holds: its text in quotes, and the name of its unit."""
    text = f"“{quote(explanation.text(span), length)}”"
    return f"{text} ({quote(name, length)})" if name else text


def place(explanation: Explanation, unit: ExplainedUnit, line: int) -> str:
    """Where a unit stands: its name, or its message where there are several, and its line."""
    where = f"{unit.name}, " if unit.name else ""
    if not where and len(explanation.sources) > 1:
        where = f"message {explanation.sources[unit.source].message + 1}, "
    return f"{where}line {line:,}"
