"""A paragraph while it is read: its properties, its pieces, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from focus_lime.inputs.readers.docx_blocks import Block
from focus_lime.inputs.readers.docx_changes import Changes
from focus_lime.inputs.readers.docx_numbering import Numbering
from focus_lime.inputs.readers.docx_styles import BODY_TEXT, Style, Styles
from focus_lime.inputs.readers.docx_xml import Element, children, is_on, value, whole_number

_NO_LIST = ("", "0")


@dataclass(frozen=True)
class Properties:
    """
    Attributes:
        style_name: as it is named, or None.
        num, level: of an automatic number, where the paragraph says so itself.
        mark_reason: why the paragraph's end is left out; "" where it is read.
        mark_is_hidden: the same where it is hidden.
    """

    style: Style
    style_name: str | None = None
    outline: int | None = None
    num: str | None = None
    level: int | None = None
    mark_reason: str = ""
    mark_is_hidden: bool = False

    @property
    def is_heading(self) -> bool:
        outline = self.style.outline if self.outline is None else self.outline
        return outline is not None and 0 <= outline < BODY_TEXT

    def number(self, numbering: Numbering) -> tuple[str, int] | None:
        """The list and the level of its automatic number."""
        num = self.style.num if self.num is None else self.num
        if num is None or num in _NO_LIST:
            return None
        if self.level is not None or self.num is not None:
            return num, self.level or 0
        of = numbering.find(num)
        if of is not None:  # a level bound to the style counts before what the style says
            for name in (self.style_name, self.style.num_style):
                bound = numbering.level_of_style(of, name or "")
                if bound is not None:
                    return num, bound
        return num, self.style.level or 0


def default_properties(styles: Styles) -> Properties:
    style = styles.paragraph(None)
    return Properties(style, mark_is_hidden=styles.is_hidden(style, None))


def read_properties(element: Element, styles: Styles, changes: Changes) -> Properties:
    """Of w:pPr."""
    parts = children(element)
    name = value(parts.get("pStyle"))
    style = styles.paragraph(name)
    numbering = children(parts["numPr"]) if "numPr" in parts else {}
    mark = children(parts["rPr"]) if "rPr" in parts else {}
    if is_on(mark.get("specVanish")):
        is_hidden = True
    elif "vanish" in mark:
        is_hidden = is_on(mark["vanish"])
    else:
        is_hidden = styles.is_hidden(style, value(mark.get("rStyle")))
    return Properties(
        style,
        name,
        whole_number(value(parts.get("outlineLvl"))),
        value(numbering.get("numId")),
        whole_number(value(numbering.get("ilvl"))),
        changes.reason_in(parts.get("rPr")),
        is_hidden,
    )


@dataclass
class Paragraph:
    """
    Attributes:
        pieces: of its text.
        source: how many of its characters are the file's own.
        head: how many pieces come from paragraphs whose hidden end joins them to this one; their
            number is before them already.
        heading: what they are, if a heading.
        beside: text boxes, notes and the like, which come after it.
    """

    properties: Properties
    pieces: list[str] = field(default_factory=list)
    source: int = 0
    head: int = 0
    heading: str = ""
    beside: list[Block] = field(default_factory=list)

    def add(self, text: str, source: int = 0) -> None:
        self.pieces.append(text)
        self.source += source

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def join(self, label: str) -> None:
        """Put the number before the last part; the next paragraph goes on where this one ends."""
        self.pieces.insert(self.head, label)
        self.head = len(self.pieces)
        if self.properties.is_heading and not self.heading:
            self.heading = self.text

    def block(self, label: str, part: str) -> Block:
        text = self._labelled(label).strip("\n")
        heading = self.heading
        if self.properties.is_heading and not heading and self.text.strip():
            heading = text
        return Block(text, part, self.source, heading)

    def _labelled(self, label: str) -> str:
        head, tail = "".join(self.pieces[: self.head]), "".join(self.pieces[self.head :])
        return head + label + tail
