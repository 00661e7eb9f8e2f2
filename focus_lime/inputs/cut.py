"""Cutting text: sentences, lines, cells and words, as spans that tile it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import regex

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.sentences import sentences
from focus_lime.inputs.units import Unit, Units
from focus_lime.inputs.words import word_starts

Range = tuple[int, int]  # characters [start, end) of one text

_LINE_END = regex.compile(r"(?:\r\n|\r|\n)\s*")
_CELL_END = regex.compile(r"(?:\t|\|[^\S\r\n]*|\r\n|\r|\n)\s*")


def _tile(starts: Iterable[int], begin: int, end: int) -> list[Range]:
    """Ranges that tile `[begin, end)` and begin at `begin` and at each of `starts` inside it."""
    cuts = sorted({begin, end, *(start for start in starts if begin < start < end)})
    return list(pairwise(cuts))


def words(text: str, begin: int = 0, end: int | None = None) -> list[Range]:
    """Word spans that tile `text[begin:end]`; white space belongs to the word before it, and only
    a text of nothing else is white space alone.
    """
    end = len(text) if end is None else end
    return list(pairwise([begin, *word_starts(text, begin, end), end])) if begin < end else []


def lines(text: str, begin: int = 0, end: int | None = None) -> list[Range]:
    """Line ranges that tile `text[begin:end]`; a blank line belongs to the line before it."""
    end = len(text) if end is None else end
    return _tile((m.end() for m in _LINE_END.finditer(text, begin, end)), begin, end)


def cells(text: str, begin: int = 0, end: int | None = None) -> list[Range]:
    """Cell ranges that tile `text[begin:end]`: a cell ends with a tab, a bar or a line end."""
    end = len(text) if end is None else end
    return _tile((m.end() for m in _CELL_END.finditer(text, begin, end)), begin, end)


# How the units of a level are cut out of a range of a text: `CUTS[level](text, begin, end)`.
CUTS: dict[str, Callable[[str, int, int], list[Range]]] = {
    "sentence": lambda text, begin, end: [
        (begin + a, begin + b) for a, b in sentences(text[begin:end])
    ],
    "line": lines,
    "cell": cells,
    "word": words,
}


def cut(sources: Sequence[str], level: str, within: Units) -> Units:
    """The units of a level that tile the given coarser units, each cut by itself.

    Raises:
        FocusLimeError: no way to cut such a level.
    """
    if level not in CUTS:
        raise FocusLimeError(f"no rule cuts a {level!r}: {suggest(level, CUTS)}")
    return Units(
        Unit(outer.source, begin, end, level, outer.name)
        for outer in within
        for begin, end in CUTS[level](sources[outer.source], outer.start, outer.end)
    )


def whole(sources: Sequence[str], level: str) -> Units:
    """One unit of a level for each text that has any characters."""
    return Units(Unit(i, 0, len(text), level) for i, text in enumerate(sources) if text)
