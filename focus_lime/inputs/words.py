"""Where the words of a text begin.

Words are those of Unicode (UAX #29), and what people read as one word or one amount is not cut
inside: "$1,000.50", "7.2(b)(iii)", "2024-05-12", an address, a path, a hyphenated word. Where a
script puts no spaces between its words, as Thai, a character as its reader sees it is a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import regex

# What modifies the character before it, and stands inside words: accents, joiners, soft hyphens.
_MARK = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]"
# White space, what looks like it or like nothing, and the space of no width of Thai and Khmer.
_BLANK = r"[\s\u200b\p{Cc}\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]"
# Ideographs, hiragana and the scripts of South-East Asia: their words are not spaced. A run of
# katakana is a word.
_ALONE = r"[\p{Ideographic}\p{Hiragana}[\p{LB=SA}&&\w]]"
_EMOJI = r"[\p{Emoji_Presentation}\p{RI}]"
_FLAG = rf"\p{{RI}}{{2}}{_MARK}*+"  # apart: \X counts back through all flags before it
_LETTER = rf"[\w--{_MARK}--{_ALONE}]"
_LETTERS = rf"{_LETTER}[\w{_MARK}--[{_ALONE}--{_MARK}]]*+"
_SIGN = rf"[[^\w\s]--{_BLANK}--{_EMOJI}]"  # punctuation, currencies, operators
_OPENING = r"[\p{Ps}\p{Pi}]"

# Between two letters or digits: what holds them together as one word, number, date or path.
_JOINT = r"""(?:
    ['’.\-‐‑·_] | (?<=\p{Lu})&(?=\p{Lu}) | (?<=\d)[,:٫٬](?=\d) | (?<=\p{Hebrew})["״](?=\p{Hebrew})
  | :?[/\\][/\\.]*
)"""
# After a number or the letter of a section: "(b)(iii)"; after a word: the "(s)" of "Affiliate(s)".
_ITEMS = r"(?:(?<=\d|\.\p{Lu})(?:\(\w{1,5}\))+|\((?:s|es|ies)\))?"
# "4,5 %", "400 €": but the sign of "5 $10" is that of the number after it.
_UNIT_OF_AMOUNT = r"(?:(?<=\d)[^\S\r\n]?[%‰\p{Sc}](?!\d))?"
_WORD = rf"{_LETTERS}(?:{_JOINT}{_LETTERS})*{_ITEMS}{_UNIT_OF_AMOUNT}"

_URL_CHARACTER = rf"[[!-~\p{{L}}\p{{N}}]--[<>\"`]--{_ALONE}]"
_ADDRESS = rf"""(?:
    (?:[a-zA-Z]{{1,12}}://|www\.){_URL_CHARACTER}++
  | [[\w.+%\-]--{_ALONE}]{{1,64}}+@[[\w\-]--{_ALONE}]++(?:\.[[\w\-]--{_ALONE}]++)++
)"""

# A word with the punctuation that touches it and the blanks after it, so that what is left of a
# sentence without its last word does not run into the next. Between two words that touch, the
# punctuation is the first's: "foo(bar)" is "foo(" and "bar)"; but an opening bracket or quotation
# mark after an ideograph, which has no space before it, is that of the word that it opens.
# Most words are of the first kind, which takes a fraction of the time.
_PLAIN = "[a-zA-ZÀ-ÖØ-öø-ÿĀ-žΑ-ωЀ-ҁҊ-ӿא-תء-ي]"
_UNIT = regex.compile(
    rf"""
    (?: {_PLAIN}++[.,;]?+(?=[ \n])
      | {_SIGN}*?(?:\(\w{{1,5}}\)){{2,}}{_SIGN}*+
      | {_SIGN}*+(?:{_ADDRESS}|(?:(?<=\p{{Sc}})[^\S\r\n](?=\d))?{_WORD}){_SIGN}*+
      | {_SIGN}*+{_ALONE}{_MARK}*+[{_SIGN}--{_OPENING}]*+
      | {_SIGN}*+(?:{_FLAG}|(?={_EMOJI})\X)[{_SIGN}--{_OPENING}]*+
      | {_SIGN}++
    ){_BLANK}*+
    """,
    regex.VERBOSE | regex.VERSION1,
)

# Text whose graphemes may have several characters, from where one begins; and what makes them so.
_STRETCH = regex.compile(r"[\x00-\x7f]?(?:[^\x00-\x7f]++[\x00-\x7f]?)++")
_COMBINES = regex.compile(
    r"[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}\p{GCB=Prepend}\p{GCB=L}\p{GCB=V}\p{GCB=T}\p{RI}]"
)
_GRAPHEME = regex.compile(rf"(?V1){_FLAG}|\X")
_LONGEST = 64  # characters of a grapheme that anybody reads


def word_starts(text: str, begin: int, end: int) -> Iterator[int]:
    """Where the words of `text[begin:end]` begin, but the first, to which belongs all before it.

    No word begins with white space, nor inside of a grapheme.
    """
    starts = (match.start() for match in islice(_UNIT.finditer(text, begin, end), 1, None))
    inside = _inside_graphemes(text, begin, end)
    return (start for start in starts if start not in inside) if inside else starts


def _inside_graphemes(text: str, begin: int, end: int) -> set[int]:
    """Every place in `text[begin:end]` at which a cut would part what is read as one character."""
    if text.isascii() or not _COMBINES.search(text, begin, end):
        return set()
    return {
        place
        for stretch in _STRETCH.finditer(text, begin, end)
        for match in _GRAPHEME.finditer(text, *stretch.span())
        for place in range(match.start() + 1, match.end())
    }


def whole_graphemes(text: str, at: int) -> int:
    """The last place at or before `at` at which a cut parts no grapheme; `at` within one that is
    longer than any that is read.
    """
    if not 0 < at < len(text) or text[at - 1 : at + 1].isascii():
        return at
    begin = at - 1
    while begin > max(0, at - _LONGEST) and not text[begin].isascii():
        begin -= 1
    for match in _GRAPHEME.finditer(text, begin, min(len(text), at + _LONGEST)):
        if match.end() > at:
            return match.start() if match.start() > begin or begin + _LONGEST > at else at
    return at
