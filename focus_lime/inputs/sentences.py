"""Sentences of any text, as spans that tile it.

Lines are joined to runs first (`runs`), then full stops are looked at one by one: what stands
before it and what after, against fixed lists (`abbreviations`), after the orthographic heuristic
of Punkt (Kiss and Strunk 2006): after an abbreviation that can end a sentence, it ended if the next
word carries a capital and is one that has it only there. Nothing is learned from the text, so
that the same text is cut alike on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import regex

from focus_lime.inputs.abbreviations import (
    AFTER_TIME,
    BEFORE_ORDINAL,
    BINDING,
    BRANDS,
    COMMON,
    FIRMS,
    MONTHS,
    NAMED,
    NEVER,
    NUMBERED,
    NUMBERED_WORDS,
    OPEN,
    OPENERS,
    PROPER,
    TIMES,
    TITLES,
    VERBS,
)
from focus_lime.inputs.runs import CLOSERS, ENUMERATOR, STOPS, Layout, Range, Run, layout

# Stops that end a sentence only before white space. A semicolon is the question mark of Greek.
_LATIN = frozenset(".!?…‼⁇⁈⁉‽․;\u037e")
# Characters around a stop that are looked at. The ends are given to each search, since the regex
# module may else look for what a pattern needs as far as the text goes.
_BEFORE, _AFTER = 48, 64

# A stop with what closes after it, a wide gap in a line, or a space of Thai, which has no stops.
_STOP = regex.compile(
    rf"(?P<stop>\.(?:[ \u00a0]\.)+|[{STOPS}\u037e]+|(?<=\p{{Greek}});)"
    rf"(?P<close>[{CLOSERS}]*(?:\[\d[\d, –-]*\])?)"
    # "(b) or 8. Notices 8.1. Each": sections of a text whose line breaks are lost.
    r"|(?<=\s)(?P<section>\d{1,2}(?:\.\d{1,2})?)(?=\.?\s+[\"“]?\p{Lu})"
    rf"|(?<=\S)(?P<gap>[ \t]{{3,}})(?=(?:(?i:section|article)\s+[\dIVXL.]+|\d+\.\d+\.?)\s+\p{{Lu}}"
    r"|(?i:article)\s+[IVXL]+\s)"
    r"|(?<=[\p{Thai}\p{Lao}])(?P<space>[ ]+)(?=[\p{Thai}\p{Lao}])"
)
_FIRST_CLAUSE = regex.compile(r"\.\s[^.\n]{2,60}\s\d{1,2}\.1\b")
_REFERRING = BINDING | (NAMED - {"party"}) | {"version", "rule", "step", "item", "note"}
_SPACE = regex.compile(r"\s*")
_SPACED_CLOSE = regex.compile(r"[\s\u00a0\u202f]+[”»](?=\s|$)")
_SPACED_QUOTE = regex.compile(r"[ ]\"(?=\s|$)")
_QUOTED = regex.compile(r"(?:>[ \t]?)*")  # marks of a quotation, after a line break
_NEXT = regex.compile(
    r"(?P<open>[\"'“”‘’«»„‚‹¿¡*_\[{#<•–—-]*)[ ]?"
    r"(?P<word>[\p{L}\p{M}\p{N}]+(?:['’\-.][\p{L}\p{M}\p{N}]+)*)?"
    r"(?P<dot>\.?)(?:\s+(?P<second>\p{L}+))?"
)
_TOKEN = regex.compile(r"(?r)[^\s\"“”„«»()\[\]{}<>/|—–,;:*_]+")  # read backwards
_ELIDED = regex.compile(r"^[dlnDLN]['’](?=\p{L})")  # "l'art."
_WORD_BEFORE = regex.compile(r"(\p{L}+)\W*\s\S*$")
_DOTTED = regex.compile(r"(?:\p{L}{1,4}\.)+\p{L}{1,4}")
_ENUMERATED = regex.compile(
    rf"(?:{ENUMERATOR}|(?:(?i:section|article|clause|chapter|art|sec|§)\.?\s*)?[(\[]?"
    r"(?:\d{1,3}(?:\.\d{1,3})*|\p{L}|[ivxIVX]{2,5})[)\]]?)[.)]?"
)
_COUNTED = regex.compile(rf"{ENUMERATOR}[.)]?|(?i:art|sec|§+)\.?\s*\d[\d.]*|--")
_LISTED = regex.compile(r"(?r)[:;]\s+\w{1,2}")
_ITEM = regex.compile(r"\((?:\p{L}|[ivx]{2,4}|\d{1,2})\)\s+[\"“]?\p{Lu}")
_ROMAN = regex.compile(r"[IVXLC]+")
_GLUED = regex.compile(r"(?P<word>\p{Lu}\p{Ll}*(?:['’]\p{Ll}+)?) [\p{L}\d]")
_PARTICLE = regex.compile(r"[」』）][\p{Hiragana}]")
_SAID = regex.compile(r"\p{L}|\p{Extended_Pictographic}|\[[*●•_\s]+\]")
_THAI = regex.compile(r"[\p{Thai}\p{Lao}]{10}")


def sentences(text: str) -> list[Range]:
    """Sentence spans that tile `text`; white space belongs to the sentence before it.

    Headings, items of lists, rows of tables and the like are units too, however they end.
    Thai and Lao, which have no full stop, are cut at lines and at the spaces between phrases.
    """
    if not text:
        return []
    found = layout(text)
    counter = _Counter()
    starts = [
        start for run in found.runs for start in (run.start, *_starts(text, run, found, counter))
    ]
    return _joined(text, list(pairwise([*starts, len(text)])), found)


@dataclass
class _Counter:
    """The number of the section that the text is in, to know the next one by."""

    section: int = 0
    clause: int = 0

    def counts(self, number: str, *, first: bool) -> bool:
        """Whether a number within a line begins the next section; `first`: it begins its unit."""
        section, _, clause = number.partition(".")
        at = int(section), int(clause or 0)
        here = self.section, self.clause
        goes_on = at[0] == here[0] and 0 < at[1] - here[1] < 3  # one may be missing
        goes_on = goes_on or at in ((here[0] + 1, 0), (here[0] + 1, 1))
        if first or goes_on:
            self.section, self.clause = at
        return goes_on


def _starts(text: str, run: Run, found: Layout, counter: _Counter) -> Iterator[int]:
    """Where sentences begin within a run, its first one left out."""
    if run.whole:
        return
    begin = counted = run.start
    quotes = 0  # straight quotation marks of this sentence so far
    for match in _STOP.finditer(text, run.start, run.end):
        if match.start() < begin:
            continue
        end = match.end()
        if match["stop"]:
            quotes += text.count('"', counted, end)
            counted = max(counted, end)
            close = _SPACED_CLOSE.match(text, end, min(run.end, end + 4))
            if close is None and quotes % 2:
                close = _SPACED_QUOTE.match(text, end, min(run.end, end + 3))
            if close is not None:
                end = close.end()
            start = _SPACE.match(text, end, run.end).end()
            ends = start < run.end and _ends(text, begin, match, start, glued=start == end)
        elif match["section"]:
            start = match.start()
            ends = _begins_section(text, begin, match, counter)
        elif match["gap"]:
            start = end
            ends = _token(text, begin, match.start()).lower() not in BINDING
        else:
            start = end
            phrase = _THAI.search(text, max(begin, match.start() - _BEFORE), match.start()) and (
                _THAI.match(text, end, min(run.end, end + _BEFORE))
            )
            ends = phrase is not None
        if ends and found.furniture_at(start) == start:
            yield start
            begin = counted = start
            quotes = 0


def _begins_section(text: str, begin: int, match: regex.Match[str], counter: _Counter) -> bool:
    """Whether a number within a line begins a section: the one that is due, after no word that
    refers to it, and, if it is a heading ("8. Notices 8.1 Each"), with its first clause after it.
    """
    number, at = match["section"], match.start()
    first = at == begin
    heading = "." not in number
    if (
        heading
        and not first
        and not _FIRST_CLAUSE.match(text, match.end(), match.end() + 2 * _AFTER)
    ):
        return False
    before = _token(text, begin, at) or _token(
        text, begin, len(text[max(begin, at - _BEFORE) : at].rstrip()) + max(begin, at - _BEFORE)
    )
    refers = before.lower() in _REFERRING
    return not refers and counter.counts(number, first=first) and not first


def _ends(text: str, begin: int, match: regex.Match[str], start: int, *, glued: bool) -> bool:
    """Whether a stop ends the sentence that began at `begin`; what follows begins at `start`."""
    stop = match["stop"]
    at = match.start()
    if stop[-1] not in _LATIN:
        if glued and _PARTICLE.match(text, start - 1, start + 1):
            return False
        return not (glued and text[start].isdigit() and text[at - 1 : at].isdigit())
    if glued:
        return _is_glued(text, begin, match, start)
    if "\n" in text[match.end() : start] or "\r" in text[match.end() : start]:
        start = _QUOTED.match(text, start).end()
    if start >= len(text):
        return False
    after = _NEXT.match(text, start, start + _AFTER)
    word = after["word"] or ""
    first = text[start]
    if first in "§(":
        return (
            first == "("
            and _ITEM.match(text, start, start + _AFTER) is not None
            and _is_plain(text, begin, at)
        )
    if first in ",;:)]}%/=&+" or (word and word[0].islower() and not _is_camel(word)):
        return False
    if len(stop) > 1 and set(stop) <= set(". …\u00a0"):
        return bool(word) and not word[0].isdigit()
    token = _token(text, begin, at)
    if "!" in stop or "?" in stop:
        return token.lower() not in BRANDS or word.lower() in OPENERS
    if stop[-1] not in ".․":
        return True
    return _ends_after(text, begin, at, token, after)


def _ends_after(text: str, begin: int, at: int, token: str, after: regex.Match[str]) -> bool:
    """Whether a full stop after a token ends the sentence, by what follows."""
    word = after["word"] or ""
    next_word = word.lower()
    key = token.lower().replace("’", "'").strip(".")
    opens = next_word in OPENERS and not (next_word == "no" and after["dot"])
    if not token:
        return True
    if at - begin <= 24 and _ENUMERATED.fullmatch(text[begin:at].strip()):
        return False
    if len(token) < 3 and _LISTED.match(text, max(begin, at - _BEFORE), at):
        return False  # "as follows: 1. Sell"
    if token.isdigit():
        before = _WORD_BEFORE.search(text[max(begin, at - _BEFORE) : at])
        ordinal = before is not None and before[1].lower() in BEFORE_ORDINAL
        return not (len(token) < 3 and (next_word in MONTHS or (ordinal and not opens)))
    if token[-1].isdigit() and word[1:].isupper() and text[begin:at].isupper():
        return False  # "CHAPTER 3. DUTIES"
    if key in TITLES or key in NEVER or (token == "M" and word):  # "M. Dupont"
        return False
    if key in NUMBERED or key in NUMBERED_WORDS:
        numbered = word[:1].isdigit() or len(word) == 1 or _ROMAN.fullmatch(word) is not None
        if numbered and next_word != "a":
            return False
        return opens or key in NUMBERED_WORDS
    if key in TIMES:
        return bool(word) and not word[0].isdigit() and next_word not in AFTER_TIME
    if key in OPEN:
        return True
    if key in FIRMS:
        subject = (after["second"] or "").lower() in VERBS and not after["dot"]
        return opens or not word or (subject and word[0].isupper() and token != token.upper())
    if key in COMMON or (key in PROPER and token[0].isupper()):
        return opens or (not word and not after["open"])
    if len(token) == 1 and token.isalpha():
        return _ends_after_letter(text, begin, at, token, opens)
    if _DOTTED.fullmatch(token):
        return token.islower() or opens or not word
    return True


def _ends_after_letter(text: str, begin: int, at: int, letter: str, opens: bool) -> bool:
    """A single letter: an initial ("J. Smith"), or the name of something ("Exhibit B. The")."""
    before = _WORD_BEFORE.search(text[max(begin, at - _BEFORE) : at])
    named = before is not None and before[1].lower() in NAMED
    if letter.islower():
        return True
    if letter == "I" and before is not None and before[1].islower():
        return True
    if not regex.match(r"\p{Lu}", letter):  # of a script without capitals
        return True
    return opens or (named and before is not None and before[1].islower())


def _is_plain(text: str, begin: int, at: int) -> bool:
    """Whether the word before a stop is no abbreviation."""
    key = _token(text, begin, at).lower()
    return not (
        key in NEVER or key in NUMBERED or key in NUMBERED_WORDS or key in COMMON or key in TITLES
        or (key in PROPER) or key in FIRMS or _DOTTED.fullmatch(key)
    )  # fmt: skip


def _is_glued(text: str, begin: int, match: regex.Match[str], start: int) -> bool:
    """A sentence that begins without a space: "do so.If you", "information!When"."""
    after = _GLUED.match(text, start, start + _AFTER)
    if after is None:
        return False
    token = _token(text, begin, match.start())
    if len(token) < 2 or not token[-2:].isalpha() or regex.search(r"[@.]", token):
        return False
    if match["stop"][-1] in "!?":
        return True
    return (
        match["stop"] == "."
        and after["word"].lower() in OPENERS
        and _is_plain(text, begin, match.start())
    )


def _is_camel(word: str) -> bool:
    """Written small before a capital: "iPhone" begins a sentence like any name."""
    return len(word) > 2 and word[0].islower() and word[1].isupper() and word[2].islower()


def _token(text: str, begin: int, at: int) -> str:
    """What stands before a stop without white space between them."""
    found = _TOKEN.match(text, max(begin, at - _BEFORE), at)
    return _ELIDED.sub("", found[0].lstrip("'’‘-.")) if found else ""


def _joined(text: str, spans: list[Range], found: Layout) -> list[Range]:
    """Join what says nothing by itself: an enumerator ("4.2.", "(a)") to the span after it, any
    other number, rule or page number to the span before it.
    """
    joined: list[Range] = []
    waiting: int | None = None  # where an enumerator began
    for low, high in spans:
        begin = low if waiting is None else waiting
        if _says_something(text, low, high, found):
            joined.append((begin, high))
            waiting = None
        elif waiting is not None or not joined or _is_enumerator(text, low, high):
            waiting = begin
        else:
            joined[-1] = joined[-1][0], high
    if waiting is not None and waiting < len(text):
        begin = joined.pop()[0] if joined else waiting
        joined.append((begin, len(text)))
    return joined


def _says_something(text: str, low: int, high: int, found: Layout) -> bool:
    if _is_enumerator(text, low, high):
        return False
    while (match := _SAID.search(text, low, high)) is not None:
        low = found.furniture_at(match.start())
        if low == match.start():
            return True
    return False


def _is_enumerator(text: str, low: int, high: int) -> bool:
    shown = text[low : low + 40].strip() if high - low > 40 else text[low:high].strip()
    return len(shown) <= 24 and _COUNTED.fullmatch(shown) is not None
