"""Where the characters of a text stand on the pages of its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from focus_lime.inputs.units import Span


class Rectangle(NamedTuple):
    """In points from the top left corner of a page as it is shown; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class CharacterBoxes:
    """Where each character of a text stands on the pages of its file.

    Attributes:
        page: int32[characters], from 1.
        box: float32[characters, 4], a `Rectangle` each; NaN where the reader put a character in.
    """

    page: NDArray[np.int32]
    box: NDArray[np.float32]

    def rectangles(self, span: Span) -> list[tuple[int, list[Rectangle]]]:
        """The pages on which a span stands, each with the span's rectangles on it, one a line."""
        pages: list[tuple[int, list[Rectangle]]] = []
        before: Rectangle | None = None
        for at in range(span.start, min(span.end, len(self.page))):
            if np.isnan(self.box[at, 0]):
                continue
            page, box = int(self.page[at]), Rectangle(*self.box[at].tolist())
            if before is None or pages[-1][0] != page:
                pages.append((page, [box]))
            elif _on_one_line(before, box):
                pages[-1][1][-1] = _around(pages[-1][1][-1], box)
            else:
                pages[-1][1].append(box)
            before = box
        return pages


def _on_one_line(before: Rectangle, box: Rectangle) -> bool:
    """Whether a character stands beside the one before it, or in its direction where text is
    turned.
    """
    em = max(box.bottom - box.top, box.right - box.left)
    beside = min(before.bottom, box.bottom) - max(before.top, box.top)
    above = min(before.right, box.right) - max(before.left, box.left)
    if beside > 0.4 * min(before.bottom - before.top, box.bottom - box.top):
        return above > -3 * em
    return above > 0.6 * min(before.right - before.left, box.right - box.left) and beside > -em


def _around(one: Rectangle, two: Rectangle) -> Rectangle:
    return Rectangle(
        min(one.left, two.left),
        min(one.top, two.top),
        max(one.right, two.right),
        max(one.bottom, two.bottom),
    )
