"""How the elements of a page are displayed: the browser's rules, the page's, and inheritance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import regex
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from focus_lime.inputs.readers.html_sheets import Declarations, Rule, declarations

_MOST_WORK = 50_000_000  # elements looked at for rules
_MOST_RULES = 20_000
_LONGEST = 5  # parts of a selector's chain: it is matched in the time of that power of the depth

_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend listing "
    "main menu nav ol p plaintext pre search section summary ul xmp".split()
)
_TABLE = {
    "table": "table",
    "caption": "table-caption",
    "tr": "table-row",
    "td": "table-cell",
    "th": "table-cell",
    **dict.fromkeys(("thead", "tbody", "tfoot"), "table-row-group"),
}
_NEVER = frozenset(
    "area base basefont datalist head link meta noembed noframes param rp script style template "
    "title source track".split()
)
_PRE = frozenset("pre listing plaintext xmp textarea".split())
_INLINE = frozenset({"inline", "ruby", "contents"})
_NO_BLOCK = frozenset({"inline-block", "inline-flex", "inline-grid", "inline-table", "math"})
_ZERO = regex.compile(r"[+-]?0*\.?0*(?:[a-z]+|%)?")
_RELATIVE = regex.compile(r"[\d.]+(?:em|%|ex|ch)|larger|smaller|inherit|unset|revert.*")


@dataclass(frozen=True)
class Style:
    """The computed values that decide what is read.

    Attributes:
        display: as CSS names it.
        is_visible: by `visibility` and the size of its letters; a child may be, all the same.
        white_space: normal, pre, pre-line.
        bullet: the style of list markers; None where it is the list's own.
    """

    display: str = "block"
    is_visible: bool = True
    is_sized: bool = True
    white_space: str = "normal"
    bullet: str | None = None

    @property
    def is_shown(self) -> bool:
        return self.is_visible and self.is_sized

    @property
    def is_inline(self) -> bool:
        return self.display in _INLINE or self.display in _NO_BLOCK


class Styles:
    """The page's rules, matched with its elements."""

    def __init__(self, page: LexborHTMLParser, rules: Sequence[Rule], n_elements: int) -> None:
        self._said: dict[int, list[tuple[tuple[int, ...], Declarations]]] = defaultdict(list)
        most = min(_MOST_RULES, max(1, _MOST_WORK // max(1, n_elements)))
        self._plain: dict[tuple[str, int], tuple[Style, Style]] = {}
        applied = [rule for rule in rules if _chain(rule.selector) <= _LONGEST][:most]
        self.n_unapplied = len(rules) - len(applied)
        matched: dict[str, list[int]] = {}
        for order, rule in enumerate(applied):
            if rule.selector not in matched:
                try:
                    nodes = page.css(rule.selector)
                except SelectolaxError:  # no selector, or one that matches nothing on paper
                    nodes = []
                matched[rule.selector] = [node.mem_id for node in nodes]
            for element in matched[rule.selector]:
                self._said[element].append(((*rule.specificity, order), rule.declarations))

    def of(self, node: Any, tag: str, attributes: dict[str, str | None], parent: Style) -> Style:
        """The computed style of an element; the same object where nothing is said of it alone."""
        if node.mem_id not in self._said and not attributes.keys() & {"style", "hidden"}:
            key = tag, id(parent)
            if key not in self._plain:
                # The parent is kept, so that no other style comes to have its identity.
                self._plain[key] = parent, _computed(tag, attributes, {}, parent)
            return self._plain[key][1]
        return _computed(tag, attributes, self._winning(node.mem_id, attributes), parent)

    def _winning(self, element: int, attributes: dict[str, str | None]) -> dict[str, str]:
        """What is said last: by importance, the attribute, specificity and order."""
        said = sorted(self._said.get(element, ()), key=lambda pair: pair[0])
        inline = declarations(attributes.get("style") or "") if attributes.get("style") else {}
        winners: dict[str, tuple[str, bool]] = {}
        for rule in (*(rule for _, rule in said), inline):
            for name, (value, important) in rule.items():
                if important or not winners.get(name, ("", False))[1]:
                    winners[name] = value, important
        return {name: value for name, (value, _) in winners.items()}


def _chain(selector: str) -> int:
    """Parts of which each is anywhere inside the one before."""
    return len(regex.sub(r"\s*+[>+~]\s*+", ">", selector).split())


def _computed(
    tag: str, attributes: dict[str, str | None], said: dict[str, str], parent: Style
) -> Style:
    display = said.get("display") or _hidden(attributes) or _usual(tag)
    if display in ("inherit", "initial", "unset", "revert", "revert-layer"):
        display = {"inherit": parent.display, "revert": _usual(tag)}.get(display, "inline")
    if parent.display in ("flex", "grid", "inline-flex", "inline-grid") and display != "none":
        display = "block" if display.startswith("inline") else display
    is_unfound = (attributes.get("hidden") or "").lower() == "until-found"
    if said.get("content-visibility", "hidden" if is_unfound else "") == "hidden" and (
        display not in _INLINE
    ):
        display = "none"
    if _ZERO.fullmatch(said.get("opacity", "1")):
        display = "none"
    return Style(
        display,
        _visible(said.get("visibility"), parent.is_visible),
        _sized(said, parent.is_sized),
        _white_space(said, tag, parent.white_space),
        _bullet(said, tag, parent.bullet),
    )


def _hidden(attributes: dict[str, str | None]) -> str | None:
    """What the attribute `hidden` says. Until it is found in a search, its element has a box."""
    if "hidden" not in attributes or (attributes["hidden"] or "").lower() == "until-found":
        return None
    return "none"


def _usual(tag: str) -> str:
    if tag in _NEVER:
        return "none"
    if tag == "li":
        return "list-item"
    return _TABLE.get(tag) or ("block" if tag in _BLOCKS else "inline")


def _visible(said: str | None, inherited: bool) -> bool:
    if said in ("hidden", "collapse"):
        return False
    return True if said in ("visible", "initial") else inherited


def _sized(said: dict[str, str], inherited: bool) -> bool:
    size = said.get("font-size")
    if size is None:
        return True if "font" in said and said["font"] != "inherit" else inherited
    if _ZERO.fullmatch(size):
        return False
    return inherited if _RELATIVE.fullmatch(size) else True


def _white_space(said: dict[str, str], tag: str, inherited: str) -> str:
    value = said.get("white-space") or said.get("white-space-collapse")
    if value is None or value in ("inherit", "unset"):
        if tag in _PRE:
            return "pre"
        return "normal" if tag == "table" else inherited
    if value.startswith(("pre-line", "preserve-breaks")):
        return "pre-line"
    return "pre" if value.startswith(("pre", "break-spaces")) else "normal"


def _bullet(said: dict[str, str], tag: str, inherited: str | None) -> str | None:
    value = said.get("list-style-type") or said.get("list-style")
    if value is not None:
        return value
    return None if tag in ("ol", "ul", "menu", "dir") else inherited
