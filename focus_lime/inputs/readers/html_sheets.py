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
_BRACKET_OR_COMMA = regex.compile(r"[(\[]|[)\]]|,")
_WIDTH = regex.compile(r"\((min|max)-(?:device-)?width\s*:\s*([\d.]+)(px|em|rem)\)")
_ESCAPE = regex.compile(r"\\([g-zG-Z-])")  # of a letter that is none of a code
_LONGEST, _MOST_NESTED = 500, 50  # characters of a selector that is nested, and how many
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
    position, is_spoilt = 0, False
    blocks: list[list[str] | None] = [[]]  # the selectors of each open block; None: not applied
    while position < len(sheet):
        match = _PART.match(sheet, position)
        if match is None:
            return
        part, end = sheet[position : match.start("end")].strip(), match["end"]
        position = max(match.end(), position + 1)
        block = blocks[-1]
        if end != "{":
            # A block of declarations is cut at its semicolons.
            yield from _rules(block or [], part)
            if end == "}" and len(blocks) > 1:
                blocks.pop()
            elif end == "}":
                is_spoilt = True  # a brace too many belongs to the next selector
        elif block is None or is_spoilt:
            blocks.append(None)
            is_spoilt = False
        elif part.startswith("@"):
            blocks.append(block if _applies(part.lower()) else None)
        else:
            blocks.append(_nested(block, _apart(part)))


def declarations(text: str) -> Declarations:
    """What a `style` attribute or the inside of a rule says of `PROPERTIES`."""
    found: Declarations = {}
    for match in _DECLARATION.finditer(_ESCAPE.sub(r"\1", _COMMENT.sub("", text))):
        name = match[1].lower()
        value, _, mark = match[2].strip().lower().partition("!")
        important = mark.strip() == "important"
        if name in PROPERTIES and not (name in found and found[name][1] and not important):
            found[name] = (value.strip(), important)
    return found


def _nested(outer: list[str], own: list[str]) -> list[str] | None:
    """The selectors of a block inside of another."""
    if not any(own):
        return None
    if not outer:
        return own
    both = [
        part.replace("&", whole) if "&" in part else f"{whole} {part}"
        for whole in outer[:_MOST_NESTED]
        for part in own[:_MOST_NESTED]
    ]
    return [selector for selector in both if len(selector) <= _LONGEST] or None


def _apart(selectors: str) -> list[str]:
    """The selectors of a list, cut at the commas outside of brackets."""
    parts, start, depth = [], 0, 0
    for match in _BRACKET_OR_COMMA.finditer(selectors):
        if match[0] != ",":
            depth = max(0, depth + (1 if match[0] in "([" else -1))
        elif depth == 0:
            parts.append(selectors[start : match.start()].strip())
            start = match.end()
    return [*parts, selectors[start:].strip()]


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
