"""Styles: what a paragraph or a run has from its style, and from those that this is based on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import regex

from focus_lime.inputs.readers.docx_xml import (
    Element,
    attribute,
    children,
    is_on,
    local,
    value,
    whole_number,
)

BODY_TEXT = 9  # the outline level that is none
# Built-in styles keep their English name in Word's own files; other programs write their own.
_HEADING = regex.compile(
    r"(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|otsikko|nagłówek|nadpis|"
    r"címsor|titlu|başlık|заголовок|επικεφαλίδα|عنوان|見出し|标题|標題|제목)\s*([1-9])",
    regex.IGNORECASE,
)
_HEADING_ID = regex.compile("heading([1-9])", regex.IGNORECASE)


@dataclass(frozen=True)
class Style:
    """
    Attributes:
        is_hidden: None where nothing is said.
        outline: level of a heading, from 0; `BODY_TEXT` of what is none; None: nothing is said.
        num, level: of its automatic number, and of which style the latter is.
    """

    is_hidden: bool | None = None
    outline: int | None = None
    num: str | None = None
    level: int | None = None
    num_style: str = ""


class Styles:
    """
    Args:
        root: the part of the styles; None where the package lacks it.
    """

    def __init__(self, root: Element | None) -> None:
        self._elements: dict[str, Element] = {}
        self._known: dict[str, Style] = {"": Style()}
        self._default = ""
        self._is_hidden = False
        for element in () if root is None else root:
            if local(element) == "docDefaults":
                outer = children(element).get("rPrDefault")
                self._is_hidden = outer is not None and _hides(children(outer).get("rPr")) is True
            if local(element) != "style":
                continue
            name = attribute(element, "w:styleId") or ""
            self._elements.setdefault(name, element)
            is_default = attribute(element, "w:default") in ("1", "true", "on")
            if is_default and attribute(element, "w:type") == "paragraph":
                self._default = name

    def paragraph(self, name: str | None) -> Style:
        """Of a paragraph that names a style, or none."""
        if name is not None and name not in self._elements and _HEADING_ID.fullmatch(name):
            return Style(outline=int(name[-1]) - 1)
        return self.style(self._default if name not in self._elements else name or "")

    def style(self, name: str) -> Style:
        """A style with what it inherits. Loops end where they close."""
        chain: list[str] = []
        while name not in self._known:
            self._known[name] = Style()  # until it is known, for loops
            if name not in self._elements:
                break
            chain.append(name)
            name = value(children(self._elements[name]).get("basedOn")) or ""
        style = self._known[name]
        for name in reversed(chain):
            style = self._known[name] = _own(name, self._elements[name], style)
        return style

    def is_hidden(self, paragraph: Style, run: str | None) -> bool:
        """Whether a run is hidden by styles: hiding what is hidden shows it (17.7.3)."""
        own = self.style(run).is_hidden if run else None
        return self._is_hidden or bool(paragraph.is_hidden) != bool(own)

    def num_of(self, name: str) -> str | None:
        """The list that a numbering style stands for."""
        return self.style(name).num


def _own(name: str, element: Element, base: Style) -> Style:
    parts = children(element)
    style = base
    if (hides := _hides(parts.get("rPr"))) is not None:
        style = replace(style, is_hidden=hides)
    properties = children(parts["pPr"]) if "pPr" in parts else {}
    title = (value(parts.get("name")) or "").strip()
    heading = _HEADING.fullmatch(title) or _HEADING_ID.fullmatch(name)
    if (outline := whole_number(value(properties.get("outlineLvl")))) is not None:
        style = replace(style, outline=outline)
    elif heading is not None:
        style = replace(style, outline=int(heading[1]) - 1)
    elif title.lower() == "title":
        style = replace(style, outline=0)
    if "numPr" in properties:
        numbering = children(properties["numPr"])
        if (num := value(numbering.get("numId"))) is not None:
            style = replace(style, num=num, level=None, num_style=name)
        if (level := whole_number(value(numbering.get("ilvl")))) is not None:
            style = replace(style, level=level)
    return style


def _hides(properties: Element | None) -> bool | None:
    vanish = None if properties is None else children(properties).get("vanish")
    return None if vanish is None else is_on(vanish)
