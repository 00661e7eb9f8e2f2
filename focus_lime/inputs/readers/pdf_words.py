"""Words of a PDF page: runs of characters without white space, on one baseline."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

from focus_lime.inputs.readers.pdf_characters import Characters

RTL = regex.compile(r"[\p{Hebrew}\p{Arabic}\p{Syriac}\p{Thaana}\p{Nko}]")
_WHITE = (9, 10, 13, 32, 0xA0)
_MARK = regex.compile(r"\p{P}*(?:\d{1,3}|[*†‡§¶#]+|\p{Ll}|[ivx]{1,4})\p{P}*")


@dataclass(slots=True)
class Word:
    """Characters `[start, end)` of the document, and where they stand on their page, in points, in
    a frame in which they run from left to right.

    Attributes:
        space: the character of white space that is drawn after it, or -1.
        x0, x1: its left and right edge.
        base: its baseline; y grows downwards.
        size: of its font.
        mark: a raised mark, as of a footnote.
    """

    text: str
    start: int
    end: int
    space: int
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    mark: bool = False

    @property
    def top(self) -> float:
        return self.base - 0.8 * self.size

    @property
    def bottom(self) -> float:
        return self.base + 0.2 * self.size


def words_of(characters: Characters, offset: int) -> list[list[Word]]:
    """Words by the direction in which they run, most of the text first.

    Args:
        offset: of the page's first character in the document.
    """
    angles, counts = np.unique(characters.angle, return_counts=True)
    groups = []
    for angle in angles[np.argsort(-counts, kind="stable")]:
        words = _words(characters, int(angle), offset)
        if words:
            groups.append(_with_marks(_with_initials(_once(words))))
    return groups


def _words(characters: Characters, angle: int, offset: int) -> list[Word]:
    code, size, base = characters.code, characters.size, characters.base
    x0, x1 = _along(characters, angle)
    black = ~np.isin(code, _WHITE) & (characters.angle == angle) & np.isfinite(x0)
    at = np.flatnonzero(black)
    if not len(at):
        return []
    before, after = at[:-1], at[1:]
    em = np.maximum(size[before], 1.0)
    broken = after != before + 1
    broken |= np.abs(base[after] - base[before]) > 0.1 * em
    # A run that goes on far to the left or right of its last character is another word, in either
    # direction of writing.
    jump = np.maximum(x0[after] - x1[before], x0[before] - x1[after])
    broken |= jump > 0.6 * em
    first = np.concatenate(([0], np.flatnonzero(broken) + 1))
    last = np.concatenate((first[1:], [len(at)])) - 1
    left = np.minimum.reduceat(x0[at], first)
    right = np.maximum.reduceat(x1[at], first)
    bold = np.add.reduceat(characters.bold[at].astype(int), first) * 2 > last - first + 1
    largest = np.maximum.reduceat(size[at], first)
    starts, ends = at[first], at[last] + 1
    following = np.minimum(ends, len(code) - 1)
    spaced = (ends < len(code)) & np.isin(code[following], (32, 0xA0)) & characters.drawn[following]
    text = code.astype("<u4").tobytes().decode("utf-32-le")
    columns = zip(
        starts.tolist(),
        ends.tolist(),
        spaced.tolist(),
        left.tolist(),
        right.tolist(),
        base[starts].tolist(),
        largest.tolist(),
        bold.tolist(),
        strict=True,
    )
    return [
        Word(text[s:e], s + offset, e + offset, e + offset if sp else -1, a, b, y, em_, heavy)
        for s, e, sp, a, b, y, em_, heavy in columns
    ]


def _along(characters: Characters, angle: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Where characters begin and end in the direction in which their text runs."""
    box = characters.box
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    if angle % 90:  # an upright box says little of slanted characters: take its middle
        middle = (box[:, 0] + box[:, 2]) / 2 * cos - (box[:, 1] + box[:, 3]) / 2 * sin
        half = characters.size / 4
        return middle - half, middle + half
    one = box[:, 0] * cos - box[:, 1] * sin
    two = box[:, 2] * cos - box[:, 3] * sin
    return np.minimum(one, two), np.maximum(one, two)


def _once(words: list[Word]) -> list[Word]:
    """Without words that are printed again over themselves, as shadows and false bold are."""
    at = [complex(word.x0, word.base) for word in words]
    cells = (np.round((np.array(at) + shift) / 3.0) for shift in (0.0, 1.5 + 1.5j))
    if all(len(np.unique(cell)) == len(words) for cell in cells):
        return words
    seen: dict[str, list[Word]] = {}
    kept = []
    for word in words:
        near = seen.setdefault(word.text, [])
        reach = 0.15 * word.size
        if any(
            abs(word.x0 - other.x0) < reach and abs(word.base - other.base) < reach
            for other in near[-8:]
        ):
            continue
        near.append(word)
        kept.append(word)
    return kept


def _with_marks(words: list[Word]) -> list[Word]:
    """Small words, raised or lowered, stand on the baseline of the word they touch; raised ones
    that look like the mark of a footnote are marked as such.
    """
    if not words:
        return words
    typical = float(np.median([word.size for word in words]))
    small = [
        word
        for before, word in zip([words[-1], *words], words, strict=False)
        if word.end - word.start <= 6
        and (
            word.size < 0.92 * max(typical, before.size)
            or (word.text.isdigit() and 0 < abs(before.base - word.base) < word.size)
        )
    ]
    if not small:
        return words
    x0, x1, base, size = (
        np.array([getattr(word, name) for word in words]) for name in ("x0", "x1", "base", "size")
    )
    for word in small:
        if word.size > 1.05 * typical:
            continue
        raised = (base - word.base) / size
        near = ((raised > 0.14) & (raised < 0.75)) | (
            (raised < -0.05) & (raised > -0.6) & (word.size < 0.9 * size)
        )
        near &= size >= 0.99 * word.size
        touching = np.minimum(np.abs(word.x0 - x1), np.abs(x0 - word.x1)) < 0.35 * size
        for index in np.flatnonzero(near & touching)[:1]:
            neighbor = words[index]
            is_raised = word.base < neighbor.base
            # Of its own size only a digit is a mark: lines may touch in other ways.
            if word.size < 0.9 * neighbor.size or word.text.isdigit():
                word.base = neighbor.base
                word.mark = is_raised and _MARK.fullmatch(word.text) is not None
    return words


def _with_initials(words: list[Word]) -> list[Word]:
    """A large initial stands on the baseline of the first of the lines beside it."""
    typical = float(np.median([word.size for word in words]))
    for word in words:
        if word.end - word.start != 1 or word.size < 1.8 * typical or not word.text.isalpha():
            continue
        beside = [
            other
            for other in words
            if 0 <= other.x0 - word.x1 < typical
            and word.top < other.base <= word.base + 0.2 * typical
            and other.size < 1.2 * typical
        ]
        if len(beside) > 1:
            word.base = min(other.base for other in beside)
    return words


def rows_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words by baseline, from top to bottom, each row from left to right."""
    rows: list[list[Word]] = []
    at = size = -math.inf
    for word in sorted(words, key=lambda word: word.base):
        if not rows or word.base - at > 0.35 * min(size, word.size):
            rows.append([])
            at, size = word.base, word.size
        rows[-1].append(word)
    for row in rows:
        row.sort(key=lambda word: word.x0)
    return rows


def in_reading_order(row: Sequence[Word]) -> list[Word]:
    """The words of a row, which may run from right to left.

    pdfium gives a line of such a script in logical order; only pieces of lines that the page draws
    apart have to be put in order here.
    """
    letters = "".join(word.text for word in row)
    strong = len(RTL.findall(letters))
    if strong * 2 < sum(map(str.isalpha, letters)) or not strong:
        return list(row)
    drawn = sorted(row, key=lambda word: word.start)
    number = 0
    pieces = [0]
    for before, word in pairwise(drawn):
        number += word.start - before.end > 1
        pieces.append(number)
    runs = [
        [word for word, _ in run]
        for _, run in groupby(zip(drawn, pieces, strict=True), key=lambda pair: pair[1])
    ]
    runs.sort(key=lambda run: -max(word.x1 for word in run))
    return [word for run in runs for word in run]
