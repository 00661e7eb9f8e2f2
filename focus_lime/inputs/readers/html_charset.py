"""Which encoding a page says that it is in: the prescan of the HTML Standard (13.2.3.2), and the
XML declaration of XHTML.
"""

from __future__ import annotations

import regex

from focus_lime.inputs.readers.encoding_labels import encoding_of

_SCANNED = 64 * 1024  # bytes: the standard asks for 1024, and browsers look further

_XML = regex.compile(
    rb"<\?xml[\t\n\f\r ][^>]{0,200}?encoding[\t\n\f\r ]*=[\t\n\f\r ]*[\"']([^\"'>]{1,80})[\"']"
)
_TOKEN = regex.compile(
    rb"<!--(?:>|->|(?:(?!-->).)*+(?:-->|\Z))|(?P<meta><meta)(?=[\t\n\f\r /])"
    rb"|(?P<tag></?[A-Za-z][^\t\n\f\r >]*)|<[!/?][^>]*+>",
    regex.DOTALL | regex.IGNORECASE,
)
_ATTRIBUTE = regex.compile(
    rb"[\t\n\f\r /]*+(?P<name>[^\t\n\f\r />=][^\t\n\f\r />=]*)"
    rb"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    rb"(?:\"(?P<value>[^\"]*+)\"|'(?P<value>[^']*+)'"
    rb"|(?P<value>[^\t\n\f\r >\"'][^\t\n\f\r >]*+)|(?=>)))?"
)
_CHARSET = regex.compile(
    r"charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"(?P<label>[^\"]*)\"|'(?P<label>[^']*)'"
    r"|(?P<label>[^\t\n\f\r ;\"'][^\t\n\f\r ;]*))",
    regex.IGNORECASE,
)


def declared(data: bytes) -> tuple[str, str] | None:
    """(label, encoding) that the page declares; None where it declares none.

    The encoding is the standard's name. A page that could be read as far as here is in no UTF-16,
    so that this means UTF-8.
    """
    match = _XML.match(data)
    if match and (found := _meant(match[1].decode("latin-1"))):
        return found
    head = data[:_SCANNED]
    position = 0
    while token := _TOKEN.search(head, position):
        position = token.end()
        if not token["meta"] and not token["tag"]:
            continue
        attributes: dict[str, str] = {}
        while attribute := _ATTRIBUTE.match(head, position):
            position = attribute.end()
            name = attribute["name"].decode("latin-1").lower()
            attributes.setdefault(name, (attribute["value"] or b"").decode("latin-1"))
        if token["meta"] and (found := _of_meta(attributes)):
            return found
    return None


def _of_meta(attributes: dict[str, str]) -> tuple[str, str] | None:
    if "charset" in attributes:
        return _meant(attributes["charset"])
    if attributes.get("http-equiv", "").lower() == "content-type":
        match = _CHARSET.search(attributes.get("content", ""))
        return _meant(match["label"]) if match else None
    return None


def _meant(label: str) -> tuple[str, str] | None:
    encoding = encoding_of(label)
    if encoding is None:
        return None
    if encoding.startswith("utf-16"):
        encoding = "utf-8"
    return label, "windows-1252" if encoding == "x-user-defined" else encoding
