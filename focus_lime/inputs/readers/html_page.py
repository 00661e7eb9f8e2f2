"""A web page as text: what a browser shows of it, in the order of the document, and an account of
what was left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from focus_lime.inputs.readers.html_account import Account
from focus_lime.inputs.readers.html_flow import Flow
from focus_lime.inputs.readers.html_forms import chosen_options, field_text
from focus_lime.inputs.readers.html_lists import List, opened
from focus_lime.inputs.readers.html_sheets import Rule, rules
from focus_lime.inputs.readers.html_source import without_noscript, xml_as_html
from focus_lime.inputs.readers.html_styles import Style, Styles

Attributes = dict[str, str | None]

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_LISTS = frozenset("ol ul menu dir".split())
# What shows pictures, sounds or other documents; what is written inside is for browsers that can't.
_REPLACED = {
    "iframe": "embedded page",
    "object": "embedded object",
    "embed": "embedded object",
    "video": "film",
    "audio": "sound",
    "canvas": "drawing of a script",
    "frame": "embedded page",
}
_CLOSE = frozenset("li tr dt dd optgroup thead tbody tfoot".split())  # without a line between
_QUOTES = ("“”", "‘’")
_MATH = {"mfrac": "/", "msup": "^", "msub": "_", "mroot": "√"}
_DRAWN = frozenset("a g svg switch text tspan textpath foreignobject".split())
_HIDDEN = "hidden element"


@dataclass(frozen=True)
class Page:
    text: str
    headings: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]


@dataclass
class _Open:
    """An element that is being read."""

    node: Any
    tag: str
    style: Style
    unread: str | None  # why its text is not read
    has_unread: bool = False  # whether some was found, of the outermost such element
    close: str = ""  # what is written at its end
    list: List | None = None
    n_cells: int = 0
    n_parts: int = 0  # of an equation
    chosen: frozenset[int] | None = None  # of a menu's options
    heading: _Heading | None = None
    drawing: str = ""  # what it stands in: "svg", "text" of one, "math"


@dataclass
class _Heading:
    """A heading while it is read."""

    start: int | None = None
    title: str = ""


def read_page(source: str, *, is_xml: bool = False) -> Page:
    """The page's text, its headings, and notes on what was left out or is not as it looks.

    Blocks stand a blank line apart, items and rows a line, cells a tab. Scripts do not run, and
    nothing is loaded.
    """
    source, n_noscript = without_noscript(xml_as_html(source) if is_xml else source)
    return _Reader(_parsed(source), n_noscript).page()


def _parsed(source: str) -> LexborHTMLParser:
    # Without events, which copy the chosen option of a menu and take quadratic time.
    return LexborHTMLParser(source, options=LexborDocumentOptions.WO_EVENTS)


class _Reader:
    def __init__(self, page: LexborHTMLParser, n_noscript: int) -> None:
        self._page = page
        self._flow = Flow()
        self._headings: list[tuple[int, str]] = []
        self._account = Account()
        self._account.leave("element for browsers without scripts", n_noscript)
        self._lists: list[List] = []
        self._quotes = 0
        self._styles = self._styles_of(page)

    def _styles_of(self, page: LexborHTMLParser) -> Styles:
        """By the page's own sheets; those that are elsewhere are counted."""
        found: list[Rule] = []
        for node in page.css("style"):
            if (node.attributes.get("media") or "all").lower() in ("all", "screen"):
                found += rules(node.text())
        for node in page.css("link[rel]"):
            is_sheet = "stylesheet" in (node.attributes.get("rel") or "").lower().split()
            if is_sheet and "print" not in (node.attributes.get("media") or "").lower():
                self._account.see("linked style sheet")
        styles = Styles(page, found, len(page.css("*")) if found else 0)
        self._account.see("style rule", styles.n_unapplied)
        return styles

    def page(self) -> Page:
        root = self._page.root
        if root is not None:
            self._walk(root)
        return Page(self._flow.text, tuple(self._headings), self._account.notes())

    def _walk(self, root: Any) -> None:
        """Every node in the order of the document; without recursion, however deep it is."""
        stack: list[_Open] = []
        node = root
        while True:
            if node.is_text_node:
                self._text(node.text_content or "", stack)
            elif node.is_element_node:
                stack.append(self._enter(node, stack))
                if (child := node.first_child) is not None:
                    node = child
                    continue
                self._leave(stack)
            while (following := node.next) is None:
                if not stack:
                    return
                node = stack[-1].node
                if node.mem_id == root.mem_id:
                    self._leave(stack)
                    return
                self._leave(stack)
            node = following

    # Elements

    def _enter(self, node: Any, stack: list[_Open]) -> _Open:
        tag = (node.tag or "").lower()
        attributes: Attributes = node.attributes
        parent = stack[-1] if stack else _Open(node, "", Style(), None)
        style = self._styles.of(node, tag, attributes, parent.style)
        unread = parent.unread
        if unread is None:
            unread = self._why_unread(node, tag, attributes, style, stack)
        here = _Open(node, tag, style, unread, heading=parent.heading)
        here.drawing = _drawing(tag, parent.drawing)
        if unread is not None:
            return here
        if tag == "br":
            self._flow.line_break()
            return here
        self._open_box(here, parent, attributes)
        if tag in _HEADINGS:
            here.heading = _Heading()
        elif tag == "q" and style.is_shown:
            marks = _QUOTES[self._quotes % 2]
            self._flow.add(marks[0])
            here.close = marks[1]
            self._quotes += 1
        elif tag in _LISTS:
            n_items = sum(child.tag == "li" for child in node.iter())
            here.list = opened(tag, attributes, len(self._lists), n_items, style.bullet)
            self._lists.append(here.list)
        elif tag == "input":
            self._input(attributes, style)
        elif parent.tag in _MATH or parent.tag == "semantics":
            self._equation_part(here, parent)
        elif tag in ("s", "strike") and style.is_shown:
            self._account.see("passage struck through")
        elif tag in ("sup", "sub") and style.is_shown:
            self._account.see("raised or lowered passage")
        elif tag == "select":
            here.chosen = chosen_options(node, attributes)
        elif tag == "option":
            self._flow.box("")
        elif tag == "details" and "open" not in attributes:
            self._account.see("folded passage")
        return here

    def _open_box(self, here: _Open, parent: _Open, attributes: Attributes) -> None:
        display = here.style.display
        if display == "table-cell":
            self._flow.cell(is_first=parent.n_cells == 0)
            parent.n_cells += 1
        elif not here.style.is_inline:
            self._flow.block(self._distance(here))
            if display == "list-item" and here.style.is_shown:
                known = self._lists[-1] if self._lists else List(False, "disc")
                if marker := known.marker(attributes, here.style.bullet):
                    self._flow.mark(marker)

    def _distance(self, here: _Open) -> int:
        """Line ends before and after a block."""
        if here.tag in _CLOSE or here.style.display in (
            "list-item",
            "table-row",
            "table-row-group",
        ):
            return 1
        return 1 if here.tag in _LISTS and len(self._lists) > 1 else 2

    def _leave(self, stack: list[_Open]) -> None:
        here = stack.pop()
        if here.unread is not None:
            if stack and stack[-1].unread is not None:
                stack[-1].has_unread |= here.has_unread
            elif here.has_unread:
                self._account.leave(here.unread)
            return
        if here.close:
            self._flow.add(here.close)
            self._quotes -= here.tag == "q"
        if here.tag in _HEADINGS and here.heading is not None and here.heading.start is not None:
            title = " ".join(here.heading.title.split())
            self._headings.append((here.heading.start, title))
        if here.tag == "option":
            self._flow.box("")
        if here.style.display == "list-item":
            self._flow.item_ends()
        if here.list is not None:
            self._lists.pop()
        if here.style.display == "table-row":
            self._flow.row_ends()
        elif not here.style.is_inline and here.style.display != "table-cell":
            self._flow.block(self._distance(here))

    def _why_unread(
        self, node: Any, tag: str, attributes: Attributes, style: Style, stack: list[_Open]
    ) -> str | None:
        """Why a browser does not show what is inside; None where it does."""
        if tag in ("script", "style", "template", "head", "title", "noscript"):
            return ""
        above = stack[-1].drawing if stack else ""
        if above in ("svg", "text") and tag not in _DRAWN:
            return "" if tag in ("title", "desc", "metadata") else _HIDDEN
        if stack and stack[-1].tag == "semantics" and stack[-1].n_parts:
            return _HIDDEN  # the same equation in another notation
        if tag in ("rt", "rp"):
            return "reading aid above the text (ruby)" if tag == "rt" else ""
        if tag == "del":
            return "deleted passage (<del>)"
        if style.display == "none" or "popover" in attributes:
            return _HIDDEN
        if tag == "dialog" and "open" not in attributes:
            return _HIDDEN
        if tag in _REPLACED and (tag != "object" or "data" in attributes):
            self._account.see(_REPLACED[tag])
            return ""
        if tag == "img" or (tag == "input" and attributes.get("type") == "image"):
            self._account.see("picture")
            self._account.see(
                "description of a picture", bool((attributes.get("alt") or "").strip())
            )
            return ""
        if tag in ("meter", "progress"):
            return _HIDDEN
        if tag == "option" and node.mem_id not in _chosen(stack, node.mem_id):
            return "option that is not chosen"
        return None

    def _input(self, attributes: Attributes, style: Style) -> None:
        if style.is_shown:
            shown, left_out = field_text((attributes.get("type") or "text").lower(), attributes)
            self._flow.box(shown)
            self._account.leave(left_out)

    def _equation_part(self, here: _Open, parent: _Open) -> None:
        """1/2 for a fraction, x^2 for a power."""
        if parent.n_parts == 1:
            self._flow.add(_MATH.get(parent.tag, ""))
        parent.n_parts += 1
        if here.tag == "mrow" and sum(1 for _ in here.node.iter()) > 1:
            self._flow.add("(")
            here.close = ")"

    # Text

    def _text(self, text: str, stack: list[_Open]) -> None:
        here = stack[-1]
        if here.unread is not None:
            here.has_unread |= bool(text.strip())
            return
        if not here.style.is_shown or here.drawing == "svg":  # SVG draws text in <text> only
            if text.strip():
                self._account.leave(_HIDDEN)
            return
        if here.style.display in ("table", "table-row", "table-row-group") and not text.strip():
            return
        n_soft = text.count("\xad")
        if n_soft:
            self._account.see("soft hyphen", n_soft)
            text = text.replace("\xad", "")
        if here.tag == "textarea":
            self._flow.box(text, "pre")
            return
        start = self._flow.add(text, here.style.white_space)
        if here.heading is not None and start is not None:
            if here.heading.start is None:
                here.heading.start = start
            here.heading.title += f" {text}" if text[:1].isspace() else text


def _drawing(tag: str, above: str) -> str:
    if tag in ("svg", "math"):
        return tag
    if tag == "foreignobject":
        return ""
    return "text" if above == "svg" and tag == "text" else above


def _chosen(stack: list[_Open], option: int) -> frozenset[int]:
    """The options that the menu shows."""
    for above in reversed(stack):
        if above.chosen is not None:
            return above.chosen
        if above.tag not in ("optgroup", "option", "div", "button", "span"):
            break
    return frozenset({option})
