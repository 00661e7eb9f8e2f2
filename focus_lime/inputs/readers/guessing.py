"""Which encoding a text is in that does not say so: the one in which it is text of a language.

A wrong reading is worse than none. A reading counts only where the letters are those of one
language, signs stand where signs do and common words are there; and where two readings differ,
one must have far more of these words. Statistics alone (charset-normalizer 3.5) give another text
for one in three of the files in `tests/inputs/readers/legacy_texts.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from focus_lime.inputs.readers.decoders import decoded
from focus_lime.inputs.readers.languages import IDEOGRAPHS, LANGUAGES, Ideographs, Language

_SAMPLE = 1 << 17  # bytes that are looked at; all must be decodable
_FOREIGN = 200  # one character in so many may be none of the language's
_MARGIN = 1.5  # times as many common words as the next reading
_FEWEST_HITS = 2
_FEWEST_LETTERS = 10
_ALIKE = ("windows-1252", "windows-1250", "windows-1254")

_TAG = regex.compile(
    rb"<(?P<raw>script|style)\b.*?(?:</(?P=raw)[^<>]*>|\Z)|<[a-z/!][^<>]{0,2000}>",
    regex.DOTALL | regex.IGNORECASE,
)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_FOREIGN_LETTER = regex.compile(r"[^\x00-\x7f]")
_NO_TEXT = regex.compile(r"[\x80-\x9f\p{Co}\p{Cn}\ufffd]")
_SIGNS = frozenset("“”‘’„‚«»‹›–—…•·§©®™°€£¥½¼¾²³±×¿¡\xa0\xad†‡№ºª")
# Marks that open stand behind no letter, those that close before none, and no sign inside a word.
_MISPLACED = regex.compile(
    r"(?<=\p{L})[„‚«¿¡“‘](?=\p{L})|(?<=\p{L})[„‚¿¡£€½¼¾]|[”»™°²³¹½¼¾ºª](?=\p{L})"
    r"|(?<=\p{L})[§©®†‡±×•…–—](?=\p{L})"
)
_WORD_DASH = regex.compile(r"(?<=[a-z])—(?=[a-z])")  # English sets it without spaces
_CASE = regex.compile(r"[\p{Ll}--[a-z]]\p{Lu}|\p{Ll}[\p{Lu}--[A-Z]]", regex.V1)
_TWO_SCRIPTS = regex.compile(r"[a-zA-Z][\p{L}--\p{Latin}]|[\p{L}--\p{Latin}][a-zA-Z]", regex.V1)
_LOOSE_MARK = regex.compile(r"(?<![\p{L}\p{M}])\p{M}|[\u0e48-\u0e4b]{2}")


@dataclass(frozen=True)
class Guess:
    """A reading of a text: its encoding, the language that speaks for it, if one does, and the
    share of its common words.
    """

    encoding: str
    language: str | None
    text: str
    hits: float


def guess(data: bytes) -> Guess | None:
    """The one plausible reading; None where there is none, or more than one."""
    sample = _sample(data)
    readings = list(_readings(sample)) or list(_same_everywhere(sample))
    if not readings:
        return None
    best = max(readings, key=lambda reading: reading.hits)
    rivals = [reading.hits for reading in readings if reading.text != best.text]
    if rivals and best.hits < _MARGIN * max(rivals) + 1e-9:
        return None
    try:
        text = decoded(data, best.encoding)
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(text) else Guess(best.encoding, best.language, text, best.hits)


def _sample(data: bytes) -> bytes:
    """The beginning, to the end of a line or word, so that no character is cut; without tags."""
    return bytes(_TAG.sub(b" ", _beginning(data)))


def _beginning(data: bytes) -> bytes:
    if len(data) <= _SAMPLE:
        return data
    head = data[:_SAMPLE]
    cut = max(head.rfind(b"\n"), head.rfind(b" "))
    return head[: cut + 1] if cut >= 0 else data


def _readings(sample: bytes) -> Iterator[Guess]:
    texts: dict[str, str | None] = {}
    for language in (*LANGUAGES, *IDEOGRAPHS):
        for encoding in language.encodings:
            if encoding not in texts:
                texts[encoding] = _plausible(sample, encoding)
            text = texts[encoding]
            if text is None:
                continue
            if isinstance(language, Language):
                hits = _alphabetic(text, language)
            else:
                hits = _ideographic(text, language)
            if hits is not None:
                yield Guess(encoding, language.name, text, hits)


def _plausible(sample: bytes, encoding: str) -> str | None:
    try:
        text = decoded(sample, encoding)
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(text) else text


def _alphabetic(text: str, language: Language) -> float | None:
    """The share of common words; None where this is no text of the language."""
    foreign = _FOREIGN_LETTER.findall(text)
    n_odd = sum(character not in language.own | _SIGNS for character in foreign)
    n_odd += _n_misplaced(text, language)
    if n_odd * _FOREIGN > len(foreign):
        return None
    words = _WORD.findall(text.lower())
    if language.name == "Thai":  # without spaces between words
        n_hits = sum(map(text.count, language.words))
        return n_hits * 8 / len(foreign) if n_hits else None
    n_hits = sum(word in language.words for word in words)
    if language.is_latin:
        return n_hits / len(words) if n_hits >= _FEWEST_HITS else None
    n_letters = sum(character in language.own for character in foreign)
    return n_hits / len(words) if n_letters >= _FEWEST_LETTERS else None


def _n_misplaced(text: str, language: Language) -> int:
    count = len(_MISPLACED.findall(text)) + len(_CASE.findall(text))
    count += len(_TWO_SCRIPTS.findall(text)) + len(_LOOSE_MARK.findall(text))
    if language.name == "English":
        count -= len(_WORD_DASH.findall(text))
    for word in _WORD.findall(text.lower()) if language.vowels or language.finals else ():
        count += any(letter in language.finals for letter in word[:-1])
        count += len(word) > 3 and bool(language.vowels) and not set(word) & set(language.vowels)
    return count


def _ideographic(text: str, language: Ideographs) -> float | None:
    """The share of frequent characters; None where this is no text of the language."""
    letters = Counter(regex.findall(r"[\p{L}--[a-zA-Z]]", text, regex.V1))
    total = letters.total()
    if total < _FEWEST_LETTERS:
        return None
    common = sum(n for letter, n in letters.items() if _is_common(letter, language))
    own = sum(n for letter, n in letters.items() if regex.match(language.script, letter))
    hits = sum(n for letter, n in letters.items() if letter in language.frequent)
    if common < 0.97 * total or own < language.of_script * total or hits < language.least * total:
        return None
    return hits / total


def _is_common(letter: str, language: Ideographs) -> bool:
    data = letter.encode(language.codec, "ignore")
    return bool(data) and data[0] <= language.last


def _same_everywhere(sample: bytes) -> Iterator[Guess]:
    """Few words, mostly of ASCII letters, that mean the same in the encodings of most of Europe."""
    texts = {_plausible(sample, encoding) for encoding in _ALIKE}
    text = texts.pop()
    if texts or text is None:
        return
    letters = regex.findall(r"\p{L}", text)
    n_ascii = sum(letter.isascii() for letter in letters)
    known = set(_FOREIGN_LETTER.findall(text))
    known = {character for character in known if not regex.match(r"\p{Latin}", character)}
    if n_ascii < 0.7 * len(letters) or known - _SIGNS or _n_misplaced(text, LANGUAGES[1]):
        return
    yield Guess(_ALIKE[0], None, text, 0.0)
