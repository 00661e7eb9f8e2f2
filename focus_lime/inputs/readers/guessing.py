"""Which encoding a text is in that does not say so: the one in which it is text of a language.

A wrong reading is worse than none. A reading counts only where the letters are those of one
language, signs stand where signs do and common words are there; and where two readings differ,
one must have far more of these words. Statistics alone (charset-normalizer 3.5) give another text
for one in three of the files in `tests/inputs/readers/legacy_texts.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from focus_lime.inputs.readers.decoders import decoded
from focus_lime.inputs.readers.languages import IDEOGRAPHS, LANGUAGES, Ideographs, Language
from focus_lime.inputs.readers.orthography import Spelling

_SAMPLE = 1 << 16  # bytes that are looked at; all must be decodable
_LONGEST_CHARACTER = 4  # bytes
_MARGIN = 1.5  # times as many common words as the next reading
_FEWEST_HITS = 2
_FEWEST_LETTERS = 10
TRIED = frozenset(code for known in (*LANGUAGES, *IDEOGRAPHS) for code in known.encodings)
_ALIKE = ("windows-1252", "windows-1250", "windows-1254", "windows-1257")

_TAG = regex.compile(
    rb"<(?P<raw>script|style)\b.*?(?:</(?P=raw)[^<>]*>|\Z)|<[a-z/!][^<>]{0,2000}>",
    regex.DOTALL | regex.IGNORECASE,
)
_WORD = regex.compile(r"[\p{L}\p{M}]+")
_NO_TEXT = regex.compile(r"[\x80-\x9f\p{Co}\p{Cn}\ufffd]")


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
    readings = list(_readings(sample))
    if not readings:
        readings = list(_same_everywhere(sample))
    elif _is_of_another(sample, readings):
        return None
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


def _is_of_another(sample: bytes, readings: Sequence[Guess]) -> bool:
    """Whether the words speak as much for a language whose letters these are not: English with
    names in letters of others.
    """
    fitting = {reading.language for reading in readings}
    words = _WORD.findall(sample.decode("latin-1").lower())
    counts = Counter(word for word in words if word.isascii())
    others = [
        sum(counts[word] for word in language.words)
        for language in LANGUAGES
        if language.is_latin and language.name not in fitting
    ]
    most = max(others, default=0)
    return most > 0 and max(reading.hits for reading in readings) * len(words) <= most


def _sample(data: bytes) -> bytes:
    """The beginning, without tags: their names are no words."""
    return bytes(_TAG.sub(b" ", data[:_SAMPLE]))


def _readings(sample: bytes) -> Iterator[Guess]:
    texts: dict[str, tuple[str, Spelling] | None] = {}
    for language in (*LANGUAGES, *IDEOGRAPHS):
        for encoding in language.encodings:
            if encoding not in texts:
                text = _plausible(sample, encoding)
                texts[encoding] = None if text is None else (text, Spelling(text))
            found = texts[encoding]
            if found is None:
                continue
            if isinstance(language, Language):
                hits = _alphabetic(*found, language)
            else:
                hits = _ideographic(found[1], language)
            if hits is not None:
                yield Guess(encoding, language.name, found[0], hits)


def _plausible(sample: bytes, encoding: str) -> str | None:
    """The text, if it may be one. The last character of a sample may be cut."""
    try:
        text = decoded(sample, encoding)
    except UnicodeDecodeError as error:
        if len(sample) - error.start > _LONGEST_CHARACTER or len(sample) < _SAMPLE // 2:
            return None
        text = decoded(sample[: error.start], encoding)
    return None if _NO_TEXT.search(text) else text


def _alphabetic(text: str, spelling: Spelling, language: Language) -> float | None:
    """The share of common words; None where this is no text of the language."""
    if not spelling.is_of(language):
        return None
    n_letters = sum(n for letter, n in spelling.beyond.items() if letter in language.own)
    if language.name == "Thai":  # without spaces between words
        n_hits = sum(map(text.count, language.words))
        return n_hits * 8 / n_letters if n_hits else None
    n_hits = sum(spelling.words[word] for word in language.words)
    if language.name == "English":
        n_hits += 2 * spelling.n_genitives
    is_enough = n_hits >= _FEWEST_HITS if language.is_latin else n_letters >= _FEWEST_LETTERS
    return n_hits / spelling.words.total() if is_enough else None


def _ideographic(spelling: Spelling, language: Ideographs) -> float | None:
    """The share of frequent characters; None where this is no text of the language."""
    letters = {sign: n for sign, n in spelling.beyond.items() if sign.isalpha()}
    total = sum(letters.values())
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
    if not texts and text is not None and Spelling(text).is_plain_latin():
        yield Guess(_ALIKE[0], None, text, 0.0)
