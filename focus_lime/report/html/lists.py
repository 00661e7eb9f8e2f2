"""The lists beside the text: the ranked spans with their fine units, and what the proxy kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from focus_lime.explanation.formats import interval, quote
from focus_lime.explanation.result import ExplainedUnit, ranked
from focus_lime.inputs.layout import Layout
from focus_lime.report.highlight import place
from focus_lime.report.html.text import Sheet
from focus_lime.report.html.view import QUOTED, TOP, View

_CITED = 220  # characters of a span in the list


@dataclass(frozen=True)
class Link:
    """A unit that is listed: its number for the script, its class, where a link to it leads.

    Attributes:
        name: the user's, where it says more than the list around it.
    """

    unit: ExplainedUnit
    number: int
    css: str
    to: str
    text: str
    name: str = ""


@dataclass(frozen=True)
class RankedSpan:
    """A row of the list of spans.

    Attributes:
        bar, low, high: places on an axis from 0 to 100.
        fine_units: the leading ones, where the span was opened.
        n_more: fine units that are not listed.
        is_cut: whether these have a weight.
    """

    rank: int
    link: Link
    place: str
    interval: str
    bar: float
    low: float | None
    high: float | None
    fine_units: list[Link]
    n_more: int
    is_cut: bool


@dataclass(frozen=True)
class Kept:
    """A coarse unit that the proxy kept, and the units in it that were examined; `lines` is None
    for those that stand in none.
    """

    lines: tuple[int, int] | None
    units: list[Link]
    name: str = ""
    score: float | None = None


def ranked_spans(view: View, sheet: Sheet, layout: Layout) -> Iterator[RankedSpan]:
    """The rows of the list."""
    reach = max((abs(x) for u in view.top for x in (u.weight, u.low, u.high) if x), default=1.0)

    def along(value: float) -> float:
        return round(50 + 48 * (value / reach), 1)

    for rank, unit in enumerate(view.top, start=1):
        fine_units = view.fine_units.get(unit, [])
        leading = [fine for fine in ranked(fine_units) if view.scale.step(fine)][:TOP]
        yield RankedSpan(
            rank,
            _link(view, sheet, unit, length=_CITED),
            place(view.explanation, unit, _line(view, sheet, layout, unit)),
            interval(unit),
            along(unit.weight or 0.0),
            None if unit.low is None else along(unit.low),
            None if unit.high is None else along(unit.high),
            [_link(view, sheet, fine, around=unit.name) for fine in leading],
            n_more=len(fine_units) - len(leading),
            is_cut=len(leading) == TOP,
        )


def kept_by_proxy(view: View, sheet: Sheet, layout: Layout) -> list[Kept]:
    """What the proxy kept, in reading order, each with the units in it that were examined; last
    those that stand in none: the coverage check added them, or what was kept overlaps.
    """
    coarse_units = view.kept
    if not coarse_units:
        return []
    left = sorted(view.explanation.coarse, key=lambda unit: (unit.source, unit.start))
    rows = []
    for coarse in coarse_units:
        inside = [
            unit
            for unit in left
            if unit.source == coarse.source and coarse.start <= unit.start < coarse.end
        ]
        left = [unit for unit in left if unit not in inside]
        first, last = (
            layout.first_line(coarse.source) + sheet.rows.line(coarse.source, at)
            for at in (coarse.start, coarse.end - 1)
        )
        links = _links(view, sheet, inside, coarse.name)
        rows.append(Kept((first, last), links, coarse.name or "", coarse.score))
    if left:
        rows.append(Kept(None, _links(view, sheet, left, None)))
    return rows


def _line(view: View, sheet: Sheet, layout: Layout, unit: ExplainedUnit) -> int:
    """Of the first character that is not white space."""
    text = view.explanation.text(unit)
    start = unit.start + (len(text) - len(text.lstrip()) if text.strip() else 0)
    return layout.first_line(unit.source) + sheet.rows.line(unit.source, start)


def _links(
    view: View, sheet: Sheet, units: Iterable[ExplainedUnit], around: str | None
) -> list[Link]:
    return [_link(view, sheet, unit, around=around) for unit in units]


def _link(
    view: View,
    sheet: Sheet,
    unit: ExplainedUnit,
    *,
    length: int = QUOTED,
    around: str | None = None,
) -> Link:
    """`around` is the name of the list that holds it."""
    marks = sheet.marked(unit.source, unit.start, unit.end)
    return Link(
        unit,
        view.number[unit],
        view.css(unit),
        f"d{sheet.number}m{marks.first}" if marks else f"doc-{sheet.number}",
        quote(view.explanation.text(unit), length),
        unit.name if unit.name and unit.name != around else "",
    )
