"""A page's source before it is parsed: what the parser would take otherwise than browsers do."""

from __future__ import annotations

import html
from typing import Any

import regex

# The parser's own tokens; in what is raw text no tag begins. Each alternative matches to the end of
# the page where its end is left out, as in browsers, which keeps this linear.
_TOKEN = regex.compile(
    r"<!--(?:>|->|.*?(?:--!?>|\Z))"
    r"|<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)"
    r"|<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)(?P<inside>(?=[\s/>])TAG)"
    r"(?P<content>.*?)(?:</(?P=raw)(?=[\s/>])|\Z)"
    r"|<noscript(?=[\s/>])TAG(?P<unseen>.*?)(?:</noscript(?=[\s/>])[^>]*+>?|\Z)"
    r"|<(?P<name>[a-z][^\s/>]*+)(?P<inside>TAG)"
    r"|</[a-z][^>]*+(?:>|\Z)".replace(
        "TAG", r"""(?:[^>"'=]|=\s*+"[^"]*+(?:"|\Z)|=\s*+'[^']*+(?:'|\Z)|[="'])*+(?:>|\Z)"""
    ),
    regex.DOTALL | regex.IGNORECASE,
)
_SUBSET = regex.compile(r"(?s)\A(?P<before>.{0,2000}?<!DOCTYPE[^>\[]*+)\[.*?\]\s*+>")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())


def without_noscript(source: str) -> tuple[str, int]:
    """The page without what is shown where scripts do not run, as browsers run them; how many
    such elements had text.
    """
    count = 0

    def replaced(match: Any) -> str:
        nonlocal count
        if match["unseen"] is None:
            return str(match[0])
        count += bool(regex.sub(r"<[^>]*+>?", "", match["unseen"]).strip())
        return "<noscript></noscript>"

    return str(_TOKEN.sub(replaced, source)), count


def xml_as_html(source: str) -> str:
    """XHTML written as HTML: empty elements closed, CDATA as text, and no entities of its own."""

    def replaced(match: Any) -> str:
        if match["cdata"] is not None:
            return html.escape(match["cdata"], quote=False)
        inside, name = match["inside"], match["raw"] or match["name"]
        if not inside or not inside.endswith("/>"):
            return str(match[0])
        closed = f"<{name}{inside[:-2]}>" + ("" if name.lower() in _VOID else f"</{name}>")
        if match["raw"] is None:
            return closed
        # An empty script or title, behind which the page goes on.
        return closed + xml_as_html(match[0][len(name) + 1 + len(inside) :])

    return str(_TOKEN.sub(replaced, _SUBSET.sub(r"\g<before>>", source)))
