"""One explanation over its sheet: how its units are numbered, ranked and painted, and what it says
of itself with links to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from focus_lime.explanation.formats import count, plural
from focus_lime.explanation.result import ExplainedUnit, Explanation, ScoredSpan, ranked
from focus_lime.explanation.wording import Line, sets_lines
from focus_lime.inputs.units import Span
from focus_lime.report.highlight import Scale, opened, quoted
from focus_lime.report.html.text import Run, Sheet, runs

TOP = 10  # spans in the list, and fine units of one of them
QUOTED = 60  # characters of a span that the list does not hold
_DECISIONS = 3  # sets of a kind that can be shown in the text


def class_of(step: int) -> str:
    """`s3` supports at step 3, `o3` opposes, `z` is about 0."""
    return f"s{step}" if step > 0 else f"o{-step}" if step < 0 else "z"


@dataclass(frozen=True)
class Part:
    """A stretch of a line: words, or what a span is called and the number of its unit."""

    text: str
    unit: int | None = None
    is_rank: bool = False


@dataclass(frozen=True)
class Decision:
    """A set of units that decides: without them the answer turns, or they are enough alone."""

    kind: Literal["without", "alone"]
    parts: list[Part]
    units: list[int]


class View:
    """Units are named by their place in `units`: those that were opened, then all that are painted.

    Attributes:
        fine_units: of each unit that was opened.
        top: the spans of the list.
        ranks: of these, from 1.
    """

    def __init__(self, explanation: Explanation, title: str) -> None:
        self.explanation, self.title = explanation, title
        tiles = explanation.tiles
        self.scale = Scale(tiles)
        self.fine_units = opened(explanation)
        self.units = [
            *sorted(self.fine_units, key=lambda unit: (unit.source, unit.start)),
            *(unit for unit in tiles if unit.status == "attributed"),
        ]
        self.number = {unit: number for number, unit in enumerate(self.units)}
        self._unit_of = {unit.span: unit for unit in explanation.coarse}
        leading = [
            unit
            for unit in ranked(explanation.coarse)
            if self.scale.step(unit) or unit in self.fine_units
        ]
        self.top = leading[:TOP]
        self.ranks = {unit: rank for rank, unit in enumerate(self.top, start=1)}

    def css(self, unit: ExplainedUnit) -> str:
        """The class of its marks."""
        return class_of(self.scale.step(unit))

    # -- what of the text it needs --------------------------------------------------------------

    def painted(self) -> Iterator[Run]:
        """The runs that it may paint."""
        for unit in self.units:
            yield from self._runs(unit)

    def cited(self) -> Iterator[Run]:
        """The spans that the page names: those of the list, the coverage check, the sets, the
        deletion curve.
        """
        e = self.explanation
        spans: list[Span] = [*self.top]
        if e.check:
            spans += e.check.rescued
        if e.sets:
            for members in (*e.sets.counterfactual_sets, *e.sets.sufficient_sets):
                spans += members
        if e.curve:
            spans += e.curve.spans
        for span in spans:
            yield from self._runs(span)

    def _runs(self, span: Span) -> Iterator[Run]:
        text = self.explanation.sources[span.source].text
        return runs(span.source, text, span.start, span.end)

    def classes(self, sheet: Sheet) -> dict[int, str]:
        """How it paints the marks, as the script does when it is switched to."""
        classes: dict[int, str] = {}
        for unit in self.units:
            marks = sheet.marked(unit.source, unit.start, unit.end)
            if marks and unit not in self.fine_units:
                for mark in range(marks.first, marks.last + 1):
                    classes[mark] = self.css(unit)
        return classes

    # -- what it says of itself -----------------------------------------------------------------

    def parts(self, line: Line) -> list[Part]:
        """A span is its rank in the list, or a quote, with its unit."""
        return [Part(part) if isinstance(part, str) else self._named(part) for part in line]

    def _named(self, span: Span) -> Part:
        unit = self._unit_of.get(span)
        if unit in self.ranks:
            return Part(str(self.ranks[unit]), self.number[unit], is_rank=True)
        text = quoted(self.explanation, span, QUOTED, unit.name if unit else None)
        return Part(text, self.number.get(unit) if unit else None)

    @property
    def set_lines(self) -> list[list[Part]]:
        e = self.explanation
        lines = sets_lines(e.sets, e.level, e.check) if e.sets else []
        return [self.parts(line) for line in lines]

    @cached_property
    def decisions(self) -> list[Decision]:
        """The sets that can be shown in the text: those whose spans all are units."""
        sets = self.explanation.sets
        if sets is None:
            return []
        decisions = [self._decision("without", s) for s in sets.counterfactual_sets[:_DECISIONS]]
        decisions += [self._decision("alone", s) for s in sets.sufficient_sets[:_DECISIONS]]
        return [decision for decision in decisions if decision]

    def _decision(
        self, kind: Literal["without", "alone"], spans: tuple[Span, ...]
    ) -> Decision | None:
        units = [self._unit_of.get(span) for span in spans]
        known = [self.number[unit] for unit in units if unit is not None]
        if len(known) < len(spans):
            return None
        return Decision(kind, [self._named(span) for span in spans], known)

    @property
    def kept(self) -> list[ScoredSpan]:
        """The coarse units that the proxy kept, in reading order."""
        level, scored = self.explanation.level, self.explanation.neighborhood.scored
        kept = [span for span in scored if span.kept and span.level != level]
        return sorted(kept, key=lambda span: (span.source, span.start))

    @property
    def examined(self) -> str:
        """How much was examined, by level."""
        e, n_examined = self.explanation, len(self.explanation.neighborhood.units)
        if self.fine_units:
            return (
                f"{count(len(e.fine_units))} {plural(e.granularity)} in "
                f"{count(len(self.fine_units))} of {count(n_examined)} {plural(e.level)}"
            )
        if len(e.coarse) != n_examined:  # fine units of all of them, at once
            return f"{count(len(e.coarse))} {plural(e.level)} in {count(n_examined)} larger units"
        return f"{count(n_examined)} {plural(e.level)}"

    @property
    def settings(self) -> dict[str, Any]:
        """Those that are set, by their names in words; the seed stands elsewhere."""
        settings = asdict(self.explanation.settings)
        return {
            name.removeprefix("n_").replace("_", " "): value
            for name, value in settings.items()
            if value is not None and name != "seed"
        }
