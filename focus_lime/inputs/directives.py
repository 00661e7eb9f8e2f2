"""What C's preprocessor reads: directives, whose comments and strings no grammar of C sees.

A grammar takes the body of a macro for one leaf that ends at the first `/*`, be it in a string. So
the comments in directives are found here, by C's own rules (C17, 5.1.1.2): strings and comments
first, then lines, a backslash at the end of which joins the next.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from focus_lime.inputs.cut import Range

_NEWLINE = r"(?:\r\n|\r|\n)"
_STRING = rf'(?:"(?:\\{_NEWLINE}|\\.|[^"\\\r\n])*+"|\'(?:\\{_NEWLINE}|\\.|[^\'\\\r\n])*+\')'
_COMMENT = rf"(?://(?:\\{_NEWLINE}|[^\r\n])*+|/\*(?s:.*?)(?:\*/|\Z))"
_RAW = r'(?<!\w)(?:u8|[uUL])?R"(?P<mark>[^\s()\\"]{0,16})\((?s:.*?)(?:\)(?P=mark)"|\Z)'
_NUMBER = r"(?<!\w)\.?\d(?:'?\w)*+"  # 1'000'000 holds no character
# Directives that grammars read to the end.
_PARSED = r"[^\S\r\n]*(?:if|ifdef|ifndef|elif|elifdef|elifndef|else|endif|include)\b"
_INCLUDE = r"[^\S\r\n]*include[^\S\r\n]*<[^>\r\n]*>"
_SCAN = regex.compile(
    rf"(?P<comment>{_COMMENT})|(?P<string>{_RAW}|{_STRING})|{_NUMBER}"
    rf"|(?:^|(?<=\*/))[^\S\r\n]*(?P<start>\#)(?!{_PARSED})|\#{_INCLUDE}"
    rf"|\\[^\S\r\n]*{_NEWLINE}|(?P<end>{_NEWLINE})",
    regex.MULTILINE,
)
_TOKEN = regex.compile(
    rf"{_RAW}|(?:u8|[uUL])?{_STRING}|\.?\d(?:[eEpP][+\-]|'?\w|\.)*+|\w+"
    r"|<<=|>>=|<=>|\.\.\.|->\*?|::|\#\#|\+\+|--|&&|\|\||[-+*/%&|^<>=!]=|<<|>>|[^\w\s\\]"
)


def masked(text: str) -> tuple[str, list[Range]]:
    """The text for a grammar, as long as it is, and the comments that stand in directives. These
    are blank in it, and the slashes of strings there are underscores.
    """
    parts: list[str] = []
    comments: list[Range] = []
    position = 0
    for start, end, is_comment in _in_directives(text):
        inside = text[start:end]
        parts += [text[position:start], " " * len(inside) if is_comment else _unslashed(inside)]
        position = end
        if is_comment:
            comments.append((start, end))
    return "".join([*parts, text[position:]]), comments


def tokens(text: str, start: int, end: int) -> Iterator[int]:
    """Where tokens begin in the body of a macro."""
    for match in _TOKEN.finditer(text, start, end):
        yield match.start()


def _in_directives(text: str) -> Iterator[tuple[int, int, bool]]:
    """The comments and strings of directives."""
    inside = False
    for match in _SCAN.finditer(text):
        if match.lastgroup == "start":
            inside = True
        elif match.lastgroup == "end":
            inside = False
        elif inside and match["comment"]:
            yield match.start(), match.end(), True
        elif inside and match["string"]:
            yield match.start(), match.end(), False


def _unslashed(string: str) -> str:
    return string.replace("/", "_")
