"""Reads a report as a browser does: newlines normalised first, then references resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "path", "br", "img", "link", "hr", "input"}


@dataclass
class Mark:
    classes: str
    title: str
    id: str | None
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What a report shows: `texts` are the sources, `marks` the highlighted units in order,
    `opened` the sentences around words; `named` what each link shows."""

    source: str
    texts: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    opened: list[Mark] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    csp: str = ""
    css: str = ""
    shown: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, str]] = []
        self.feed(self.source.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        self.attributes |= set(found)
        if "id" in found:
            self.ids.append(found["id"])
        if "href" in found:
            self.links.append(found["href"])
            self.named.append("")
        if tag == "meta" and found.get("http-equiv") == "Content-Security-Policy":
            self.csp = found["content"]
        if found.get("class") == "text":
            self.texts.append("")
        if tag == "mark" and self._in_text():
            self.marks.append(Mark(found["class"], found["title"], found.get("id")))
        if found.get("class") == "opened":
            self.opened.append(Mark("opened", "", found.get("id")))
        if tag not in _VOID:
            self._open.append((tag, found.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop()[0] == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "style":
            self.css += data
            return
        self.shown += data
        if any(tag == "a" for tag, _ in self._open):
            self.named[-1] += data
        if self._in_text():
            self.texts[-1] += data
            if self._open[-1][0] == "mark":
                self.marks[-1].text += data
            if any(name == "opened" for _, name in self._open):
                self.opened[-1].text += data

    def _in_text(self) -> bool:
        return any(name == "text" for _, name in self._open)
