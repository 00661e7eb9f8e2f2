"""Reads a report as a browser does: newlines normalised first, then references resolved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from focus_lime.explanation import Explanation

_VOID = {"meta", "path", "br", "img", "link", "hr", "input"}

PAGE_TAGS = set(
    "html head meta title style script body p h1 header b dl dt dd div h2 ul ol li main aside "
    "section a span svg path bdi small details summary mark article form label input output button "
    "dialog kbd code strong em i select option optgroup table thead tbody tr td th".split()
)


@dataclass
class Mark:
    id: str
    classes: str
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What a report holds: `texts` are the sources, `marks` what can be painted in them, in order;
    `data` is what its script reads; `links` and `named` where each link leads and what it shows.
    """

    source: str
    texts: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    units: list[int | None] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    csp: str = ""
    css: str = ""
    script: str = ""
    json: str = ""
    shown: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(self.source.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()
        assert not self._open, f"not closed: {self._open}"

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.json)
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= set(found)
        if "id" in found:
            self.ids.append(found["id"])
        if "href" in found:
            self.links.append(found["href"])
            self.named.append("")
            self.units.append(int(found["data-unit"]) if "data-unit" in found else None)
        if tag == "meta" and found.get("http-equiv") == "Content-Security-Policy":
            self.csp = found["content"]
        if found.get("class") == "text":
            self.texts.append("")
        if tag == "mark" and self._in_text():
            self.marks.append(Mark(found["id"], found.get("class", "")))
        if tag not in _VOID:
            self._open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop()[0] == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        tag, found = self._open[-1] if self._open else ("", {})
        if tag == "style":
            self.css += data
            return
        if tag == "script":
            if "type" in found:
                self.json += data
            else:
                self.script += data
            return
        self.shown += data
        if any(name == "a" for name, _ in self._open):
            self.named[-1] += data
        if self._in_text():
            self.texts[-1] += data
            if any(name == "mark" for name, _ in self._open):
                self.marks[-1].text += data

    def _in_text(self) -> bool:
        return any(found.get("class") == "text" for _, found in self._open)


def shown(found: Page) -> str:
    return " ".join(found.shown.split())


def painted(found: Page, view: int, unit: int) -> str:
    """The text of a unit's marks, the white space between them left out."""
    first, last, *_ = found.data["views"][view]["units"][unit]
    number = found.data["views"][view]["sheet"]
    marks = [mark for mark in found.marks if mark.id.startswith(f"d{number}m")]
    return "".join(mark.text for mark in marks[first : last + 1]) if first >= 0 else ""


def squeezed(text: str) -> str:
    return "".join(text.split())


def check(found: Page, *made: Explanation) -> None:
    """The texts, and every unit's marks; every link has its place, every id is there once."""
    inner = [link for link in found.links if link.startswith("#") and link != "#"]
    assert {link.removeprefix("#") for link in inner} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))
    assert found.tags <= PAGE_TAGS
    for view, one in enumerate(made):
        opened = len(found.data["views"][view]["units"]) - sum(
            unit.status == "attributed" for unit in one.tiles
        )
        tiles = [unit for unit in one.tiles if unit.status == "attributed"]
        for index, unit in enumerate(tiles, start=opened):
            assert squeezed(painted(found, view, index)) == squeezed(one.text(unit))
