"""Source files to audit: which of a folder are read, and how their text becomes a prompt."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from focus_lime.errors import FocusLimeError
from focus_lime.jobs.grammar import ENDINGS, Cuts, Span, cut
from focus_lime.prompt.cut import CutText
from focus_lime.prompt.prompt import Message, Prompt, Segment, read_document
from focus_lime.report.layout import Layout

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
        found: list[tuple[int, int, bool]] = []
        position = 0
        for comment in self.cuts.comments:
            start, end = self._whole(comment, to_line_end=comments == "keep")
            start = max(start, position)
            found.append((position, start, True))
            if comments == "keep":
                found.append((start, end, False))
            position = max(position, end)
        found.append((position, len(self.text), True))
        return [(a, b, keep and bool(self.text[a:b].strip())) for a, b, keep in found if a < b]

    def _whole(self, comment: Span, *, to_line_end: bool) -> Span:
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

    def piece(self, start: int, end: int) -> CutText:
        """Characters `[start, end)` with the units that they hold."""
        cuts = self.cuts
        levels = {"chunk": cuts.blocks, "sentence": cuts.lines, "word": cuts.tokens}
        shifted = {k: tuple(c - start for c in v if start < c < end) for k, v in levels.items()}
        return CutText(self.text[start:end], shifted)

    def region(self, start: int, end: int) -> dict[str, Any]:
        """Lines and columns from 1, in characters; the end column is past the last one. White
        space around the text is left out.
        """
        inside = self.text[start:end]
        if inside.strip():
            start += len(inside) - len(inside.lstrip())
            end = start + len(inside.strip())

        def at(offset: int) -> tuple[int, int]:
            return self.text.count("\n", 0, offset) + 1, offset - self.text.rfind("\n", 0, offset)

        (line, column), (end_line, end_column) = at(start), at(end)
        return {
            "file": self.name,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "start": start,
            "end": end,
        }


class Code:
    """A subject of one file, or of several in one prompt, each under its name."""

    def __init__(self, files: Sequence[SourceFile], comments: Comments) -> None:
        self.name = files[0].name if len(files) == 1 else f"{len(files)} files"
        self.notes: tuple[str, ...] = ()
        self._segments: list[Segment] = []
        self._sources: list[tuple[SourceFile, int]] = []  # file and offset of each source
        for number, file in enumerate(files):
            if len(files) > 1:
                gap = "\n\n" if number else ""
                self._segments.append(Segment(f"{gap}File: {file.name}\n", False))
            for start, end, attributable in file.pieces(comments):
                self._segments.append(Segment(file.piece(start, end), attributable))
                if attributable:
                    self._sources.append((file, start))
        if not self._sources:
            raise FocusLimeError(f"{self.name} has no code to explain")

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
        asked = Segment(f"\n\nQuestion: {question}", False)
        return Prompt((Message("user", (*self._segments, asked)),), question)

    def place(self, source: int, start: int, end: int) -> dict[str, Any]:
        file, offset = self._sources[source]
        return file.region(offset + start, offset + end)


def read_source(path: str | Path, kilobytes: int = KILOBYTES) -> SourceFile:
    """Raises FocusLimeError: too large, binary, not UTF-8, empty, or not there."""
    path = Path(path)
    if path.is_file() and path.stat().st_size > kilobytes << 10:
        raise FocusLimeError(
            f"{path} has {path.stat().st_size >> 10} KB, more than the limit of {kilobytes}: "
            "raise --max-kb, or leave it out"
        )
    text = read_document(path)
    return SourceFile(str(path), text, cut(str(path), text))


def source_paths(paths: Sequence[str]) -> list[str]:
    """Files as they are given, and of folders every source file that git would not ignore.

    Raises:
        FocusLimeError: a folder without source files.
    """
    found: list[str] = []
    for path in paths:
        if not Path(path).is_dir():
            found.append(path)
            continue
        inside = [str(file) for file in _walk(Path(path), _above(Path(path)))]
        if not inside:
            raise FocusLimeError(f"{path} has no source files (known: {' '.join(sorted(ENDINGS))})")
        found += inside
    return list(dict.fromkeys(found))


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
        said = spec.check_file(inner).include
        if said is not None:
            return bool(said)
    return False
