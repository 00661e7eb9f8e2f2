"""Automatic numbers: what Word writes before the paragraphs of lists and numbered headings.

ECMA-376 part 1, 17.9. A list (`num`) is a use of a definition (`abstractNum`); all lists of one
definition count on together, save where one of them overrides a start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import regex

from focus_lime.inputs.readers.docx_numerals import KNOWN, numeral
from focus_lime.inputs.readers.docx_xml import (
    Element,
    attribute,
    children,
    is_on,
    local,
    value,
    whole_number,
)

BULLET = "•"
_PLACE = regex.compile(r"%([1-9])")
_ZEROS = regex.compile(r"(0*)1(?:,.*)?")
_SUFFIXES = {"space": " ", "nothing": ""}
_LONGEST = 255  # characters of a number; Word takes no longer pattern
_LEVELS = range(9)


@dataclass(frozen=True)
class Level:
    """
    Attributes:
        text: the pattern, "%1.%2".
        restart: after which level it starts again, from 1; 0: never; None: after any above it.
        is_legal: all its numbers are in digits.
        suffix: what stands between the number and the text.
        style: paragraphs of this style are at this level.
        width: digits, of a format of its own.
    """

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    is_legal: bool = False
    suffix: str = "\t"
    style: str = ""
    is_hidden: bool = False
    width: int = 0

    def numeral(self, number: int, in_digits: bool) -> str:
        if self.format == "bullet":
            return ""
        written = numeral(number, "decimal" if in_digits else self.format)
        return written.zfill(self.width) if self.width else written


@dataclass(frozen=True)
class List:
    """
    Attributes:
        definition: which it uses.
        starts: of levels, overridden.
        levels: what it redefines.
    """

    definition: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


class Numbering:
    """
    Args:
        root: the part of the numbering; None where the package lacks it.
        num_of: the list of a numbering style.
    """

    def __init__(self, root: Element | None, num_of: Callable[[str], str | None]) -> None:
        self._definitions: dict[str, dict[int, Level]] = {}
        self._styles: dict[str, dict[str, int]] = {}  # definition -> style -> level
        self._lists: dict[str, List] = {}
        self.unknown_formats: set[str] = set()
        links: dict[str, str] = {}
        for element in () if root is None else root:
            if local(element) == "abstractNum":
                name = attribute(element, "w:abstractNumId") or ""
                if (link := value(children(element).get("numStyleLink"))) is not None:
                    links[name] = link
                self._definitions[name] = self._levels(element)
            elif local(element) == "num":
                name = attribute(element, "w:numId") or ""
                self._lists[name] = self._list(element)
        for name, levels in self._definitions.items():
            self._styles[name] = {v.style: k for k, v in reversed(levels.items()) if v.style}
        self._links = {name: self._lists.get(num_of(link) or "") for name, link in links.items()}

    def find(self, name: str) -> List | None:
        """A list by its id, at the definition that its style stands for; "0" is none."""
        found = self._lists.get(name)
        seen: set[str] = set()
        while found is not None and found.definition in self._links:
            if found.definition in seen:
                return None
            seen.add(found.definition)
            linked = self._links[found.definition]
            if linked is None:
                break
            found = List(linked.definition, {**linked.starts, **found.starts}, linked.levels)
        return found if found is not None and found.definition in self._definitions else None

    def level(self, of: List, level: int) -> Level | None:
        own = of.levels.get(level)
        return own if own is not None else self._definitions[of.definition].get(level)

    def level_of_style(self, of: List, style: str) -> int | None:
        """The level that is bound to a style."""
        return self._styles[of.definition].get(style)

    def _levels(self, element: Element) -> dict[int, Level]:
        levels: dict[int, Level] = {}
        for child in element:
            number = whole_number(attribute(child, "w:ilvl"))
            if local(child) == "lvl" and number is not None and number in _LEVELS:
                levels.setdefault(number, self._level(child))
        return levels

    def _level(self, element: Element) -> Level:
        parts = children(element)
        if "AlternateContent" in parts:  # a format of its own, as Word 2010 and later write it
            choice = children(parts["AlternateContent"]).get("Choice")
            parts = {**({} if choice is None else children(choice)), **parts}
        name, width = value(parts.get("numFmt")) or "decimal", 0
        if name == "custom":
            zeros = _ZEROS.fullmatch(attribute(parts["numFmt"], "w:format") or "")
            name, width = ("decimal", len(zeros[1]) + 1) if zeros else (name, 0)
        if name not in KNOWN:
            self.unknown_formats.add(name[:40])
        start = whole_number(value(parts.get("start")), 0)
        hidden = children(parts["rPr"]).get("vanish") if "rPr" in parts else None
        return Level(
            start=0 if start is None else start,
            format=name,
            text=value(parts.get("lvlText")) or "",
            restart=whole_number(value(parts.get("lvlRestart"))),
            is_legal=is_on(parts.get("isLgl")),
            suffix=_SUFFIXES.get(value(parts.get("suff")) or "", "\t"),
            style=value(parts.get("pStyle")) or "",
            is_hidden=is_on(hidden),
            width=width,
        )

    def _list(self, element: Element) -> List:
        definition = ""
        starts: dict[int, int] = {}
        levels: dict[int, Level] = {}
        for child in element:
            if local(child) == "abstractNumId":
                definition = value(child) or ""
            if local(child) != "lvlOverride":
                continue
            level = whole_number(attribute(child, "w:ilvl"))
            if level is None or level not in _LEVELS:
                continue
            parts = children(child)
            start = whole_number(value(parts.get("startOverride")))
            if start is not None:
                starts[level] = start
            if "lvl" in parts:
                levels[level] = self._level(parts["lvl"])
        return List(definition, starts, levels)


class Counters:
    """Where the lists of one run of text stand."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def count(self, num: str, level: int) -> str:
        """Count a paragraph, and write its number with what follows it; "" where Word shows none.

        A level above that no paragraph had yet counts as begun by this one, as since Word 97.
        """
        of = self._numbering.find(num)
        own = None if of is None else self._numbering.level(of, level)
        if of is None or own is None:
            return ""
        counts = self._counts.setdefault(of.definition, {})
        for above in range(level):
            if above not in counts:
                self._begin(num, of, above, counts)
        if level not in counts or (level in of.starts and (num, level) not in self._begun):
            self._begin(num, of, level, counts)
        else:
            counts[level] += 1
        for below in [k for k in counts if k > level]:
            deeper = self._numbering.level(of, below)
            if deeper is None or _restarts(deeper, below, level):
                del counts[below]
        return self._written(of, own, level, counts)

    def _begin(self, num: str, of: List, level: int, counts: dict[int, int]) -> None:
        definition = self._numbering.level(of, level)
        counts[level] = of.starts.get(level, definition.start if definition else 1)
        self._begun.add((num, level))

    def _written(self, of: List, own: Level, level: int, counts: dict[int, int]) -> str:
        if own.is_hidden or not own.text:
            return ""
        if own.format == "bullet":
            return BULLET + own.suffix

        def number(match: regex.Match[str]) -> str:
            at = int(match[1]) - 1
            definition = self._numbering.level(of, at)
            if definition is None or at > level:
                return ""
            return definition.numeral(counts[at], own.is_legal)

        written = _PLACE.sub(number, own.text[:_LONGEST])[:_LONGEST]
        return written + own.suffix if written.strip() else ""


def _restarts(deeper: Level, below: int, level: int) -> bool:
    """Whether a level starts again after a paragraph of one above it."""
    if deeper.restart is None or deeper.restart > below:
        return True
    return level < deeper.restart
