"""Web pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.encodings import decode


def read_html(name: str, data: bytes) -> Document:
    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:2048], re.IGNORECASE)
    notes: tuple[str, ...] = ()
    if declared:
        encoding = declared[1].decode("ascii")
        try:
            text = data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            raise FocusLimeError(f"{name} says that it is {encoding}, and is not") from None
    else:
        text, notes = decode(name, data)
    page = _Page()
    page.feed(text)
    page.close()
    return Document(name, page.text, headings=tuple(page.headings), notes=notes)


class _Page(HTMLParser):
    """What a reader of the page sees: blocks as lines, white space as a browser shows it."""

    _BLOCKS = frozenset(
        "address article aside blockquote dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header "
        "hr li main nav ol p pre section table tr ul".split()
    )
    _UNSEEN = frozenset("head script style template noscript".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.headings: list[tuple[int, str]] = []
        self._hidden = 0
        self._heading: int | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in self._UNSEEN:
            self._hidden += 1
        if tag == "body":  # the end of <head> may be left out
            self._hidden = 0
        if tag == "br":
            self.text += "\n"
        if tag in ("td", "th"):
            self.text += "\t" if self.text[-1:] not in ("", "\n") else ""
        if tag in self._BLOCKS:
            self._break()
        if re.fullmatch("h[1-6]", tag):
            self._heading = len(self.text)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        if re.fullmatch("h[1-6]", tag) and self._heading is not None:
            title = self.text[self._heading :].strip()
            if title:
                self.headings.append((self._heading, title))
            self._heading = None
        if tag in self._BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        shown = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.text += shown.lstrip() if self.text[-1:] in ("", "\n", " ", "\t") else shown

    def _break(self) -> None:
        self.text = self.text.rstrip(" \t")
        if self.text and not self.text.endswith("\n\n"):
            self.text += "\n" if self.text.endswith("\n") else "\n\n"
