"""Splitting text into units that tile it: chunks, sentences, words.

Sentences come from nltk's Punkt with a fixed list of abbreviations, so that no data has to be
downloaded and no text is ever learned from: the same text is split alike on every machine.
Tokens are the model's business (`Model.tokens`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

import regex
from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

from focus_lime.prompt.cut import CutText
from focus_lime.prompt.units import Level, Unit, Units

Span = tuple[int, int]

_ABBREVIATIONS = (
    "al approx apr aug ave cal cf cl co corp dec dept dr e.g eq esp est etc ex exh fed "
    "feb gen gov i.e inc jan jr jul jun ltd mar messrs mr mrs ms mt nov oct para "
    "paras pp pres prof pub rev s sec sect secs sen sept sr st u.k u.s u.s.a v viz vol vs"
).split()

# Words that end sentences too: they are abbreviations only before a number ("No. 5").
_BEFORE_NUMBER = regex.compile(r"\b(?i:arts?|figs?|nos?|pp?)\.\s*\Z")

# A blank line ends a block, and so does a full stop of the scripts that put no space after it.
_BLOCK_END = regex.compile(r"(?:[^\S\r\n]*(?:\r\n|\r|\n)){2,}\s*|(?<=[。！？])\s*")
_LINE_END = regex.compile(r"(?:\r\n|\r|\n)\s*")
_WRAPPED = range(40, 121)  # characters of a line that a program broke, not its writer
_LONG_SENTENCE = 1000  # characters; beyond it a "sentence" is a table or a list: cut at lines

# A word with the punctuation that touches it and the white space after it, so that what is left
# of a sentence without its last word does not run into the next. Ideographs and kana stand alone,
# since their words are not spaced. Marks belong to the letter they modify.
_IDEOGRAPH = r"\p{Han}\p{Hiragana}\p{Katakana}"
_LETTER = rf"[[\w\p{{M}}]--[{_IDEOGRAPH}]]"
_CORE = rf"(?:{_LETTER}+(?:['’.\-]{_LETTER}+)*|[{_IDEOGRAPH}])"
_WORD = regex.compile(rf"(?V1)[^\w\s]*{_CORE}[^\w\s]*\s*|[^\w\s]+\s*")

_CHUNK_WORDS = 80  # a chunk is a paragraph or so
_WANTED_CHUNKS = 48  # so that LIME over all chunks stays affordable for any proxy


@cache
def _punkt() -> PunktSentenceTokenizer:
    parameters = PunktParameters()
    parameters.abbrev_types = set(_ABBREVIATIONS)
    return PunktSentenceTokenizer(parameters)


def _tile(starts: Iterable[int], begin: int, end: int) -> list[Span]:
    """Spans that tile `[begin, end)` and begin at `begin` and at each of `starts` inside it."""
    cuts = sorted({begin, end, *(start for start in starts if begin < start < end)})
    return list(pairwise(cuts))


def sentences(text: str) -> list[Span]:
    """Sentence spans that tile `text`; white space belongs to the sentence before it."""
    spans: list[Span] = []
    blocks = _tile((m.end() for m in _BLOCK_END.finditer(text)), 0, len(text))
    for begin, end in (part for low, high in blocks for part in _paragraphs(text, low, high)):
        found = (begin + start for start, _ in _punkt().span_tokenize(text[begin:end]))
        starts = (start for start in found if not _splits_number(text, begin, start))
        for low, high in _tile(starts, begin, end):
            if high - low <= _LONG_SENTENCE:
                spans.append((low, high))
            else:
                lines = (low + m.end() for m in _LINE_END.finditer(text[low:high]))
                spans += _tile(lines, low, high)
    return _merge_fragments(text, spans)


def _paragraphs(text: str, begin: int, end: int) -> list[Span]:
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


def _merge_fragments(text: str, spans: Sequence[Span]) -> list[Span]:
    """Join a span without a word of its own ("4.2.", "(a)", blank) to the span after it."""
    merged: list[Span] = []
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


def words(text: str, begin: int = 0, end: int | None = None) -> list[Span]:
    """Word spans that tile `text[begin:end]`; white space belongs to the word before it."""
    end = len(text) if end is None else end
    return _tile((m.start() for m in _WORD.finditer(text, begin, end)), begin, end)


def chunks(text: str, sentence_spans: Sequence[Span]) -> list[Span]:
    """Spans of whole sentences: about 48 of them, or fewer of about 80 words.

    A chunk ends where a blank line stands once it is half full, so there may be twice as many.
    """
    lengths = [len(text[low:high].split()) for low, high in sentence_spans]
    wanted = max(_CHUNK_WORDS, -(-sum(lengths) // _WANTED_CHUNKS))
    spans: list[Span] = []
    begin, held = 0, 0
    for (low, high), length in zip(sentence_spans, lengths, strict=True):
        if held and held + length > wanted * 1.25:
            spans.append((begin, low))
            begin, held = low, 0
        held += length
        ends_block = _BLOCK_END.search(text, low, high) is not None
        if held >= wanted or (ends_block and held >= wanted / 2):
            spans.append((begin, high))
            begin, held = high, 0
    if begin < len(text):
        spans.append((begin, len(text)))
    return spans


def split(sources: Sequence[str], level: Level, within: Units | None = None) -> Units:
    """The units of `level` that tile every source, or only the part of it that `within` covers.

    `within` restricts words and sentences to the given coarser units, whose edges they respect.
    """
    units: list[Unit] = []
    for index, text in enumerate(sources):
        if not text:
            continue
        if isinstance(text, CutText):
            spans = text.spans(level)
            if level == "word" and within is not None:
                inside = [(u.start, u.end) for u in within if u.source == index]
                spans = [s for s in spans if any(a <= s[0] and s[1] <= b for a, b in inside)]
        elif level == "word":
            outer = [(u.start, u.end) for u in within if u.source == index] if within else None
            outer = sentences(text) if within is None else outer or []
            spans = [span for low, high in outer for span in words(text, low, high)]
        else:
            spans = sentences(text)
            if level == "chunk":
                spans = chunks(text, spans)
        units += [Unit(index, low, high, level) for low, high in spans]
    found = Units(units)
    if within is None or level == "word":
        return found
    return found.select(int(i) for i in (found.parents(within) >= 0).nonzero()[0])
