"""The XML of Word's parts: names in the transitional and the strict namespaces, and reading it
whole or as a stream. Types, entities and what lies outside the file are never followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import IO, Any

from lxml import etree

Element = Any  # lxml's, which has no types

_TRANSITIONAL = "http://schemas.openxmlformats.org/"
_STRICT = "http://purl.oclc.org/ooxml/"
NAMESPACES: dict[str, tuple[str, ...]] = {
    "w": (f"{_TRANSITIONAL}wordprocessingml/2006/main", f"{_STRICT}wordprocessingml/main"),
    "m": (f"{_TRANSITIONAL}officeDocument/2006/math", f"{_STRICT}officeDocument/math"),
    "a": (f"{_TRANSITIONAL}drawingml/2006/main", f"{_STRICT}drawingml/main"),
    "wp": (
        f"{_TRANSITIONAL}drawingml/2006/wordprocessingDrawing",
        f"{_STRICT}drawingml/wordprocessingDrawing",
    ),
    "dgm": (f"{_TRANSITIONAL}drawingml/2006/diagram", f"{_STRICT}drawingml/diagram"),
    "r": (
        f"{_TRANSITIONAL}officeDocument/2006/relationships",
        f"{_STRICT}officeDocument/relationships",
    ),
    "mc": (f"{_TRANSITIONAL}markup-compatibility/2006",),
    "v": ("urn:schemas-microsoft-com:vml",),
}
# What Word understands where a drawing is offered in several ways.
UNDERSTOOD = (_TRANSITIONAL, _STRICT, "http://schemas.microsoft.com/", "urn:schemas-microsoft-com:")
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

BLOCK_BYTES = 8 << 20  # of one paragraph, or of what stands between two
TREE_BYTES = 32 << 20  # of a part that is read whole
TREE_TAGS = 2_000_000
_HARMLESS = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_WITHOUT = {"remove_comments": True, "remove_pis": True}


class XMLError(Exception):
    """XML that is broken, or more than may be read."""


@lru_cache(1024)
def tags(name: str) -> tuple[str, ...]:
    """`w:p` as lxml names it, in each of the namespaces."""
    prefix, _, local = name.partition(":")
    return tuple(f"{{{uri}}}{local}" for uri in NAMESPACES[prefix])


def local(element: Element) -> str:
    """The name of an element without its namespace; "" of none."""
    return "" if element is None else _local(element.tag)


@lru_cache(4096)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str | None:
    """`w:val` of an element, in whichever of the namespaces it stands."""
    for tag in tags(name):
        value = element.get(tag)
        if value is not None:
            return str(value)
    return None


def value(element: Element | None) -> str | None:
    """`w:val` of an element that may be missing."""
    return None if element is None else attribute(element, "w:val")


def whole_number(text: str | None, default: int | None = None) -> int | None:
    """A number as Word can hold it."""
    if not text or len(text) > 12:
        return default
    try:
        number = int(text)
    except ValueError:
        return default
    return number if abs(number) < 1 << 31 else default


def is_on(element: Element | None) -> bool:
    """Whether a property is there and not switched off."""
    if element is None:
        return False
    return value(element) not in ("0", "false", "off", "none")


def children(element: Element) -> dict[str, Element]:
    """The first child of each name, by its local name."""
    found: dict[str, Element] = {}
    for child in element:
        found.setdefault(local(child), child)
    return found


def tree(source: IO[bytes]) -> Element:
    """A part as a whole.

    Raises:
        XMLError: broken, too large, or with a document type.
    """
    data = source.read(TREE_BYTES + 1)
    if len(data) > TREE_BYTES or data.count(b"<") > TREE_TAGS:
        raise XMLError(f"more than {TREE_BYTES >> 20} MB or {TREE_TAGS:,} tags")
    try:
        root = etree.fromstring(data, etree.XMLParser(**_HARMLESS, **_WITHOUT))
    except etree.XMLSyntaxError as error:
        raise XMLError(str(error.msg)) from None
    _check_type(root)
    return root


def stream(
    source: IO[bytes], names: Iterable[str], blocks: Iterable[str]
) -> Iterator[tuple[str, Element]]:
    """("start" or "end", element) of the elements of some names. What stands before the end of a
    block is let go, so that memory holds one block.

    Raises:
        XMLError: broken, a block that is too large, or a document type.
    """
    limited = _Limited(source)
    block_tags = frozenset(blocks)
    try:
        events = etree.iterparse(
            limited, events=("start", "end"), tag=tuple(names), **_HARMLESS, **_WITHOUT
        )
        is_checked = False
        for event, element in events:
            if not is_checked:
                _check_type(element)
                is_checked = True
            yield event, element
            if event == "end" and element.tag in block_tags:
                limited.since = 0
                element.clear(keep_tail=True)
                while element is not None:
                    parent = element.getparent()
                    while element.getprevious() is not None:
                        del parent[0]
                    element = parent
    except etree.XMLSyntaxError as error:
        raise XMLError(str(error.msg)) from None


def _check_type(element: Element) -> None:
    """Entities are declared in a document type, and Word's files have none."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise XMLError("it declares a document type, as no Word file does")


class _Limited:
    """A file that gives so many bytes from one block to the next."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.since = 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.since += len(data)
        if self.since > BLOCK_BYTES:
            raise XMLError(f"a paragraph of more than {BLOCK_BYTES >> 20} MB")
        return data
