"""Columns and tables of a page: a gutter is white space that runs down between words.

A part of a page is cut along its longest gutter, then what lies above, left, right and below is cut
in the same way. What the gutter parts is either columns of prose or a table.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from focus_lime.inputs.readers.pdf_rules import Rule
from focus_lime.inputs.readers.pdf_tables import (
    Table,
    is_prose,
    is_table,
    pitch_of,
    table_rows,
    turns,
)
from focus_lime.inputs.readers.pdf_words import RTL, Word, rows_of

MARKER = regex.compile(
    r"[•●▪■◦‣·○–—*o-]|[\uF000-\uF0FF]|\(?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxlcIVXLC]{1,5})[.)]"
    r"|\d{1,2}(?:\.\d{1,3})+|\(\d{1,3}\)|§+\d+|\[\d{1,3}\]"
)
_BARE = regex.compile(r"\d{1,3}|\p{L}|[ivxlc]{1,5}")
_NARROWEST = 0.8  # of a gutter, in ems
_WIDEST = 6.0  # of a gutter, in ems
_LONG = 6  # lines of a column beside which one line may be another
_GRID = 480  # places across a part of a page at which a gutter may be
_NEARLY = 0.85
_MOST_ALIKE = 6
_MOST_ROWS = 3_000  # of a part; a page with more is no page


@dataclass
class Column:
    """Rows of words that follow each other, from top to bottom.

    Attributes:
        left, right: the edges of the part of the page that they stand in.
    """

    rows: list[list[Word]]
    left: float
    right: float


def parts_of(
    words: Sequence[Word],
    rules: Sequence[Rule],
    edges: tuple[float, float] | None = None,
) -> Iterator[Column | Table]:
    """The parts of a page, in reading order.

    Args:
        edges: left and right of the part that the words belong to; those of the words themselves
            where they are a whole one.
    """
    rows = rows_of(words)
    if edges is None:
        edges = (
            min((word.x0 for word in words), default=0.0),
            max((word.x1 for word in words), default=0.0),
        )
    while rows:
        gutter = _gutter(rows) if len(rows) <= _MOST_ROWS else None
        if gutter is None:
            yield Column(rows, *edges)
            return
        first, last, x = gutter
        left, right = _split(rows[first:last], x)
        across = is_table(rows_of(left), rows_of(right), x, rules)
        if across:
            first, last = _table_edges(rows, first, last, x, rules)
        if first:
            yield from parts_of([word for row in rows[:first] for word in row], rules, edges)
        if across:
            yield table_rows(rows[first:last], _gutters(rows[first:last], rules), rules)
        else:
            if sum(len(RTL.findall(word.text)) for word in right) * 2 > sum(
                len(word.text) for word in right
            ):
                left, right = right, left
            yield from parts_of(left, rules)
            yield from parts_of(right, rules)
        rows = rows[last:]


def _split(rows: list[list[Word]], x: float) -> tuple[list[Word], list[Word]]:
    words = [word for row in rows for word in row]
    left = [word for word in words if word.x0 + word.x1 < 2 * x]
    return left, [word for word in words if word.x0 + word.x1 >= 2 * x]


def _table_edges(
    rows: list[list[Word]], first: int, last: int, x: float, rules: Sequence[Rule]
) -> tuple[int, int]:
    """The rows of a table: with lines above that are as near as lines of one cell, since others of
    its row may be set lower; without lines at its end that stand apart, on one side.
    """
    left, right = (rows_of(side) for side in _split(rows[first:last], x))
    pitch = min(pitch_of(left), pitch_of(right), 1.5 * rows[first][0].size)
    end = min(left[-1][0].base, right[-1][0].base)
    while (
        first
        and rows[first][0].base - rows[first - 1][0].base < 1.15 * pitch
        and not any(word.x0 < x < word.x1 for word in rows[first - 1])
    ):
        first -= 1
    for at in range(first + 1, last):
        above, base = rows[at - 1][0].base, rows[at][0].base
        ruled = any(above < rule.y < base and not rule.is_upright for rule in rules)
        if base > end and (ruled or base - above > 1.15 * pitch):
            return first, at
    return first, last


def _gutter(rows: list[list[Word]]) -> tuple[int, int, float] | None:
    """(first row, row after the last, x) of the gutter with most lines at its sides."""
    free, left, right, places = _sides(rows)
    for first, last, at in _longest(free, left, right, least=1)[:1]:
        if _is_lone_line(rows[first:last], float(places[at])):
            return first, last, float(places[at])
    while True:
        alike = [
            (run, _trimmed(rows, left[:, run[2]], right[:, run[2]], run, float(places[run[2]])))
            for run in _longest(free, left, right)[:_MOST_ALIKE]
        ]
        if not alike:
            return None
        # The columns of a page are drawn one after the other, those of a table in it are not.
        shares = [_turns(rows[first:last], float(places[run[2]])) for run, (first, last) in alike]
        least = min(shares)
        best, (first, last) = alike[shares.index(least) if least <= 0.5 else 0]
        at = best[2]
        x = float(places[at])
        if last - first >= 2 and _parts(rows[first:last], x):
            return first, last, x
        same: NDArray[np.bool_] = np.all(free[best[0] : best[1]], axis=0)
        lower, upper = at, at
        while lower and same[lower - 1]:
            lower -= 1
        while upper + 1 < len(same) and same[upper + 1]:
            upper += 1
        free[best[0] : best[1], lower : upper + 1] = False


def _is_lone_line(rows: list[list[Word]], x: float) -> bool:
    """Whether the text right of x is the one line with which a column begins: beside the first of
    many lines of prose, about a gutter away.
    """
    left, right = (rows_of(side) for side in _split(rows, x))
    if len(right) != 1 or len(left) < _LONG or not is_prose(left):
        return False
    edge = max(word.x1 for row in left for word in row)
    near = right[0][0].x0 - edge < _WIDEST * right[0][0].size
    return near and right[0][0].base < left[2][0].base


def _gutters(rows: list[list[Word]], rules: Sequence[Rule]) -> list[float]:
    """The places of all gutters and upright lines that run down all of the rows of a table."""
    free, left, right, places = _sides(rows)
    open_ = free.all(axis=0) & left.any(axis=0) & right.any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], open_, [False])).astype(int)))
    found = [
        x
        for a, b in zip(edges[::2], edges[1::2], strict=True)
        if _parts(rows, x := float(places[(a + b - 1) // 2]))
    ]
    words = [word for row in rows for word in row]
    uprights: dict[int, list[Rule]] = {}  # those of cells that stand below one another
    for rule in rules:
        if rule.is_upright:
            uprights.setdefault(round(rule.x0 / 2), []).append(rule)
    for drawn in uprights.values():
        x = drawn[0].x0
        if (
            min(rule.y0 for rule in drawn) < rows[-1][0].base
            and max(rule.y1 for rule in drawn) > rows[0][0].base
            and len({word.x0 > x for word in words}) == 2
            and not any(word.x0 + 1 < x < word.x1 - 1 for word in words)
            and not any(_joined(words, x, other) for other in found)
        ):
            found.append(x)
    return sorted(found)


def _joined(words: Sequence[Word], x: float, other: float) -> bool:
    """Whether no word stands between two places."""
    low, high = min(x, other), max(x, other)
    return not any(low < (word.x0 + word.x1) / 2 < high for word in words)


def _sides(
    rows: list[list[Word]],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64]]:
    """[rows, places]: where no word is near, and whether words are to the left and right."""
    x0 = min(row[0].x0 for row in rows)
    x1 = max(word.x1 for row in rows for word in row)
    places = np.linspace(x0, max(x1, x0 + 1.0), _GRID)
    half = _NARROWEST / 2 * float(np.median([word.size for row in rows for word in row]))
    row_of = np.array([i for i, row in enumerate(rows) for _ in row])
    lows = np.array([word.x0 for row in rows for word in row]) - half
    highs = np.array([word.x1 for row in rows for word in row]) + half
    steps = np.zeros((len(rows), _GRID + 1), np.int32)
    np.add.at(steps, (row_of, np.searchsorted(places, lows, side="right")), 1)
    np.add.at(steps, (row_of, np.searchsorted(places, highs, side="left")), -1)
    free = np.cumsum(steps, axis=1)[:, :_GRID] <= 0
    starts = np.array([min(word.x0 for word in row) for row in rows])
    ends = np.array([max(word.x1 for word in row) for row in rows])
    return free, starts[:, None] < places, ends[:, None] > places, places


def _longest(
    free: NDArray[np.bool_],
    left: NDArray[np.bool_],
    right: NDArray[np.bool_],
    least: int = 2,
) -> list[tuple[int, int, int]]:
    """(first row, row after the last, place) of the run of free rows that has most lines, with at
    least so many on either side; then of those with nearly as many. Of like ones, the widest.
    """
    n, width = free.shape
    start = np.zeros(width, int)
    lefts, rights = np.zeros(width, int), np.zeros(width, int)
    score = np.zeros(width, int)
    first, last = np.zeros(width, int), np.zeros(width, int)
    for row in range(n + 1):
        ended = ~free[row] if row < n else np.ones(width, bool)
        both = np.where(np.minimum(lefts, rights) >= least, lefts + rights, 0)
        better = ended & (both > score)
        score[better], first[better], last[better] = both[better], start[better], row
        start[ended] = row + 1
        if row < n:
            lefts = np.where(ended, 0, lefts + left[row])
            rights = np.where(ended, 0, rights + right[row])
    most = int(score.max())
    if not most:
        return []
    alike = np.flatnonzero(score >= _NEARLY * most)
    apart = (np.diff(alike) > 1) | (np.diff(first[alike]) != 0) | (np.diff(score[alike]) != 0)
    runs = np.split(alike, np.flatnonzero(apart) + 1)
    runs.sort(key=lambda run: (score[run[0]], len(run)), reverse=True)
    middles = [int(run[len(run) // 2]) for run in runs]
    return [(int(first[at]), int(last[at]), at) for at in middles]


def _turns(rows: list[list[Word]], x: float) -> float:
    """How often the page turns back from drawing the right to the left, for each line of the side
    with fewer.
    """
    left, right = (rows_of(side) for side in _split(rows, x))
    lesser = min(len(left), len(right))
    return turns(left, right) / lesser if lesser else 1.0


def _trimmed(
    rows: list[list[Word]],
    left: NDArray[np.bool_],
    right: NDArray[np.bool_],
    run: tuple[int, int, int],
    x: float,
) -> tuple[int, int]:
    """(first row, row after the last) of a run, without the rows at either end that may as well
    belong to text of full width.
    """
    first, last, _ = run
    later = max(int(np.argmax(left[first:last])), int(np.argmax(right[first:last]))) + first
    # Columns whose baselines differ begin one after the other, a line apart at most.
    if later > first and rows[later][0].base - rows[later - 1][0].base < 1.3 * rows[later][0].size:
        later -= 1
    first = later
    end = last
    while end > first and not right[end - 1]:
        end -= 1
    if end == last:
        return first, last
    # Left of the gutter only: the rest of a longer column, or what follows both. The order in which
    # the page draws them says it, else a gap in both.
    tail = [word for row in rows[end:last] for word in row]
    lefts, rights = _split(rows[first:end], x)
    if not lefts or not rights or _before(tail, rights):
        return first, last
    if _before(lefts, rights) and _before(rights, tail):
        return first, end
    above = rows_of(lefts)
    gap = tail[0].base - max(rows[end - 1][0].base, above[-1][0].base)
    return first, end if last - end <= 2 and gap > 1.4 * pitch_of(above) else last


def _before(some: Sequence[Word], others: Sequence[Word]) -> bool:
    """Whether the page draws some words before all of the others."""
    return max(word.start for word in some) < min(word.start for word in others)


def _parts(rows: list[list[Word]], x: float) -> bool:
    """Whether white space at x parts the rows more than their words are parted: justified lines
    and the markers of a list have gaps too.
    """
    pairs: list[tuple[float, float, float]] = []  # gap, least other gap, size
    begins: list[float] = []
    markers, bare, sides = 0, 0, 0
    for row in rows:
        lefts = [word.text for word in row if word.x1 <= x]
        starts = [word.x0 for word in row if word.x0 >= x]
        sides += bool(lefts)
        markers += len(lefts) == 1 and MARKER.fullmatch(lefts[0]) is not None
        bare += len(lefts) == 1 and _BARE.fullmatch(lefts[0]) is not None
        if not lefts or not starts:
            continue
        gap = min(starts) - max(word.x1 for word in row if word.x1 <= x)
        em = row[0].size
        others = [
            b.x0 - a.x1
            for a, b in pairwise(row)
            if not a.x1 <= x <= b.x0 and b.x0 - a.x1 > 0.1 * em
        ]
        pairs.append((gap, min(others, default=math.inf), em))
        begins.append(min(starts))
    if sides and (markers >= 0.8 * sides or (markers + bare >= 0.8 * sides < 0.6 * len(rows))):
        return False
    # A justified line has gaps of one width; one of two words has a single gap, of any width. But
    # what begins at one place, row after row, is a column.
    straight = len(begins) > 2 and max(begins) - min(begins) < 0.3 * pairs[0][2]
    widest = 1.0 if straight else 2.5
    ratios = [gap / min(max(least, 0.15 * em), widest * em) for gap, least, em in pairs]
    if len(rows) >= 8 and len(ratios) < len(rows) / 3:
        return True  # columns whose baselines differ
    if straight and len(ratios) >= 4:
        return float(np.median(ratios)) >= 1.1
    if len(ratios) < 4:
        return min(ratios, default=2.0) >= 1.8
    return float(np.median(ratios)) >= (1.3 if len(ratios) >= 8 else 2.0)
