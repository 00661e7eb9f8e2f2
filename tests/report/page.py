"""Reads a report as a browser does: newlines normalised first, then references resolved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from focus_lime import report
from focus_lime.explanation.result import Explanation

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
        data: dict[str, Any] = json.loads(self.json)
        return data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= set(values)
        if "id" in values:
            self.ids.append(values["id"])
        if "href" in values:
            self.links.append(values["href"])
            self.named.append("")
            self.units.append(int(values["data-unit"]) if "data-unit" in values else None)
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self.csp = values["content"]
        if values.get("class") == "text":
            self.texts.append("")
        if tag == "mark" and self._in_text():
            self.marks.append(Mark(values["id"], values.get("class", "")))
        if tag not in _VOID:
            self._open.append((tag, values))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop()[0] == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        tag, values = self._open[-1] if self._open else ("", {})
        if tag == "style":
            self.css += data
            return
        if tag == "script":
            if "type" in values:
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
        return any(values.get("class") == "text" for _, values in self._open)


def read(*whole: Explanation, **how: Any) -> Page:
    """The page of the explanations."""
    return Page(report.page(whole, **how))


def shown(page: Page) -> str:
    return " ".join(page.shown.split())


def painted(page: Page, view: int, unit: int) -> str:
    """The text of a unit's marks, the white space between them left out."""
    first, last, *_ = page.data["views"][view]["units"][unit]
    number = page.data["views"][view]["sheet"]
    marks = [mark for mark in page.marks if mark.id.startswith(f"d{number}m")]
    return "".join(mark.text for mark in marks[first : last + 1]) if first >= 0 else ""


def squeezed(text: str) -> str:
    return "".join(text.split())


def check(page: Page, *explanations: Explanation) -> None:
    """The texts, and every unit's marks; every link has its place, every id is there once."""
    inner = [link for link in page.links if link.startswith("#") and link != "#"]
    assert {link.removeprefix("#") for link in inner} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.tags <= PAGE_TAGS
    for view, explanation in enumerate(explanations):
        opened = len(page.data["views"][view]["units"]) - sum(
            unit.status == "attributed" for unit in explanation.tiles
        )
        tiles = [unit for unit in explanation.tiles if unit.status == "attributed"]
        for index, unit in enumerate(tiles, start=opened):
            assert squeezed(painted(page, view, index)) == squeezed(explanation.text(unit))
