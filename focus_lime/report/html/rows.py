"""How high a text stands on a page, before any browser has laid it out: its lines, about how many
rows of the screen each fills, and the blocks of lines that are laid out together.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

_LINES = 48  # of a block, or
_CHARACTERS = 6000
_ROW = 88  # characters of a row of the screen, about
_HEADING = 2  # rows between two texts


class Rows:
    """Of the texts of one document, one below the other.

    `lines[i]` are the offsets at which the lines of text i begin, `firsts[i]` the numbers of the
    lines, from 0, with which its blocks begin. Heights are shares of the document: 0 is its top, 1
    its end.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.lines = [_line_starts(text) for text in texts]
        self.firsts = [_block_starts(lines) for lines in self.lines]
        self._lengths: list[list[int]] = []
        self._tops: list[list[int]] = []  # the row of each line, and of the end
        row = 0
        for text, lines in zip(texts, self.lines, strict=True):
            ends = [*lines[1:], len(text)]
            lengths = [end - start for start, end in zip(lines, ends, strict=True)]
            tops = [row]
            for length in lengths:
                tops.append(tops[-1] + max(1, math.ceil(length / _ROW)))
            self._lengths.append(lengths)
            self._tops.append(tops)
            row = tops[-1] + _HEADING
        self.total = max(row, 1)

    def line(self, text: int, offset: int) -> int:
        """The number of the line of a character, from 0."""
        return bisect_right(self.lines[text], offset) - 1

    def height(self, text: int, offset: int) -> float:
        """Where a character stands."""
        line = self.line(text, offset)
        beyond = (offset - self.lines[text][line]) / _ROW
        return min(1.0, (self._tops[text][line] + beyond) / self.total)

    def between(self, text: int, first: int, after: int) -> int:
        """The rows of lines `[first, after)`."""
        return self._tops[text][after] - self._tops[text][first]

    def block(self, text: int, line: int) -> int:
        """The first line of the block that holds a line."""
        firsts = self.firsts[text]
        return firsts[bisect_right(firsts, line) - 1]

    def block_heights(self) -> list[float]:
        """Where each block begins."""
        return [
            tops[first] / self.total
            for tops, firsts in zip(self._tops, self.firsts, strict=True)
            for first in firsts
        ]

    def fill(self, buckets: int) -> str:
        """How full the rows are, a digit for each of so many equal parts of the document."""
        fullness = [0.0] * buckets
        scale = buckets / self.total
        for lengths, tops in zip(self._lengths, self._tops, strict=True):
            for length, top, bottom in zip(lengths, tops, tops[1:], strict=False):
                share = length / ((bottom - top) * _ROW)
                for bucket in range(int(top * scale), min(buckets, math.ceil(bottom * scale))):
                    inside = min(bottom * scale, bucket + 1) - max(top * scale, bucket)
                    fullness[bucket] += share * inside
        return "".join(str(min(9, round(9 * value))) for value in fullness)


def _line_starts(text: str) -> list[int]:
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    if len(starts) > 1 and starts[-1] == len(text):
        starts.pop()  # no line begins after the last break
    return starts


def _block_starts(lines: Sequence[int]) -> list[int]:
    firsts = [0]
    for line, start in enumerate(lines):
        if line - firsts[-1] >= _LINES or start - lines[firsts[-1]] >= _CHARACTERS:
            firsts.append(line)
    return firsts
