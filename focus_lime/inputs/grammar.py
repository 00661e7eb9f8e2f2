"""Code cut by its grammar: blocks > lines > tokens, and where the comments are.

A language without a grammar is cut at its lines, and its tokens are words; its comments are not
known. Lines end where editors end them: at \\n, \\r\\n or \\r alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from focus_lime.inputs.cut import Range, words
from focus_lime.inputs.languages import language_of
from focus_lime.inputs.syntax import syntax

_SHORT_BLOCK = 5  # lines; shorter ones are joined
# What may be no character by itself: marks, joiners, halves of flags, parts of syllables.
_JOINING = regex.compile(r"(?V1)[\P{GCB=Other}--\p{Cc}]")
_LINE = regex.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")


@dataclass(frozen=True)
class Cuts:
    """Where units begin, each level's first at 0, and the comments as spans.

    Attributes:
        language: None where no grammar of ours reads it, and comments are not known.
    """

    blocks: tuple[int, ...]
    lines: tuple[int, ...]
    tokens: tuple[int, ...]
    comments: tuple[Range, ...]
    language: str | None = None

    @property
    def levels(self) -> dict[str, tuple[int, ...]]:
        """The starts of each level, coarse to fine."""
        return {"block": self.blocks, "line": self.lines, "token": self.tokens}


def cut_code(name: str, text: str) -> Cuts:
    """The units of a file's text; its name says the language, see `language_of`.

    Raises:
        FocusLimeError: the grammar is not installed, or does not come to an end with the text.
    """
    lines = _lines(text)
    language = language_of(name, text)
    if language is None:
        spans = [words(text, a, b) for a, b in pairwise((*lines, len(text)))]
        starts = [start for line in spans for start, _ in line]
        return Cuts(
            _joined(lines, _after_blank(text, lines)), lines, _tokens(text, lines, starts), ()
        )
    read = syntax(language, text)
    at_lines = {lines[max(0, bisect_left(lines, start + 1) - 1)] for start in read.blocks}
    return Cuts(
        _joined(lines, sorted(at_lines)),
        lines,
        _tokens(text, lines, read.tokens),
        read.comments,
        language.name,
    )


def line_starts(text: str) -> tuple[int, ...]:
    """Where lines begin, as an editor counts them; the first at 0."""
    ends = [match.end() for match in _LINE.finditer(text) if match[0][-1] in "\r\n"]
    return (0, *ends)


def _lines(text: str) -> tuple[int, ...]:
    """Starts of lines; a blank line belongs to the line before it."""
    starts = [match.start() for match in _LINE.finditer(text) if match[0].strip()]
    return tuple(sorted({0, *starts[1:]}))


def _after_blank(text: str, lines: tuple[int, ...]) -> list[int]:
    return [b for a, b in pairwise(lines) if len(_LINE.findall(text, a, b)) > 1]


def _tokens(text: str, lines: tuple[int, ...], starts: Sequence[int]) -> tuple[int, ...]:
    """Starts of lines, and of every token but a line's first: white space goes with the token
    before it, a line's indentation with its first. None is inside of a character that people see.
    """
    cuts: set[int] = set()
    for begin, end in pairwise((*lines, len(text))):
        inside = starts[bisect_left(starts, begin) : bisect_left(starts, end)]
        if inside and not text[begin : inside[0]].strip():
            inside = inside[1:]
        line = text[begin:end]
        if _JOINING.search(line):
            whole = {begin + match.start() for match in regex.finditer(r"\X", line)}
            inside = [start for start in inside if start in whole]
        cuts |= {begin, *(start for start in inside if not text[start].isspace())}
    return tuple(sorted(cuts))


def _joined(lines: tuple[int, ...], wanted: list[int]) -> tuple[int, ...]:
    """The wanted starts of blocks, less those that would make a block of a few lines."""
    number = {start: i for i, start in enumerate(lines)}
    kept = [0]
    for start in wanted:
        if start in number and number[start] - number[kept[-1]] >= _SHORT_BLOCK:
            kept.append(start)
    return tuple(kept)
