"""Units: the pieces of a prompt that are kept or dropped together.

A unit is a half-open character span of one attributable source. The units of one level tile
their source: joined in order they give it back, character for character.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError

Level = Literal["chunk", "sentence", "word", "token"]
LEVELS: tuple[Level, ...] = ("chunk", "sentence", "word", "token")


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """Characters `[start, end)` of attributable source number `source`."""

    source: int
    start: int
    end: int
    level: Level

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise FocusLimeError(f"a unit needs 0 <= start < end, got [{self.start}, {self.end})")


class Units(Sequence[Unit]):
    """Units in reading order, without overlap. Immutable; hashable by value."""

    __slots__ = ("_units",)

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = tuple(units)
        for before, after in zip(self._units, self._units[1:], strict=False):
            if (before.source, before.end) > (after.source, after.start):
                raise FocusLimeError(f"units overlap or are out of order: {before} and {after}")

    def __len__(self) -> int:
        return len(self._units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units)

    @overload
    def __getitem__(self, index: int) -> Unit: ...
    @overload
    def __getitem__(self, index: slice) -> Units: ...
    def __getitem__(self, index: int | slice) -> Unit | Units:
        return Units(self._units[index]) if isinstance(index, slice) else self._units[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Units) and self._units == other._units

    def __hash__(self) -> int:
        return hash(self._units)

    def __repr__(self) -> str:
        return f"Units({len(self)} units)"

    def select(self, indices: Iterable[int]) -> Units:
        """The units at `indices`, in reading order whatever the order of the indices."""
        return Units(self._units[i] for i in sorted({int(i) for i in indices}))

    def texts(self, sources: Sequence[str]) -> list[str]:
        """The text of every unit."""
        return [sources[unit.source][unit.start : unit.end] for unit in self]

    def parents(self, coarser: Units) -> NDArray[np.intp]:
        """For every unit, the index of the coarser unit that holds most of it, or -1.

        On a tie the later one: a token " I" over a sentence's edge belongs to the sentence of "I".
        """
        if not len(coarser):
            return np.full(len(self), -1, dtype=np.intp)
        # One axis for all sources: no document comes near 2^40 characters.
        starts = np.array([(u.source << 40) + u.start for u in coarser], dtype=np.int64)
        ends = np.array([(u.source << 40) + u.end for u in coarser], dtype=np.int64)
        found = np.full(len(self), -1, dtype=np.intp)
        for row, unit in enumerate(self):
            low, high = (unit.source << 40) + unit.start, (unit.source << 40) + unit.end
            first = int(np.searchsorted(ends, low, side="right"))
            last = int(np.searchsorted(starts, high, side="left"))
            best = 0
            for index in range(first, last):
                overlap = int(min(ends[index], high) - max(starts[index], low))
                if overlap >= best:
                    best, found[row] = overlap, index
        return found

    def within(self, coarser: Units) -> Units:
        """The units that belong to `coarser` ones, their outermost edges moved to those of their
        parents, so that they tile them.

        A token moved so still covers most of itself, and of its neighbor only the lesser part.
        """
        parents = self.parents(coarser)
        moved: list[Unit] = []
        for index, (unit, parent) in enumerate(zip(self, parents, strict=True)):
            if parent < 0:
                continue
            first = index == 0 or parents[index - 1] != parent
            last = index == len(self) - 1 or parents[index + 1] != parent
            start = coarser[int(parent)].start if first else unit.start
            end = coarser[int(parent)].end if last else unit.end
            moved.append(Unit(unit.source, start, end, unit.level))
        return Units(moved)
