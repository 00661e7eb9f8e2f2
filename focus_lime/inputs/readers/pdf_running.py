"""Running heads, feet and page numbers: what stands at the edge of page after page, alike but for
numbers that count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import regex

from focus_lime.inputs.readers.pdf_rules import Rule
from focus_lime.inputs.readers.pdf_words import Word, rows_of

_EDGE = 0.16  # of the page's height, at its top and at its bottom
_MOST_ROWS = 4  # at an edge
_LEAST_NUMBERS = 10  # of lines, on a sheet
_NEAR = 5.0  # points by which the same head may stand higher or lower
_NUMBER = regex.compile(
    r"\d+|(?<![\p{L}\p{N}])[ivxlc]+(?![\p{L}\p{N}])|(?<![\p{L}\p{N}])[IVXLC]+(?![\p{L}\p{N}])"
)
_PAGE_NUMBER = regex.compile(
    r"[\p{P}\s|]*(?:\p{L}{1,7}\.?\s*)?#[\p{P}\s|]*(?:(?:\p{L}{1,3}|/)\s*#[\p{P}\s|]*)?"
)
_ONE_OF = regex.compile(r"[\p{P}\s]*(?:\p{L}{1,7}\.?\s*)?#\s*(?:\p{L}{1,3}|/)\s*#[\p{P}\s]*")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass
class Sheet:
    """One side of a page or, of a spread, one of its two halves.

    Attributes:
        page: from 1.
        number: of the sheet; it counts on through halves.
        words: those that run as most of the page does.
        aside: words that run in other directions, in groups.
    """

    page: int
    number: int
    height: float
    words: list[Word]
    rules: list[Rule]
    aside: list[list[Word]] = field(default_factory=list)


@dataclass
class _Candidate:
    sheet: Sheet
    row: list[Word]
    numbers: list[int]
    apart: bool
    next: str


def set_aside(sheets: Sequence[Sheet]) -> list[str]:
    """Takes running heads and feet out of the sheets' words; says what they are."""
    groups: dict[tuple[str, str], list[_Candidate]] = defaultdict(list)
    for sheet in sheets:
        for edge, candidates in _edges(sheet):
            for candidate in candidates:
                text, _ = _alike(candidate.row)
                groups[edge, text].append(candidate)
    gone: dict[int, set[int]] = defaultdict(set)
    said: dict[str, set[int]] = {}
    for (_, text), candidates in groups.items():
        for near in _at_one_height(candidates):
            if _runs(text, near, len(sheets)):
                example = " ".join(word.text for word in near[0].row)
                said.setdefault(example, set()).update(c.sheet.page for c in near)
                for candidate in near:
                    gone[candidate.sheet.number].update(id(word) for word in candidate.row)
    for sheet in sheets:
        sheet.words = [word for word in sheet.words if id(word) not in gone[sheet.number]]
    _turned(sheets, said)
    numbered = [sheet.page for sheet in sheets if _without_line_numbers(sheet)]
    if numbered:
        said["line numbers"] = set(numbered)
    return [
        f"“{text}” ({len(pages)} page{'s' if len(pages) > 1 else ''})"
        for text, pages in said.items()
    ]


def _edges(sheet: Sheet) -> list[tuple[str, list[_Candidate]]]:
    rows = rows_of(sheet.words)
    if not rows:
        return []
    pitches = [b[0].base - a[0].base for a, b in pairwise(rows)]
    pitch = float(np.median(pitches)) if pitches else 0.0
    typical = float(np.median([word.size for word in sheet.words]))
    found = []
    for edge, ordered in (("head", rows), ("foot", rows[::-1])):
        candidates = []
        for index, row in enumerate(ordered[:_MOST_ROWS]):
            depth = row[0].base if edge == "head" else sheet.height - row[0].base
            if depth > _EDGE * sheet.height:
                break
            inner = ordered[index + 1] if index + 1 < len(ordered) else []
            gap = abs(inner[0].base - row[0].base) if inner else sheet.height
            other_size = abs(row[0].size - typical) > 0.08 * typical
            candidates.append(
                _Candidate(
                    sheet,
                    row,
                    _alike(row)[1],
                    gap > 1.35 * min(pitch, 1.5 * typical) or other_size,
                    _alike(inner)[0] if inner else "",
                )
            )
        # A head of several lines is set apart by the gap below its last one.
        deepest = max((i for i, one in enumerate(candidates) if one.apart), default=-1)
        for index, candidate in enumerate(candidates):
            candidate.apart = index <= deepest
            candidate.next = candidates[max(deepest, index)].next
        found.append((edge, candidates))
    return found


def _alike(row: Sequence[Word]) -> tuple[str, list[int]]:
    """A row's text with its numbers as #, and the numbers."""
    text = " ".join(word.text for word in row)
    return _NUMBER.sub("#", text), [_value(m[0]) for m in _NUMBER.finditer(text)]


def _value(number: str) -> int:
    if number.isdigit():
        return int(number) if len(number) < 16 else -1
    values = [_ROMAN[letter] for letter in number.lower()]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))


def _at_one_height(candidates: list[_Candidate]) -> list[list[_Candidate]]:
    ordered = sorted(candidates, key=lambda candidate: candidate.row[0].base)
    groups: list[list[_Candidate]] = []
    for candidate in ordered:
        if not groups or candidate.row[0].base - groups[-1][0].row[0].base > _NEAR:
            groups.append([])
        groups[-1].append(candidate)
    return [sorted(group, key=lambda c: c.sheet.number) for group in groups]


def _runs(text: str, group: list[_Candidate], n_sheets: int) -> bool:
    """Whether rows that are alike but for their numbers are running heads."""
    sheets = len({candidate.sheet.number for candidate in group})
    if sheets == 1:
        first = group[0]
        return _ONE_OF.fullmatch(text) is not None and first.numbers == [
            first.sheet.number,
            n_sheets,
        ]
    if not _count(group):
        return False
    if _PAGE_NUMBER.fullmatch(text):
        changes = len({tuple(candidate.numbers) for candidate in group}) > 1
        return changes or all(candidate.apart for candidate in group)
    if sheets == 2 and n_sheets > 5:
        return False
    apart = sum(candidate.apart for candidate in group)
    # Forms and schedules repeat whole pages: what follows is alike too.
    repeated = len({candidate.next for candidate in group}) == 1
    return apart >= 0.8 * len(group) and (not repeated or ("#" in text and _changes(group)))


def _changes(group: list[_Candidate]) -> bool:
    return len({tuple(candidate.numbers) for candidate in group}) > 1


def _count(group: list[_Candidate]) -> bool:
    """Whether each number stays as it is or goes up with the sheets."""
    numbers = np.array([candidate.numbers for candidate in group], dtype=np.int64)
    if not numbers.size:
        return True
    sheets = np.array([candidate.sheet.number for candidate in group])
    pages = np.array([candidate.sheet.page for candidate in group])
    for column in numbers.T:
        steps = np.diff(column)
        kept = steps == 0
        counted = (steps == np.diff(sheets)) | (steps == np.diff(pages))
        if max(kept.mean(), counted.mean()) < 0.7:
            return False
    return True


def _without_line_numbers(sheet: Sheet) -> bool:
    """Takes the numbers of its lines out of a sheet, which stand to the left of all else."""
    firsts = [row[0] for row in rows_of(sheet.words)]
    counting = [word for word in firsts if word.text.isdecimal() and len(word.text) < 4]
    steps = [int(b.text) - int(a.text) for a, b in pairwise(counting)]
    found = {id(word) for word in counting}
    edge = max((word.x1 for word in counting), default=0.0)
    if (
        len(counting) < _LEAST_NUMBERS
        or any(step != steps[0] or step not in (1, 5) for step in steps)
        or any(word.x0 < edge for word in sheet.words if id(word) not in found)
        or (steps[0] == 1 and len(counting) < 0.8 * len(firsts))
    ):
        return False
    sheet.words = [word for word in sheet.words if id(word) not in found]
    return bool(sheet.words)


def _turned(sheets: Sequence[Sheet], said: dict[str, set[int]]) -> None:
    """Stamps and marginal text in another direction, where they repeat, are set aside too."""
    pages: dict[str, set[int]] = defaultdict(set)
    for sheet in sheets:
        for group in sheet.aside:
            pages[_alike(group)[0]].add(sheet.number)
    for sheet in sheets:
        kept = []
        for group in sheet.aside:
            if len(pages[_alike(group)[0]]) > 1:
                said.setdefault(" ".join(word.text for word in group), set()).add(sheet.page)
            else:
                kept.append(group)
        sheet.aside = kept
