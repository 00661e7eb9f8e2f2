"""The unit tree of a prompt: its units at named levels, each level inside the one before.

The names are data: prose is paragraph > sentence > word, code block > line > token, retrieved
passages are passage > sentence > word. The algorithm knows three roles only. The proxy scores the
*coarse* units, the target attributes the *scored* ones, and the best of these may be opened to a
*finer* level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.units import Units, joined_at

# Cuts the given units into the units of a finer level, which tile them.
Cut = Callable[[Units], Units]


class UnitTree:
    """
    Args:
        levels: the units of each level, coarse to fine; or, for levels below the scored one, how
            they are cut out of scored units when they are asked for.
        scored: the level whose units the target attributes first.
        coarse: what the proxy scores first, each of whole scored units. By default the level above
            the scored one; without such a level the proxy scores the scored units at once.

    Raises:
        FocusLimeError: no such level as `scored`, or a unit that crosses an edge of a coarser one.
    """

    def __init__(
        self, levels: Mapping[str, Units | Cut], *, scored: str, coarse: Units | None = None
    ) -> None:
        self.levels = tuple(levels)
        self._check_level(scored)
        self._units = dict(levels)
        self.scored_level = scored
        if not isinstance(levels[scored], Units) or not len(levels[scored]):  # type: ignore[arg-type]
            raise FocusLimeError(f"the scored level {scored!r} has no units: give at least one")
        above = self.levels[: self.levels.index(scored)]
        if coarse is None and above:
            coarse = self.units(above[-1])
        known = [units for units in levels.values() if isinstance(units, Units)]
        for coarser, finer in [*pairwise(known), *([(coarse, self.scored)] if coarse else [])]:
            _check_nested(coarser, finer)
        self.coarse = coarse

    @property
    def scored(self) -> Units:
        """The units that the target attributes first."""
        return self.units(self.scored_level)

    def units(self, level: str, within: Units | None = None) -> Units:
        """The units of a level, or those of them that lie in the given coarser units. A unit
        without a name of its own has that of the coarser unit that holds it.

        Raises:
            FocusLimeError: no such level.
        """
        self._check_level(level)
        units = self._units[level]
        if not isinstance(units, Units):
            coarser = self.scored if within is None else within
            return units(coarser).named_by(coarser)
        if within is not None:
            units = units.inside(within)
        coarser_level = self.levels[max(0, self.levels.index(level) - 1)]
        return units if coarser_level == level else units.named_by(self.units(coarser_level))

    def is_finer(self, level: str) -> bool:
        """Whether the level is below the scored one. Model tokens, which no tree has, are."""
        return level not in self.levels[: self.levels.index(self.scored_level) + 1]

    def at(self, level: str) -> UnitTree:
        """The same units, with another level scored."""
        if level == self.scored_level:
            return self
        self._check_level(level)
        known = self.levels[: self.levels.index(level) + 1]  # a finer one may be cut within these
        levels = {
            name: self.units(name) if name in known else self._units[name] for name in self.levels
        }
        return UnitTree(levels, scored=level)

    def joined(self, join: Callable[[Units, Units | None], Units]) -> UnitTree:
        """The tree with units of each level joined, and coarse ones wherever a joined unit crosses
        their edge.

        Args:
            join: of the units of a level, each in one of the coarser units; None above them.
        """
        levels: dict[str, Units | Cut] = {}
        coarser: Units | None = None
        for name, units in self._units.items():
            if isinstance(units, Units):
                levels[name] = coarser = join(units, coarser)
            else:
                levels[name] = _joined_cut(units, join)
        scored, coarse = levels[self.scored_level], self.coarse
        if coarse is not None and isinstance(scored, Units):
            starts, _ = coarse.bounds()
            lows, highs = scored.bounds()
            # A start is crossed if the last unit that begins before it ends after it.
            before = np.searchsorted(lows, starts, side="left") - 1
            crossed = (before >= 0) & (highs[before] > starts)
            if crossed.any():
                coarse = joined_at(coarse, np.flatnonzero(~crossed).tolist())
        return UnitTree(levels, scored=self.scored_level, coarse=coarse)

    @property
    def digest(self) -> str:
        """Of where all units of all levels begin and end: another cut is another explanation."""
        digest = hashlib.sha256(self.scored_level.encode())
        for level in self.levels:
            spans = [(u.source, u.start, u.end) for u in self.units(level)]
            digest.update(f"{level}{spans}".encode())
        digest.update(str([(u.source, u.start, u.end) for u in self.coarse or ()]).encode())
        return digest.hexdigest()[:16]

    def _check_level(self, level: str) -> None:
        if level not in self.levels:
            raise FocusLimeError(f"no level {level!r}: {suggest(level, self.levels)}")


def _joined_cut(cut: Cut, join: Callable[[Units, Units | None], Units]) -> Cut:
    return lambda units: join(cut(units), units)


class Splitter(Protocol):
    """Cuts the attributable texts of a prompt into units. One method; a dataclass is best, so that
    two equal splitters make two equal prompts.
    """

    def split(self, sources: Sequence[str]) -> UnitTree:
        """The unit tree of the texts. Where its scored units leave text out, that text is always
        kept and never attributed.

        Raises:
            FocusLimeError: the texts cannot be cut so.
        """


def _check_nested(coarser: Units, finer: Units) -> None:
    """Every finer unit that touches a coarser one lies inside it."""
    parents = finer.parents(coarser)
    for unit, parent in zip(finer, parents, strict=True):
        if parent < 0:
            continue
        outer = coarser[int(parent)]
        if unit.start < outer.start or unit.end > outer.end:
            raise FocusLimeError(
                f"the {unit.level} [{unit.start}, {unit.end}) of source {unit.source} crosses an "
                f"edge of the {outer.level} [{outer.start}, {outer.end}): levels must be nested"
            )
