"""Parts: neighbors that a search asks about together, and halves until they stand alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from focus_lime.method.effects import Way

Group = tuple[int, int]  # units [start, end)


@dataclass(frozen=True)
class Part:
    """Neighbors, and what is known of them together.

    Attributes:
        way: in which they are asked, and their halves.
        effect: of all of them; where they were not asked, what the other half leaves of the group
            that both are halves of.
        hope: the effect that they may have: what is asked first has most of it.
        expected_of: that group, where they were not asked.
    """

    group: Group
    way: Way
    effect: float
    hope: float
    expected_of: Group | None = None

    @property
    def asks_itself(self) -> bool:
        """Whether the next to ask is the part as a whole, and not its first half."""
        return self.expected_of is not None and (self.is_single or self.waits)

    @property
    def waits(self) -> bool:
        """Whether the other half has all that there is, and the part may have it as well."""
        return self.hope != self.effect

    @property
    def is_single(self) -> bool:
        start, end = self.group
        return end - start == 1

    @property
    def is_known(self) -> bool:
        """Whether there is nothing left to ask of it."""
        return self.is_single and self.expected_of is None

    @property
    def next_group(self) -> Group:
        return self.group if self.asks_itself else halves(self.group)[0]


def most_hopeful(parts: Iterable[Part], least: float) -> list[Part]:
    """Of those that are not known, the largest hope first.

    Args:
        least: of the largest hope of all: so much of it must be theirs.
    """
    parts = list(parts)
    enough = least * max(0.0, *(part.hope for part in parts)) if least else -np.inf
    unknown = [part for part in parts if not part.is_known and part.hope > enough]
    return sorted(unknown, key=lambda part: (-part.hope, part.group))


def even_groups(n_units: int, n_groups: int) -> list[Group]:
    """Runs of neighbors, all of about the same length."""
    cuts = np.linspace(0, n_units, n_groups + 1).round().astype(int)
    return list(pairwise(map(int, cuts)))


def masks_of(groups: Sequence[Group], n_units: int) -> NDArray[np.bool_]:
    """`bool[n_groups, n_units]`: each group alone."""
    inside = np.zeros((len(groups), n_units), dtype=bool)
    for mask, (start, end) in zip(inside, groups, strict=True):
        mask[start:end] = True
    return inside


def halves(group: Group) -> list[Group]:
    start, end = group
    middle = (start + end) // 2
    return [(start, middle), (middle, end)]
