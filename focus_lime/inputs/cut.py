"""Cutting text: sentences, lines, cells and words, as spans that tile it.

Sentences come from nltk's Punkt with a fixed list of abbreviations, so that no data has to be
downloaded and no text is ever learned from: the same text is cut alike on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.units import Unit, Units
from focus_lime.inputs.words import word_starts

if TYPE_CHECKING:
    from nltk.tokenize.punkt import PunktSentenceTokenizer

Range = tuple[int, int]  # characters [start, end) of one text

_ABBREVIATIONS = (
    "al approx apr aug ave cal cf cl co corp dec dept dr e.g eq esp est etc ex exh fed "
    "feb gen gov i.e inc jan jr jul jun ltd mar messrs mr mrs ms mt nov oct para "
    "paras pp pres prof pub rev s sec sect secs sen sept sr st u.k u.s u.s.a v viz vol vs"
).split()

# Words that end sentences too: they are abbreviations only before a number ("No. 5").
_BEFORE_NUMBER = regex.compile(r"\b(?i:arts?|figs?|nos?|pp?)\.\s*\Z")

BLANK_LINE = regex.compile(r"(?:[^\S\r\n]*(?:\r\n|\r|\n)){2,}\s*")
# A blank line ends a block, and so does a full stop of the scripts that put no space after it.
BLOCK_END = regex.compile(rf"{BLANK_LINE.pattern}|(?<=[。！？])\s*")
_LINE_END = regex.compile(r"(?:\r\n|\r|\n)\s*")
_CELL_END = regex.compile(r"(?:\t|\|[^\S\r\n]*|\r\n|\r|\n)\s*")
_WRAPPED = range(40, 121)  # characters of a line that a program broke, not its writer
_LONG_SENTENCE = 1000  # characters; beyond it a "sentence" is a table or a list: cut at lines


@cache
def _punkt() -> PunktSentenceTokenizer:
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer  # slow to import

    parameters = PunktParameters()
    parameters.abbrev_types = set(_ABBREVIATIONS)
    return PunktSentenceTokenizer(parameters)


def _tile(starts: Iterable[int], begin: int, end: int) -> list[Range]:
    """Ranges that tile `[begin, end)` and begin at `begin` and at each of `starts` inside it."""
    cuts = sorted({begin, end, *(start for start in starts if begin < start < end)})
    return list(pairwise(cuts))


def sentences(text: str) -> list[Range]:
    """Sentence spans that tile `text`; white space belongs to the sentence before it."""
    spans: list[Range] = []
    blocks = _tile((m.end() for m in BLOCK_END.finditer(text)), 0, len(text))
    for begin, end in (part for low, high in blocks for part in _paragraphs(text, low, high)):
        sentence_starts = (begin + at for at, _ in _punkt().span_tokenize(text[begin:end]))
        starts = (start for start in sentence_starts if not _splits_number(text, begin, start))
        for low, high in _tile(starts, begin, end):
            if high - low <= _LONG_SENTENCE:
                spans.append((low, high))
            else:
                lines = (low + m.end() for m in _LINE_END.finditer(text[low:high]))
                spans += _tile(lines, low, high)
    return _merge_fragments(text, spans)


def _paragraphs(text: str, begin: int, end: int) -> list[Range]:
    """The lines of a block, those joined that were wrapped to a width.

    A wrapped line is as long as lines are, and the first word of the next had no room in the
    widest of them. Any other line break was meant: a list, an address, a message's last line.
    """
    lines = _tile((m.end() for m in _LINE_END.finditer(text, begin, end)), begin, end)
    lengths = [len(text[low:high].rstrip()) for low, high in lines]
    return _tile(
        (
            low
            for (low, high), before in zip(lines[1:], lengths, strict=False)
            if before not in _WRAPPED
            or before + 1 + len(text[low:high].split(maxsplit=1)[0]) <= max(lengths)
        ),
        begin,
        end,
    )


def _splits_number(text: str, begin: int, start: int) -> bool:
    before = text[max(begin, start - 12) : start]
    return text[start].isdigit() and _BEFORE_NUMBER.search(before) is not None


def _merge_fragments(text: str, spans: Sequence[Range]) -> list[Range]:
    """Join a span without a word of its own ("4.2.", "(a)", blank) to the span after it."""
    merged: list[Range] = []
    begin: int | None = None
    for low, high in spans:
        begin = low if begin is None else begin
        if regex.search(r"\p{L}{2}|[^\W\d]\s|\p{Han}", text[low:high]):
            merged.append((begin, high))
            begin = None
    if begin is not None:
        start = merged.pop()[0] if merged else begin
        merged.append((start, len(text)))
    return merged


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
