"""Source files to audit: which of a folder are read, and how their text becomes a prompt."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Literal

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.cut import Range
from focus_lime.inputs.grammar import Cuts, cut_code, line_starts
from focus_lime.inputs.ignored import walk
from focus_lime.inputs.languages import ENDINGS, is_source
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import CodePlace
from focus_lime.inputs.prompt import Message, Prompt, Segment, question_segment
from focus_lime.inputs.source_text import read_code
from focus_lime.inputs.spans import Spans
from focus_lime.inputs.units import Span, Unit

_INK = re.compile(r"\S")
Comments = Literal["ablate", "keep", "omit"]
COMMENTS: tuple[Comments, ...] = ("ablate", "keep", "omit")
KILOBYTES = 256
_JOINED = ("c", "cpp")  # a comment over lines is a space there, in a directive too


@dataclass(frozen=True)
class SourceFile:
    """Text of one file, less its byte order mark, and its units.

    Attributes:
        notes: what a reader of the result should know about how the text was made.
    """

    name: str
    text: str = field(repr=False)
    cuts: Cuts = field(repr=False)
    notes: tuple[str, ...] = ()

    @cached_property
    def _lines(self) -> tuple[int, ...]:
        return line_starts(self.text)

    def pieces(self, comments: Comments) -> list[tuple[int, int, bool]]:
        """(start, end, attributable) of what the model reads; blank pieces are protected."""
        if comments == "ablate":
            return [(0, len(self.text), True)]
        pieces: list[tuple[int, int, bool]] = []
        position = 0
        for comment in self.cuts.comments:
            start, end = self._with_lines(comment, to_line_end=comments == "keep")
            start = max(start, position)
            pieces.append((position, start, True))
            if comments == "keep":
                pieces.append((start, end, False))
            position = max(position, end)
        pieces.append((position, len(self.text), True))
        return [
            (a, b, is_code and bool(self.text[a:b].strip())) for a, b, is_code in pieces if a < b
        ]

    def _with_lines(self, comment: Range, *, to_line_end: bool) -> Range:
        """A comment that has its lines for itself takes them whole, unless a backslash joins them
        to the line before. One behind code takes the line's end where it stays: else code of the
        next line could slip into it.
        """
        start, end = comment
        begin, stop = self._row(start)[0], self._row(max(start, end - 1))[1]
        if _INK.search(self.text, end, stop):
            return comment
        is_continued = self.text[max(0, begin - 80) : begin].rstrip().endswith("\\")
        if self._is_first(start, begin) and not is_continued:
            return begin, stop
        return start, stop if to_line_end else end

    def between(self, start: int, end: int) -> str:
        """What keeps apart the code around comments that are left out: as in C, a space; a line's
        end where they held one, which ends a statement in some languages.
        """
        (begin, _), (_, stop) = self._row(start), self._row(end)
        if self._is_first(start, begin) or not _INK.search(self.text, end, stop):
            return ""
        held = self.text[start:end]
        if self.cuts.language not in _JOINED and any(sign in held for sign in "\r\n"):
            return "\n"
        return "" if self.text[start - 1].isspace() or self.text[end].isspace() else " "

    def _row(self, offset: int) -> Range:
        """The line that a character stands in."""
        number = self.line(offset)
        after = self._lines[number] if number < len(self._lines) else len(self.text)
        return self._lines[number - 1], after

    def _is_first(self, offset: int, begin: int) -> bool:
        """Whether only white space stands before a character in its line."""
        while offset > begin and self.text[offset - 1].isspace():
            offset -= 1
        return offset == begin

    def units(self, level: str, starts: Sequence[int], piece: Span) -> list[Unit]:
        """The units of a level in a piece of the file, which is a source of its own."""
        source, low, high = piece.source, piece.start, piece.end
        inside = starts[bisect_right(starts, low) : bisect_left(starts, high)]
        return [Unit(source, a - low, b - low, level) for a, b in pairwise((low, *inside, high))]

    def line(self, offset: int) -> int:
        """The line of a character, from 1, as an editor counts."""
        return bisect_right(self._lines, offset)

    def place(self, start: int, end: int) -> CodePlace:
        """Of characters of the file; white space around the text is left out. A column counts
        characters (Unicode code points) from 1: an emoji is one or more, never half of one.
        """
        inside = self.text[start:end]
        if inside.strip():
            start += len(inside) - len(inside.lstrip())
            end = start + len(inside.strip())

        def at(offset: int) -> tuple[int, int]:
            line = self.line(offset)
            return line, offset - self._lines[line - 1] + 1

        (line, column), (end_line, end_column) = at(start), at(end)
        return CodePlace(
            file=self.name,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            start=start,
            end=end,
        )


class SourceFiles:
    """One file, or several in one prompt, each under its name."""

    def __init__(self, files: Sequence[SourceFile], comments: Comments) -> None:
        self.name = files[0].name if len(files) == 1 else f"{len(files)} files"
        self._segments: list[Segment] = []
        self._sources: list[tuple[SourceFile, int]] = []  # file and offset of each source
        levels: dict[str, list[Unit]] = {"block": [], "line": [], "token": []}
        for number, file in enumerate(files):
            if len(files) > 1:
                gap = "\n\n" if number else ""
                self._segments.append(Segment(f"{gap}File: {file.name}\n", False))
            cuts, position = file.cuts.levels, 0
            for start, end, attributable in file.pieces(comments):
                if position and position < start and (gap := file.between(position, start)):
                    self._segments.append(Segment(gap, False))
                self._segments.append(Segment(file.text[start:end], attributable))
                position = end
                if attributable:
                    piece = Span(len(self._sources), start, end)
                    for level, starts in cuts.items():
                        levels[level] += file.units(level, starts, piece)
                    self._sources.append((file, start))
        if not self._sources:
            raise FocusLimeError(f"{self.name} has no code to explain")
        self._splitter = Spans(levels)
        self._notes = tuple(
            f"{file.name}: {note}" for file in files for note in _notes(file, comments)
        )

    @property
    def layout(self) -> Layout:
        """Several pieces of one file, where comments are not ablated, keep their line numbers."""
        return Layout(
            "code",
            self.name,
            titles=tuple(file.name for file, _ in self._sources),
            first_lines=tuple(file.line(at) for file, at in self._sources),
        )

    def prompt(self, question: str) -> Prompt:
        message = Message("user", (*self._segments, question_segment(question, "\n\n")))
        return Prompt((message,), question, self._splitter, self._notes)

    def place(self, span: Span) -> CodePlace:
        file, offset = self._sources[span.source]
        return file.place(offset + span.start, offset + span.end)


def _notes(file: SourceFile, comments: Comments) -> Iterator[str]:
    yield from file.notes
    if comments != "ablate" and file.cuts.language is None:
        yield "no grammar reads it, so its comments were taken for code"


def shown(path: str | Path) -> str:
    """A path as text: bytes of a name that are none are written as escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def read_source(path: str | Path, kilobytes: int = KILOBYTES) -> SourceFile:
    """Raises FocusLimeError: not there, too large, binary, in no known encoding, empty, or beyond
    its grammar.
    """
    name = shown(path)
    try:
        text, notes = read_code(Path(path), kilobytes)
    except FocusLimeError as error:
        raise FocusLimeError(shown(str(error))) from None
    try:
        return SourceFile(name, text, cut_code(name, text), notes)
    except FocusLimeError as error:
        raise FocusLimeError(f"{name}: {error}") from None


def source_paths(paths: Sequence[str]) -> list[str]:
    """Files as they are given, and of folders every source file that git would not ignore.

    Raises:
        FocusLimeError: a folder without source files.
    """
    files: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            files.append(path)
            continue
        inside = [str(file) for file in walk(Path(path), is_source)]
        if not inside:
            raise FocusLimeError(f"{path} has no source files (known: {' '.join(sorted(ENDINGS))})")
        files += inside
    return list(dict.fromkeys(files))
