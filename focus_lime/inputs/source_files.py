"""Source files to audit: which of a folder are read, and how their text becomes a prompt."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from focus_lime.errors import FocusLimeError
from focus_lime.files import read_text
from focus_lime.inputs.cut import Range
from focus_lime.inputs.grammar import ENDINGS, Cuts, cut_code
from focus_lime.inputs.layout import Layout
from focus_lime.inputs.places import CodePlace
from focus_lime.inputs.prompt import Message, Prompt, Segment, question_segment
from focus_lime.inputs.spans import Spans
from focus_lime.inputs.units import Span, Unit

Comments = Literal["ablate", "keep", "omit"]
COMMENTS: tuple[Comments, ...] = ("ablate", "keep", "omit")
KILOBYTES = 256


@dataclass(frozen=True)
class SourceFile:
    """Text of one file, as it is on disk, and its units."""

    name: str
    text: str = field(repr=False)
    cuts: Cuts = field(repr=False)

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
        """A comment that has its lines for itself takes them whole. One behind code takes the
        line's end where it stays: else code of the next line could slip into it.
        """
        start, end = comment
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", end) + 1 or len(self.text)
        if self.text[end:stop].strip():
            return comment
        if not self.text[begin:start].strip():
            return begin, stop
        return start, stop if to_line_end else end

    def units(self, level: str, starts: Sequence[int], piece: Span) -> list[Unit]:
        """The units of a level in a piece of the file, which is a source of its own."""
        source, low, high = piece.source, piece.start, piece.end
        cuts = [low, *(start for start in starts if low < start < high), high]
        return [Unit(source, a - low, b - low, level) for a, b in pairwise(cuts)]

    def place(self, start: int, end: int) -> CodePlace:
        """Of characters of the file; white space around the text is left out."""
        inside = self.text[start:end]
        if inside.strip():
            start += len(inside) - len(inside.lstrip())
            end = start + len(inside.strip())

        def at(offset: int) -> tuple[int, int]:
            return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

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
            for start, end, attributable in file.pieces(comments):
                self._segments.append(Segment(file.text[start:end], attributable))
                if attributable:
                    piece = Span(len(self._sources), start, end)
                    for level, starts in file.cuts.levels.items():
                        levels[level] += file.units(level, starts, piece)
                    self._sources.append((file, start))
        if not self._sources:
            raise FocusLimeError(f"{self.name} has no code to explain")
        self._splitter = Spans(levels)

    @property
    def layout(self) -> Layout:
        """Several pieces of one file, where comments are not ablated, keep their line numbers."""
        return Layout(
            "code",
            self.name,
            titles=tuple(file.name for file, _ in self._sources),
            first_lines=tuple(file.text.count("\n", 0, at) + 1 for file, at in self._sources),
        )

    def prompt(self, question: str) -> Prompt:
        message = Message("user", (*self._segments, question_segment(question, "\n\n")))
        return Prompt((message,), question, self._splitter)

    def place(self, span: Span) -> CodePlace:
        file, offset = self._sources[span.source]
        return file.place(offset + span.start, offset + span.end)


def read_source(path: str | Path, kilobytes: int = KILOBYTES) -> SourceFile:
    """Raises FocusLimeError: too large, binary, not UTF-8, empty, or not there."""
    path = Path(path)
    if path.is_file() and path.stat().st_size > kilobytes << 10:
        raise FocusLimeError(
            f"{path} has {path.stat().st_size >> 10} KB, more than the limit of {kilobytes}: "
            "raise --max-kb, or leave it out"
        )
    text = read_text(path)
    return SourceFile(str(path), text, cut_code(str(path), text))


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
        inside = [str(file) for file in _walk(Path(path), _above(Path(path)))]
        if not inside:
            raise FocusLimeError(f"{path} has no source files (known: {' '.join(sorted(ENDINGS))})")
        files += inside
    return list(dict.fromkeys(files))


Rules = tuple[tuple[Path, Any], ...]


def _above(folder: Path) -> Rules:
    """The .gitignore files between the repository's root and the folder, the folder left out."""
    rules: Rules = ()
    here = folder.resolve()
    if (here / ".git").exists():
        return ()
    for parent in here.parents:
        rules = _with(parent, rules, first=True)
        if (parent / ".git").exists():
            return rules
    return ()


def _with(folder: Path, rules: Rules, *, first: bool = False) -> Rules:
    file = folder / ".gitignore"
    if not file.is_file():
        return rules
    try:
        import pathspec
    except ImportError:
        raise FocusLimeError(
            ".gitignore is read with the package pathspec: pip install 'focus-lime[code]'"
        ) from None
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    rule = (folder.resolve(), pathspec.GitIgnoreSpec.from_lines(lines))
    return (rule, *rules) if first else (*rules, rule)


def _walk(folder: Path, rules: Rules) -> Iterator[Path]:
    rules = _with(folder, rules)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise FocusLimeError(f"{folder} cannot be read: {error.strerror}") from None
    for entry in entries:
        path = Path(entry.path)
        if entry.is_symlink() or entry.name == ".git" or _ignored(path, entry.is_dir(), rules):
            continue
        if entry.is_dir():
            yield from _walk(path, rules)
        elif path.suffix.lower() in ENDINGS:
            yield path


def _ignored(path: Path, folder: bool, rules: Rules) -> bool:
    """The innermost file that says something decides."""
    for root, spec in reversed(rules):
        inner = path.resolve().relative_to(root).as_posix() + ("/" if folder else "")
        included = spec.check_file(inner).include
        if included is not None:
            return bool(included)
    return False
