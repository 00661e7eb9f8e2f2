"""Numbers as Word writes them in lists and note marks: ECMA-376 part 1, 17.18.59."""

from __future__ import annotations

from collections.abc import Callable

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_LONGEST = 32767  # the largest that Word counts with letters


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _letters(alphabet: str) -> Callable[[int], str]:
    """a, b, ... z, aa, bb, ...: Word repeats the letter, thirty times at most."""

    def written(number: int) -> str:
        place = (number - 1) % (len(alphabet) * 30)
        return alphabet[place % len(alphabet)] * (place // len(alphabet) + 1)

    return written


def _cardinal(number: int) -> str:
    for scale, name in _SCALES:
        if number >= scale:
            rest = number % scale
            return f"{_cardinal(number // scale)} {name}" + (f" {_cardinal(rest)}" if rest else "")
    if number < 20:
        return _ONES[number]
    return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")


def _ordinal_text(number: int) -> str:
    text = _cardinal(number)
    cut = max(text.rfind(" "), text.rfind("-")) + 1
    last = text[cut:]
    if last not in _ORDINALS:
        last = last[:-1] + "ie" if last.endswith("y") else last
    return text[:cut] + _ORDINALS.get(last, f"{last}th")


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number // 10 % 10 == 1 else ending}"


def _chinese(digits: str, units: str) -> Callable[[int], str]:
    """Counting with units below ten thousand: 十二, 一百零五."""

    def written(number: int) -> str:
        if number >= 10_000:
            return str(number)
        text, zero = "", False
        for power in (3, 2, 1, 0):
            digit = number // 10**power % 10
            if digit == 0:
                zero = bool(text)
                continue
            text += digits[0] if zero else ""
            zero = False
            is_ten = power == 1 and digit == 1 and not text
            text += ("" if is_ten else digits[digit]) + (units[power - 1] if power else "")
        return text or digits[0]

    return written


def _enclosed(first: str, most: int) -> Callable[[int], str]:
    return lambda number: chr(ord(first) + number - 1) if number <= most else str(number)


_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda number: f"{number:02d}",
    "lowerLetter": _letters("abcdefghijklmnopqrstuvwxyz"),
    "upperLetter": _letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "ordinal": _ordinal,
    "cardinalText": lambda number: _cardinal(number).capitalize(),
    "ordinalText": lambda number: _ordinal_text(number).capitalize(),
    "hex": lambda number: f"{number:X}",
    "chicago": _letters("*†‡§"),
    "russianLower": _letters(_RUSSIAN),
    "russianUpper": _letters(_RUSSIAN.upper()),
    "numberInDash": lambda number: f"- {number} -",
    "decimalFullWidth": lambda number: "".join(chr(ord("０") + int(d)) for d in str(number)),
    "decimalEnclosedCircle": _enclosed("①", 20),
    "decimalEnclosedCircleChinese": _enclosed("①", 20),
    "decimalEnclosedParen": _enclosed("⑴", 20),
    "decimalEnclosedFullstop": _enclosed("⒈", 20),
    "chineseCounting": _chinese("〇一二三四五六七八九", "十百千"),
    "chineseCountingThousand": _chinese("零一二三四五六七八九", "十百千"),
    "chineseLegalSimplified": _chinese("零壹贰叁肆伍陆柒捌玖", "拾佰仟"),
    "taiwaneseCounting": _chinese("○一二三四五六七八九", "十百千"),
    "taiwaneseCountingThousand": _chinese("○一二三四五六七八九", "十百千"),
    "japaneseCounting": _chinese("〇一二三四五六七八九", "十百千"),
}
KNOWN = frozenset(_FORMATS) | {"none", "bullet"}


def numeral(number: int, name: str) -> str:
    """A number in a format; in digits where Word has no other way, or the format is not known."""
    if name == "none":
        return ""
    if name == "decimalZero" or 0 < number <= _LONGEST:
        return _FORMATS.get(name, str)(number)
    return str(number)
