"""Whether a text is spelt as a language is: its letters, and signs where signs stand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import regex

from focus_lime.inputs.readers.languages import Language

_FOREIGN = 200  # one character beyond ASCII in so many may be none of the language's
_RARE = 1000  # so may one sign in so many letters stand where it should not

_WORD = regex.compile(r"[\p{L}\p{M}]+")
_BEYOND = regex.compile(r"[^\x00-\x7f]")
_SIGNS = frozenset("“”‘’„‚«»‹›–—…•·§©®™°€£¥¢½¼¾²³±×÷\xa0\xad†‡‰№¶µ")

# What is a letter in other encodings. Marks that open stand behind no letter, fractions and raised
# figures before none.
_LIKE_LETTERS = regex.compile(
    r"(?<=\p{L})(?:[„‚‹¿¡½¼¾µ]|[£€¥¢](?!\d))|(?<![^\s(])[¹²³]|(?<=\p{L})‘(?!s\b)|[²³¹½¼¾ºª¿](?=\p{L})|°(?=\p{L})(?![CFKNSEW]\b)"
)
# What is the same in the encodings of Windows, and letters in those of DOS or of Macintosh.
_SHARED = regex.compile(
    r"(?<=\p{L})[†‡‰¶]|[†‡‰™”¶](?=\p{L})|(?<=\p{L})[“«»›§©®±×•…–—](?=\p{L})"
    r"|(?<=\p{L})(?:(?P<low>“)|(?P<turned>«))"
)
_TURNED = regex.compile(r"»(?=\p{L})")  # as in »German«; “ closes in „German“
_GENITIVE = regex.compile(r"(?<=[a-zéëáíóúöüä])’s\b")  # only English writes it
_ENGLISH_DASH = regex.compile(r"(?<=\p{L})—(?=\p{L})")
_MICRO = regex.compile(r"µ(?=[gmlLsMUAVFJNWK])")  # of units; a letter to Unicode
_APOSTROPHE = regex.compile(r"(?<=\p{L})’(?=\p{L})")
_CASE = regex.compile(
    r"[\p{Ll}--[a-z]]\p{Lu}|\p{Ll}[\p{Lu}--[A-Z]]|\p{Lu}[\p{Lu}--[A-Z]]\p{Ll}", regex.V1
)
_TWO_SCRIPTS = regex.compile(r"[a-zA-Z][\p{L}--\p{Latin}]|[\p{L}--\p{Latin}][a-zA-Z]", regex.V1)
_LOOSE_MARK = regex.compile(r"(?<![\p{L}\p{M}])\p{M}|[\u0e48-\u0e4b]{2}")
_ALONE = regex.compile(r"(?<![\p{L}\p{M}])[\p{L}--[a-zA-Z]](?![\p{L}\p{M}’])", regex.V1)
_MONEY = regex.compile(r"(?P<near>(?<=\d[ \xa0]?)[€£¥¢]|[€£¥¢](?=[ \xa0]?[\d.,]))|[€£¥¢¤]")
_WITHOUT_APOSTROPHE = frozenset({"Spanish", "Portuguese"})


class Spelling:
    """What is counted in a text once, for all languages that it may be in."""

    def __init__(self, text: str) -> None:
        text = _MICRO.sub("", text)
        self.words = Counter(_WORD.findall(text.lower()))
        self.beyond = Counter(_BEYOND.findall(text))
        self.n_genitives = _count(_GENITIVE, text)
        letters = [character for character in text if character.isalpha()]
        self.n_letters = len(letters)
        self._n_ascii = sum(map(str.isascii, letters))
        patterns = (_LIKE_LETTERS, _CASE, _TWO_SCRIPTS, _LOOSE_MARK)
        self._n_odd = sum(_count(pattern, text) for pattern in patterns)
        money = list(_MONEY.finditer(text))
        self._n_odd += 0 if any(match["near"] for match in money) else len(money)
        self._n_alone = _count(_ALONE, text)
        self._n_apostrophes = _count(_APOSTROPHE, text)
        self._n_dashes = _count(_ENGLISH_DASH, text)
        is_low, is_turned = "„" in text, bool(_TURNED.search(text))
        self._n_signs = sum(
            not (match["low"] and is_low) and not (match["turned"] and is_turned)
            for match in _SHARED.finditer(text)
        )

    def is_of(self, language: Language) -> bool:
        """Whether but few characters are none of the language's, or stand where none do."""
        usual = language.own | _SIGNS
        n_odd = sum(n for character, n in self.beyond.items() if character not in usual)
        n_odd += self._n_odd + self._n_unlike(language)
        n_signs = self._n_signs - (self._n_dashes if language.name == "English" else 0)
        return n_odd * _FOREIGN <= self.beyond.total() and n_signs * _RARE <= self.n_letters

    def is_plain_latin(self) -> bool:
        """The same with any accents, of a text whose letters are mostly a to z."""
        signs = {sign for sign in self.beyond if not regex.match(r"\p{Latin}", sign)}
        n_odd = self._n_odd + self._n_signs + self._n_apostrophes + self._n_alone
        return self._n_ascii >= 0.7 * self.n_letters and signs <= _SIGNS and not n_odd

    def _n_unlike(self, language: Language) -> int:
        """What stands where it does not in this language."""
        count = self._n_alone if language.name == "English" else 0
        if language.name in _WITHOUT_APOSTROPHE:
            count += self._n_apostrophes
        finals, vowels = frozenset(language.finals), frozenset(language.vowels)
        for word, n in self.words.items() if finals or vowels else ():
            if finals and any(a in finals and b.isalpha() for a, b in pairwise(word)):
                count += n
            if vowels and len(word) > 3 and vowels.isdisjoint(word):
                count += n
        return count


def _count(pattern: Any, text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))
