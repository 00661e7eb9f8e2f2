"""What the parts of a run show: text, tabs, breaks, symbols and the parts of equations."""

from __future__ import annotations

import regex

from focus_lime.inputs.readers.docx_symbols import UNKNOWN, character
from focus_lime.inputs.readers.docx_xml import XML_SPACE, Element, attribute, children, local

_AS_SPACES = str.maketrans("\t\n\r", "   ")
_PRIVATE = regex.compile("[\uf000-\uf0ff]")
_SIMPLE = regex.compile(r"[\w.]+")
# What has no text of its own. Optional hyphens show at the end of a line only.
MARKS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OPERATORS = {"den": "/", "sup": "^", "sub": "_"}


def text_of(element: Element) -> str:
    """The characters of w:t, w:delText, m:t or a:t, as the file has them."""
    return "".join(element.itertext()) if len(element) else element.text or ""


def shown(element: Element, text: str) -> str:
    """How Word shows them: line ends and tabs as spaces; none at the ends, if not preserved."""
    if local(element) == "t" and "drawingml" in str(element.tag):
        return text
    if element.get(XML_SPACE) != "preserve":
        text = text.strip(" \t\r\n")
    if text.isprintable():
        return text
    text = text.translate(_AS_SPACES)
    if _PRIVATE.search(text):
        font = _font(element)
        text = _PRIVATE.sub(lambda match: character(font, ord(match[0])), text)
    return text


def symbol(element: Element) -> str:
    """w:sym: a code of a font."""
    try:
        code = int(attribute(element, "w:char") or "", 16)
    except ValueError:
        return UNKNOWN
    return character(attribute(element, "w:font") or "", code)


def equation_part(name: str, element: Element, text: str) -> str:
    """A part of an equation in one line, as Word itself writes it: (a+b)/c, x^2, √(3&y)."""
    if not text:
        return ""
    parts = children(element)
    if name in ("num", "den", "sup", "sub"):
        whole = text if _SIMPLE.fullmatch(text) else f"({text})"
        return _OPERATORS.get(name, "") + whole
    if name == "deg":
        return f"{text}&"
    properties = children(parts[f"{name}Pr"]) if f"{name}Pr" in parts else {}

    def sign(part: str, default: str) -> str:
        return default if part not in properties else attribute(properties[part], "m:val") or ""

    if name == "d":
        return f"{sign('begChr', '(')}{text}{sign('endChr', ')')}"
    if name == "nary":
        return f"{sign('chr', '∫')}{text}"
    return f"√({text})"


def _font(element: Element) -> str:
    """The font that a run names."""
    run = element.getparent()
    properties = None if run is None else children(run).get("rPr")
    fonts = None if properties is None else children(properties).get("rFonts")
    return "" if fonts is None else attribute(fonts, "w:ascii") or ""
