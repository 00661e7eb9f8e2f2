"""Text that brings its own units: code, whose blocks, lines and tokens a grammar knows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from focus_lime.errors import FocusLimeError

_LEVELS = ("chunk", "sentence", "word")


class CutText(str):
    """A text and where its units begin; for code they are block, line and token.

    It is a `str`, so that all that reads text reads it, and `split` cuts it here and not by the
    rules of prose. Each level's units tile it, and each begins where a finer one does.
    """

    cuts: dict[str, tuple[int, ...]]

    def __new__(cls, text: str, cuts: Mapping[str, tuple[int, ...]]) -> CutText:
        made = super().__new__(cls, text)
        found = {
            level: tuple(sorted({0, *(c for c in cuts[level] if 0 < c < len(text))}))
            for level in _LEVELS
        }
        for coarse, fine in pairwise(_LEVELS):
            if not set(found[coarse]) <= set(found[fine]):
                raise FocusLimeError(f"a {coarse} begins where no {fine} does")
        made.cuts = found
        return made

    def __getnewargs__(self) -> tuple[str, dict[str, tuple[int, ...]]]:  # type: ignore[override]
        return str(self), self.cuts

    def spans(self, level: str) -> list[tuple[int, int]]:
        """The units of a level, which tile the text."""
        return list(pairwise((*self.cuts[level], len(self)))) if self else []
