"""Style sheets of a page: the rules that decide whether and how text is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

PROPERTIES = frozenset(
    "display visibility content-visibility opacity font-size white-space white-space-collapse "
    "list-style-type list-style font".split()
)
WINDOW = 1280  # pixels: how wide the window is for rules that ask

_COMMENT = regex.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", regex.DOTALL)
_STRING = r"\"(?:\\.|[^\"\\\n])*+\"?|'(?:\\.|[^'\\\n])*+'?"
_PART = regex.compile(rf"(?:{_STRING}|[^{{}};\"'])*+(?P<end>[{{}};]|\Z)", regex.DOTALL)
_DECLARATION = regex.compile(rf"\s*+([a-z-]++)\s*+:((?:{_STRING}|\([^)]*+\)?|[^;\"'(])*+)", regex.I)
_UNMATCHED = regex.compile(
    r"::|:(?:before|after|first-line|first-letter|hover|active|visited|target|focus)", regex.I
)
_COMMA = regex.compile(r",(?![^(\[]*[)\]])")
_WIDTH = regex.compile(r"\((min|max)-(?:device-)?width\s*:\s*([\d.]+)(px|em|rem)\)")
_PASSED = ("@supports", "@layer", "@container", "@scope")

Declarations = dict[str, tuple[str, bool]]  # property: value, and whether it is important


class Rule(NamedTuple):
    """
    Attributes:
        specificity: ids, classes and tags of the selector.
    """

    selector: str
    specificity: tuple[int, int, int]
    declarations: Declarations


def rules(sheet: str) -> Iterator[Rule]:
    """The rules of a sheet that say anything of `PROPERTIES`, in order, each with one selector.
    Those for paper, and those that only a pointer or a click brings about, are left out.
    """
    sheet = _COMMENT.sub(" ", sheet)
    position, skipped, depth = 0, 0, 0  # skipped: the depth of a block that does not apply
    selectors: list[str] = []
    while position < len(sheet):
        match = _PART.match(sheet, position)
        if match is None:
            return
        part, end = sheet[position : match.start("end")].strip(), match["end"]
        position = max(match.end(), position + 1)
        if selectors and (end in ";}" or not end):
            # A declaration block is cut at its semicolons.
            yield from _rules(selectors, part)
            if end == "}":
                selectors, depth = [], depth - 1
        elif end == "{":
            depth += 1
            if selectors:  # nested rules are not followed
                selectors, skipped = [], skipped or depth
            elif skipped:
                continue
            elif part.startswith("@"):
                skipped = 0 if _applies(part.lower()) else depth
            else:
                selectors = [selector.strip() for selector in _COMMA.split(part)]
                if not any(selectors):
                    selectors, skipped = [], depth
        elif end == "}":
            if skipped == depth:
                skipped = 0
            depth = max(0, depth - 1)


def declarations(text: str) -> Declarations:
    """What a `style` attribute or the inside of a rule says of `PROPERTIES`."""
    found: Declarations = {}
    for match in _DECLARATION.finditer(text):
        name = match[1].lower()
        value, _, mark = match[2].strip().lower().partition("!")
        important = mark.strip() == "important"
        if name in PROPERTIES and not (name in found and found[name][1] and not important):
            found[name] = (value.strip(), important)
    return found


def _rules(selectors: list[str], text: str) -> Iterator[Rule]:
    said = declarations(text)
    for selector in selectors if said else ():
        if not _UNMATCHED.search(selector):
            yield Rule(selector, _specificity(selector), said)


def _specificity(selector: str) -> tuple[int, int, int]:
    plain = regex.sub(r"\[[^\]]*+\]", ".a", selector)
    return (
        len(regex.findall(r"#[\w-]", plain)),
        len(regex.findall(r"\.[\w-]|(?<!:):(?!not|is|where|has)[\w-]", plain)),
        len(regex.findall(r"(?<![\w.#:-])[a-zA-Z]", plain)),
    )


def _applies(rule: str) -> bool:
    if not rule.startswith("@media"):
        return rule.startswith(_PASSED)
    return any(_query(query.strip()) for query in rule.removeprefix("@media").split(","))


def _query(query: str) -> bool:
    """Whether a condition holds on a wide screen; one that is not known does not."""
    words = query.removeprefix("only ").split(" and ")
    for word in map(str.strip, words):
        if match := _WIDTH.fullmatch(word):
            pixels = float(match[2].strip(".") or 0) * (1 if match[3] == "px" else 16)
            if (pixels > WINDOW) if match[1] == "min" else (pixels < WINDOW):
                return False
        elif word not in ("all", "screen", "", "not print"):
            return False
    return True
