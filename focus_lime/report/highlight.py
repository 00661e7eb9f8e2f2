"""What to mark in a text and how strongly: one rule for the page and the terminal."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from focus_lime.explanation import ExplainedUnit, Explanation

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

    `units` set the scale: what the text is painted by. A sentence that was opened may weigh more
    than any of its words; it gets the last step.
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


def by_size(units: Iterable[ExplainedUnit]) -> list[ExplainedUnit]:
    """The largest |weight| first; ties in the order given."""
    return sorted(units, key=lambda unit: -abs(unit.weight or 0.0))


def opened(explanation: Explanation) -> dict[ExplainedUnit, list[ExplainedUnit]]:
    """The sentences that were opened, in reading order, with their words or tokens."""
    sentences = sorted(explanation.sentences, key=lambda unit: (unit.source, unit.start))
    starts = [(unit.source, unit.start) for unit in sentences]
    found: dict[ExplainedUnit, list[ExplainedUnit]] = {}
    for part in explanation.parts:
        at = bisect_right(starts, (part.source, part.start)) - 1
        if at >= 0:
            found.setdefault(sentences[at], []).append(part)
    return found


def quote(text: str, length: int) -> str:
    """`text` on one line of at most `length` characters, for a list; not the exact text."""
    line = " ".join(text.split())
    if not line:
        return f"white space: {text!r}"[:length] if text else ""
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    whole_words, _, rest = cut.rpartition(" ")
    return (whole_words if len(rest) < length // 4 else cut).rstrip() + "…"


def number(value: float | None) -> str:
    """A signed number that stays short: +0.52, -12.30, +1.0e+300, 0."""
    if value is None:
        return "not measured"
    if value == 0:
        return "0"
    return f"{value:+.2f}" if 0.005 <= abs(value) < 1e5 else f"{value:+.1e}"


def interval(unit: ExplainedUnit) -> str:
    """`[low, high]`, or nothing where it was not measured."""
    if unit.low is None or unit.high is None:
        return ""
    return f"[{number(unit.low)}, {number(unit.high)}]"


def interval_name(explanation: Explanation) -> str:
    """What an interval is called, with its level where that is known."""
    level = explanation.fit.get("interval_level")
    return f"{level:.0%} interval" if level else "interval"


def count(value: float | None) -> str:
    """An amount without a sign: 534,708, or 0.06; None is "not measured"."""
    if value is None:
        return "not measured"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
