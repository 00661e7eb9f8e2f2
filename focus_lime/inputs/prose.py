"""Prose: paragraph > sentence > word. A proxy scores chunks of it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import regex

from focus_lime.inputs.cut import cut, whole
from focus_lime.inputs.tree import UnitTree
from focus_lime.inputs.units import Unit, Units

_CHUNK_WORDS = 80  # a chunk is a paragraph or so
_WANTED_CHUNKS = 48  # so that LIME over all chunks stays affordable for any proxy


# Behind a sentence, and not within it: there a page may end.
_BLANK_LINE = regex.compile(r"(?:[^\S\r\n]*(?:\r\n|\r|\n)){2}")


@dataclass(frozen=True)
class Prose:
    """Paragraphs end at blank lines; sentences and words are those of `cut`."""

    def split(self, sources: Sequence[str]) -> UnitTree:
        sentences = cut(sources, "sentence", whole(sources, "text"))
        return UnitTree(
            {
                "paragraph": paragraphs(sources, sentences),
                "sentence": sentences,
                "word": lambda units: cut(sources, "word", units),
            },
            scored="sentence",
            coarse=chunks(sources, sentences),
        )


def paragraphs(sources: Sequence[str], sentences: Units) -> Units:
    """Runs of whole sentences up to the one that a blank line follows."""
    paragraphs: list[Unit] = []
    run: list[Unit] = []
    for unit in sentences:
        if run and (unit.source != run[0].source or _ends_paragraph(sources, run[-1])):
            paragraphs.append(_joined(run, "paragraph"))
            run = []
        run.append(unit)
    if run:
        paragraphs.append(_joined(run, "paragraph"))
    return Units(paragraphs)


def chunks(sources: Sequence[str], sentences: Units) -> Units:
    """Runs of whole sentences: about 48 in each text, or fewer of about 80 words.

    A chunk ends where a blank line stands once it is half full, so there may be twice as many.
    """
    chunks: list[Unit] = []
    for _, in_source in groupby(sentences, attrgetter("source")):
        own = list(in_source)
        lengths = [len(unit.text(sources).split()) for unit in own]
        wanted = max(_CHUNK_WORDS, -(-sum(lengths) // _WANTED_CHUNKS))
        run: list[Unit] = []
        held = 0
        for unit, length in zip(own, lengths, strict=True):
            if held and held + length > wanted * 1.25:
                chunks.append(_joined(run, "chunk"))
                run, held = [], 0
            run.append(unit)
            held += length
            if held >= wanted or (held >= wanted / 2 and _ends_paragraph(sources, unit)):
                chunks.append(_joined(run, "chunk"))
                run, held = [], 0
        if run:
            chunks.append(_joined(run, "chunk"))
    return Units(chunks)


def _ends_paragraph(sources: Sequence[str], unit: Unit) -> bool:
    text = unit.text(sources)
    return _BLANK_LINE.search(text, len(text.rstrip())) is not None


def _joined(run: Sequence[Unit], level: str) -> Unit:
    return Unit(run[0].source, run[0].start, run[-1].end, level, run[0].name)
