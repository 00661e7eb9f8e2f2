"""Tables of a page: rows of cells, told from columns of prose."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import regex

from focus_lime.inputs.readers.pdf_rules import Rule
from focus_lime.inputs.readers.pdf_words import Word, rows_of

_FILLED = 0.7  # of the column's width, by a line of prose
_LOWER = regex.compile(r"\p{P}*(?:\p{Ll}|\p{Lo})")
_TALL = 8  # rows, of labels drawn before all their values
_CELL_GAP = 1.6  # ems, in a row of a table


@dataclass
class Table:
    """Rows of cells; a cell is the rows of words that it wraps to."""

    rows: list[list[list[list[Word]]]]


def is_table(
    left: list[list[Word]], right: list[list[Word]], x: float, rules: Sequence[Rule]
) -> bool:
    """Whether rows left and right of a gutter at x are read across, not down."""
    top = min(left[0][0].base, right[0][0].base)
    bottom = max(left[-1][0].base, right[-1][0].base)
    if any(rule.x0 < x < rule.x1 and top < rule.y < bottom for rule in rules):
        return True
    proses = is_prose(left), is_prose(right)
    ours, theirs = _starts(left), _starts(right)
    banded = _is_banded(left, right)
    back = turns(left, right)
    if all(proses):
        # Text of cells that wrap is drawn cell by cell, row after row; columns, one after another.
        rows = len(ours) > 1 and len(theirs) > 1
        rows &= min(_aligned(ours, theirs), _aligned(theirs, ours)) == 1
        return rows and back > 0
    # Values may be drawn after all of their labels, but stand beside them.
    if back == 0 and (
        any(proses) or min(len(left), len(right)) >= _TALL or not _level(left, right)
    ):
        return False
    if back >= min(len(left), len(right)) - 1 > 0:
        return True
    if proses[1]:  # labels, and text beside them
        return banded or _aligned(ours, theirs) >= 0.8
    if proses[0]:
        return banded or (len(theirs) > 1 and _aligned(theirs, ours) >= 0.8)
    return True


def pitch_of(rows: Sequence[list[Word]]) -> float:
    """The least distance between two lines of a column."""
    steps = [b[0].base - a[0].base for a, b in pairwise(rows)]
    return min((step for step in steps if step > 0.8 * rows[0][0].size), default=math.inf)


def _is_banded(left: list[list[Word]], right: list[list[Word]]) -> bool:
    """Whether gaps that run across both sides part them into rows, each with words on both."""
    pitch = min(pitch_of(left), pitch_of(right))
    lines = sorted([(row[0].base, 0) for row in left] + [(row[0].base, 1) for row in right])
    bands = [{lines[0][1]}]
    for (above, _), (base, side) in pairwise(lines):
        if base - above > 1.25 * pitch:
            bands.append(set())
        bands[-1].add(side)
    return len(bands) > 1 and all(len(sides) == 2 for sides in bands)


def _level(left: list[list[Word]], right: list[list[Word]]) -> bool:
    """Whether most lines of either side stand beside one of the other."""
    sides = [row[0].base for row in left], [row[0].base for row in right]
    return min(_aligned(*sides), _aligned(*sides[::-1])) >= 0.6


def turns(left: list[list[Word]], right: list[list[Word]]) -> int:
    """How often the page turns back from drawing the right to the left."""
    drawn = sorted(
        [(word.start, False) for row in left for word in row]
        + [(word.start, True) for row in right for word in row]
    )
    return sum(before[1] and not after[1] for before, after in pairwise(drawn))


def table_rows(rows: list[list[Word]], gutters: Sequence[float], rules: Sequence[Rule]) -> Table:
    """The rows of words as a table: lines that a cell wraps to belong to one row of it."""
    groups: list[list[list[Word]]] = []
    inner = [
        rule.y
        for rule in rules
        if rows[0][0].base < rule.y < rows[-1][0].base
        and any(rule.x0 < x < rule.x1 for x in gutters)
    ]
    steps = [b[0].base - a[0].base for a, b in pairwise(rows)]
    tight = min(map(pitch_of, _columns(rows, gutters)), default=math.inf)
    uneven = max(steps, default=0.0) > 1.25 * tight
    cut = np.searchsorted(inner, [row[0].base for row in rows])
    ruled = len(set(cut.tolist())) >= 3 or len(rows) <= 2 * len(set(cut.tolist()))
    heads = [any(word.x1 <= gutters[0] for word in row) if gutters else True for row in rows]
    for index, row in enumerate(rows):
        if index == 0 or cut[index] != cut[index - 1]:
            begins = True
        elif ruled and inner:
            begins = False
        elif uneven:
            begins = steps[index - 1] > 1.15 * tight
        else:
            begins = heads[index]
        if begins:
            groups.append([])
        groups[-1].append(row)
    return Table([_cells(group, gutters) for group in groups])


def _columns(rows: list[list[Word]], gutters: Sequence[float]) -> list[list[list[Word]]]:
    """The rows of each column."""
    columns: list[list[Word]] = [[] for _ in range(len(gutters) + 1)]
    for row in rows:
        for word in row:
            columns[bisect_left(gutters, (word.x0 + word.x1) / 2)].append(word)
    return [rows_of(words) for words in columns if words]


def _cells(group: list[list[Word]], gutters: Sequence[float]) -> list[list[list[Word]]]:
    cells: list[list[list[Word]]] = [[] for _ in range(len(gutters) + 1)]
    for row in group:
        places = np.searchsorted(gutters, [(word.x0 + word.x1) / 2 for word in row])
        for place in np.unique(places):
            cells[place].append([w for w, at in zip(row, places, strict=True) if at == place])
    if len(group) > 1:
        return cells
    return [part for cell in cells for part in (_wide_gaps(cell[0]) if cell else [[]])]


def _wide_gaps(row: list[Word]) -> list[list[list[Word]]]:
    parts = [[row[0]]]
    for before, word in pairwise(row):
        if word.x0 - before.x1 > _CELL_GAP * word.size:
            parts.append([])
        parts[-1].append(word)
    return [[part] for part in parts]


def is_prose(rows: list[list[Word]]) -> bool:
    """Lines of running text: they fill their column, and go on in lower case."""
    if len(rows) < 2:
        return False
    x0 = min(row[0].x0 for row in rows)
    width = max(max(word.x1 for word in row) for row in rows) - x0
    fills = [(max(word.x1 for word in row) - x0) / width for row in rows] if width else [0.0]
    counts = [len(row) for row in rows]
    if len(rows) >= 4 and np.mean(np.array(fills) > 0.97) >= 0.6 and np.mean(counts) >= 3:
        return True  # justified
    text = " ".join(word.text for row in rows for word in row)
    cased = any(character.islower() for character in text)
    lower = sum(_LOWER.match(row[0].text) is not None for row in rows[1:])
    spaced = not regex.search(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]{4}", text)
    return (
        float(np.median(fills)) >= _FILLED
        and (not spaced or float(np.mean(counts)) >= 3)
        and (not cased or lower >= 0.25 * (len(rows) - 1))
    )


def _starts(rows: list[list[Word]]) -> list[float]:
    """Baselines at which groups of lines begin, after a gap that is wider than others; without
    those in small print, as footnotes are.
    """
    usual = float(np.median([word.size for row in rows for word in row]))
    rows = [row for row in rows if row[0].size > 0.9 * usual] or rows
    pitch = pitch_of(rows)
    return [rows[0][0].base] + [
        row[0].base for above, row in pairwise(rows) if row[0].base - above[0].base > 1.25 * pitch
    ]


def _aligned(starts: Sequence[float], others: Sequence[float]) -> float:
    """The share of starts at which one of the others begins."""
    return sum(min(abs(start - other) for other in others) < 4.0 for start in starts) / len(starts)
