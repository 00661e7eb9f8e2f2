"""One explanation on a page: its ranked spans, what it says of itself, what the script needs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from focus_lime.explanation import ExplainedUnit, Explanation
from focus_lime.report.findings import Card, Line, Span, cards, sets_lines
from focus_lime.report.highlight import Scale, by_size, count, interval, opened, quote
from focus_lime.report.text import Marked, Run, Sheet, runs

TOP = 10  # spans in the list, and words of one of them
_CITED = 220  # characters of a span in the list
_QUOTED = 60  # of one that the list does not hold


def class_of(step: int) -> str:
    """`s3` supports at step 3, `o3` opposes, `z` is about 0."""
    return f"s{step}" if step > 0 else f"o{-step}" if step < 0 else "z"


@dataclass(frozen=True)
class Decision:
    """A set of units that decides: without them the answer turns, or they are enough alone."""

    kind: str  # "without" or "alone"
    said: list[dict[str, Any]]
    units: list[int]


class View:
    """An explanation over its sheet. Units are named by their place in `units`."""

    def __init__(self, explanation: Explanation, title: str) -> None:
        self.explanation, self.title = explanation, title
        self.scale = Scale(explanation.tiles)
        self.words = opened(explanation)
        self.units = [
            *sorted(self.words, key=lambda unit: (unit.source, unit.start)),
            *(unit for unit in explanation.tiles if unit.status == "attributed"),
        ]
        self.number = {unit: number for number, unit in enumerate(self.units)}
        self._spans = {Span.of(unit): unit for unit in explanation.sentences}
        leading = [
            unit
            for unit in by_size(explanation.sentences)
            if self.scale.step(unit) or unit in self.words
        ]
        self.top = leading[:TOP]
        self.ranks = {unit: rank for rank, unit in enumerate(self.top, start=1)}

    # -- what of the text it needs --------------------------------------------------------------

    def painted(self) -> Iterator[Run]:
        for unit in self.units:
            yield from self._runs(unit.source, unit.start, unit.end)

    def cited(self) -> Iterator[Run]:
        """The spans that the page names: the list, the audit's, the sets', the deletion curve's."""
        for unit in self.top:
            yield from self._runs(unit.source, unit.start, unit.end)
        audit, sets = self.explanation.audit or {}, self.explanation.sets or {}
        found = [*audit.get("rescued", ())]
        found += [span for name in ("flips", "enough") for s in sets.get(name, ()) for span in s]
        found += [span for curve in self.explanation.curves[:1] for span in curve["spans"]]
        for source, start, end in found:
            yield from self._runs(source, start, end)

    def _runs(self, source: int, start: int, end: int) -> Iterator[Run]:
        return runs(source, self.explanation.sources[source].text, start, end)

    # -- what stands beside the text ------------------------------------------------------------

    @property
    def cards(self) -> list[Card]:
        return cards(self.explanation)

    def said(self, line: Line) -> list[dict[str, Any]]:
        """The line's parts; a span is its rank in the list, or a quote, and its unit."""
        return [
            {"text": part, "unit": None} if isinstance(part, str) else self._named(part)
            for part in line
        ]

    def _named(self, span: Span) -> dict[str, Any]:
        unit = self._spans.get(span)
        if unit in self.ranks:
            return {"text": str(self.ranks[unit]), "unit": self.number[unit], "rank": True}
        text = self.explanation.sources[span.source].text[span.start : span.end]
        known = self.number.get(unit) if unit else None
        return {"text": f"“{quote(text, _QUOTED)}”", "unit": known, "rank": False}

    def set_lines(self) -> list[list[dict[str, Any]]]:
        return [self.said(line) for line in sets_lines(self.explanation.sets or {})]

    @cached_property
    def decisions(self) -> list[Decision]:
        """The sets that can be shown in the text: those whose spans all are units."""
        found: list[Decision] = []
        sets = self.explanation.sets or {}
        for kind, name in (("without", "flips"), ("alone", "enough")):
            for members in sets.get(name, ())[:3]:
                units = [self._spans.get(Span(*span)) for span in members]
                known = [self.number[unit] for unit in units if unit is not None]
                if len(known) == len(members):
                    said = [self._named(Span(*span)) for span in members]
                    found.append(Decision(kind, said, known))
        return found

    def spans(self, sheet: Sheet, first_line: Callable[[int], int]) -> Iterator[dict[str, Any]]:
        """The rows of the list: sentences, with their words if they were opened. `bar`, `low` and
        `high` are places on an axis from 0 to 100.
        """
        reach = max((abs(x) for u in self.top for x in (u.weight, u.low, u.high) if x), default=1.0)

        def place(value: float | None) -> float | None:
            return None if value is None else round(50 + 48 * (value / reach), 1)

        for rank, unit in enumerate(self.top, start=1):
            text = self.explanation.sources[unit.source].text[unit.start : unit.end]
            start = unit.start + (len(text) - len(text.lstrip()) if text.strip() else 0)
            leading = [w for w in by_size(self.words.get(unit, [])) if self.scale.step(w)][:TOP]
            yield {
                "rank": rank,
                "number": self.number[unit],
                "class": class_of(self.scale.step(unit)),
                "unit": unit,
                "to": self._anchor(sheet, unit),
                "interval": interval(unit),
                "line": first_line(unit.source) + sheet.rows.line(unit.source, start),
                "text": quote(text, _CITED),
                "bar": place(unit.weight),
                "low": place(unit.low),
                "high": place(unit.high),
                "words": [
                    {
                        "number": self.number[word],
                        "class": class_of(self.scale.step(word)),
                        "unit": word,
                        "to": self._anchor(sheet, word),
                        "interval": interval(word),
                        "text": quote(self.explanation.text(word), _QUOTED),
                    }
                    for word in leading
                ],
                "others": len(self.words.get(unit, [])) - len(leading),
                "cut": len(leading) == TOP,
            }

    def chunks(self, sheet: Sheet, first_line: Callable[[int], int]) -> list[dict[str, Any]]:
        """What the proxy kept, in reading order, each with the sentences of it that were examined;
        then, without lines, those that stand in none: the audit added them, or chunks overlap.
        """
        kept = self._kept
        if not kept:
            return []
        left = sorted(self.explanation.sentences, key=lambda unit: (unit.source, unit.start))
        found = []
        for chunk in sorted(kept, key=lambda chunk: (chunk["source"], chunk["start"])):
            source, start, end = chunk["source"], chunk["start"], chunk["end"]
            inside = [u for u in left if u.source == source and start <= u.start < end]
            left = [unit for unit in left if unit not in inside]
            lines = [sheet.rows.line(source, at) for at in (start, max(start, end - 1))]
            found.append(
                {
                    "first": first_line(source) + lines[0],
                    "last": first_line(source) + lines[1],
                    "score": chunk["score"],
                    "sentences": self._linked(sheet, inside),
                }
            )
        if left:
            found.append({"first": None, "sentences": self._linked(sheet, left)})
        return found

    @property
    def _kept(self) -> list[Mapping[str, Any]]:
        """The chunks that the proxy kept."""
        scored = self.explanation.neighborhood.get("scored", ())
        return [chunk for chunk in scored if chunk["level"] == "chunk" and chunk["kept"]]

    def _linked(self, sheet: Sheet, units: Iterable[ExplainedUnit]) -> list[dict[str, Any]]:
        return [
            {
                "number": self.number[unit],
                "unit": unit,
                "class": class_of(self.scale.step(unit)),
                "to": self._anchor(sheet, unit),
                "text": quote(self.explanation.text(unit), _QUOTED),
            }
            for unit in units
        ]

    @staticmethod
    def _anchor(sheet: Sheet, unit: ExplainedUnit) -> str:
        found = sheet.marked(unit.source, unit.start, unit.end)
        return f"d{sheet.number}m{found.first}" if found else f"doc-{sheet.number}"

    # -- what the script needs ------------------------------------------------------------------

    def data(self, sheet: Sheet) -> dict[str, Any]:
        """Plain data. A unit is [first mark, last mark, step, rank, top, bottom, weight, low, high,
        effect, selected, sure, opened]; heights are in ten-thousandths of the document.
        """

        def row(unit: ExplainedUnit) -> list[Any] | None:
            found = sheet.marked(unit.source, unit.start, unit.end)
            first, last = found or Marked(-1, -1)
            return [
                first,
                last,
                self.scale.step(unit),
                self.ranks.get(unit, 0),
                *_heights(sheet, unit.source, unit.start, unit.end),
                *map(_short, (unit.weight, unit.low, unit.high, unit.effect, unit.selected)),
                unit.sure,
                unit in self.words,
            ]

        return {
            "sheet": sheet.number,
            "title": self.title,
            "units": [row(unit) for unit in self.units],
            "kept": [_heights(sheet, s["source"], s["start"], s["end"]) for s in self._kept],
            "decisions": [[d.kind, d.units] for d in self.decisions],
        }

    def classes(self, sheet: Sheet) -> dict[int, str]:
        """How this explanation paints the marks, as the script does when it is switched to."""
        found: dict[int, str] = {}
        for unit in self.units:
            marks = sheet.marked(unit.source, unit.start, unit.end)
            if marks and unit not in self.words:
                for mark in range(marks.first, marks.last + 1):
                    found[mark] = class_of(self.scale.step(unit))
        return found

    # -- facts ----------------------------------------------------------------------------------

    @property
    def examined(self) -> str:
        e = self.explanation
        sentences = f"{count(len(e.neighborhood.get('sentences', ())))} sentences"
        if self.words:
            return (
                f"{count(len(e.parts))} {e.granularity}s in {count(len(self.words))} of {sentences}"
            )
        if e.granularity != "sentence":
            return f"{count(len(e.attributed))} {e.granularity}s in {sentences}"
        return sentences


def _heights(sheet: Sheet, source: int, start: int, end: int) -> list[int]:
    return [round(10_000 * sheet.rows.height(source, at)) for at in (start, end)]


def _short(value: float | None) -> float | None:
    """As many digits as are shown; the largest of floats has no shorter neighbour."""
    if value is None:
        return None
    short = float(f"{value:.4g}")
    return short if math.isfinite(short) else value


def settings_of(explanation: Explanation) -> Mapping[str, Any]:
    return {
        name.replace("_", " "): value
        for name, value in explanation.settings.items()
        if value is not None
    }
