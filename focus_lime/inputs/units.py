"""Units: the pieces of a prompt that are kept or dropped together.

A span is a half-open range of characters of one attributable text (a *source*). A unit is a span
of a named level, and may carry a name of the user's ("passage 3", "§ 7.2", "row 12").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `[start, end)` of attributable source number `source`."""

    source: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise FocusLimeError(f"a span needs 0 <= start < end, got [{self.start}, {self.end})")
        if self.source < 0:
            raise FocusLimeError(f"a span needs a source from 0 on, got {self.source}")

    def text(self, sources: Sequence[str]) -> str:
        """The characters of the span, exactly."""
        return sources[self.source][self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.source == other.source and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True, order=True)
class Unit(Span):
    """A span of a level. The name is the user's; it says nothing of which unit it is."""

    level: str
    name: str | None = field(default=None, compare=False)

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


class Units(Sequence[Unit]):
    """Units in reading order, without overlap. Immutable; hashable by value."""

    __slots__ = ("_units",)

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = tuple(units)
        source, end = -1, 0  # where the unit before ends
        for index, unit in enumerate(self._units):
            if unit.source < source or (unit.source == source and unit.start < end):
                before = self._units[index - 1]
                raise FocusLimeError(f"units overlap or are out of order: {before} and {unit}")
            source, end = unit.source, unit.end

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
        return [unit.text(sources) for unit in self]

    def bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the units begin and where they end, on one axis for all sources: no document comes
        near 2^40 characters.
        """
        starts = [(unit.source << 40) + unit.start for unit in self]
        ends = [(unit.source << 40) + unit.end for unit in self]
        return np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)

    def parents(self, coarser: Units) -> NDArray[np.intp]:
        """For every unit, the index of the coarser unit that holds most of it, or -1.

        On a tie the later one: a token " I" over a sentence's edge belongs to the sentence of "I".
        """
        parents = np.full(len(self), -1, dtype=np.intp)
        if not len(coarser):
            return parents
        starts, ends = coarser.bounds()
        lows, highs = self.bounds()
        firsts = np.searchsorted(ends, lows, side="right")
        afters = np.searchsorted(starts, highs, side="left")
        alone = afters - firsts == 1
        parents[alone] = firsts[alone]
        for row in np.flatnonzero(afters - firsts > 1):
            held = np.arange(firsts[row], afters[row])
            shared = np.minimum(ends[held], highs[row]) - np.maximum(starts[held], lows[row])
            parents[row] = held[np.flatnonzero(shared == shared.max())[-1]]
        return parents

    def inside(self, coarser: Units) -> Units:
        """The units that lie in `coarser` ones."""
        return self.select(np.flatnonzero(self.parents(coarser) >= 0).tolist())

    def named_by(self, coarser: Units) -> Units:
        """The same units; one without a name takes that of the coarser unit that holds it."""
        if not any(unit.name for unit in coarser):
            return self
        return Units(
            replace(unit, name=coarser[int(parent)].name) if parent >= 0 and not unit.name else unit
            for unit, parent in zip(self, self.parents(coarser), strict=True)
        )

    def fitted_to(self, coarser: Units) -> Units:
        """The units that belong to `coarser` ones, their outermost edges moved to those of their
        parents, so that they tile them.

        A token moved so still covers most of itself, and of its neighbor only the lesser part.
        """
        parents = self.parents(coarser)
        fitted: list[Unit] = []
        for index, (unit, parent) in enumerate(zip(self, parents, strict=True)):
            if parent < 0:
                continue
            first = index == 0 or parents[index - 1] != parent
            last = index == len(self) - 1 or parents[index + 1] != parent
            start = coarser[int(parent)].start if first else unit.start
            end = coarser[int(parent)].end if last else unit.end
            fitted.append(replace(unit, start=start, end=end))
        return Units(fitted)


def joined_at(units: Units, firsts: Sequence[int]) -> Units:
    """One unit for each run of neighbors that begins at an index of `firsts`, named after all that
    have a name.
    """
    runs: list[Unit] = []
    for first, after in pairwise([*firsts, len(units)]):
        head = units[first]
        if after > first + 1:
            names = dict.fromkeys(unit.name for unit in units[first:after] if unit.name)
            head = replace(head, end=units[after - 1].end, name=", ".join(names) or None)
        runs.append(head)
    return Units(runs)
