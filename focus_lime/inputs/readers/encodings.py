"""Bytes to text: which encoding a file is in, and on what ground."""

from __future__ import annotations

import codecs

import regex

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.readers.decoders import decoded, is_single_byte
from focus_lime.inputs.readers.guessing import TRIED, guess
from focus_lime.inputs.readers.magic import kind_of, what_to_do

_GIVE = "give text, PDF, DOCX, HTML or Markdown"

Decoded = tuple[str, tuple[str, ...]]

# UTF-32 first: the mark of its little-endian form begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32le"),
    (codecs.BOM_UTF32_BE, "utf-32be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16le"),
    (codecs.BOM_UTF16_BE, "utf-16be"),
)
_WIDE = ("utf-32le", "utf-32be", "utf-16le", "utf-16be")
_UTF8 = regex.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    rb"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    rb"|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_UTF8_RUN = regex.compile(rb"(?:" + _UTF8.pattern + rb"){3,}")
_ISO_2022_JP = regex.compile(rb"\x1b\$[@B]")
_ASCII = bytes(range(128))
_MOST_NULS = 100  # one character in so many
_CONTROLS = regex.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_NO_TEXT = regex.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\p{Co}\p{Cn}]")


def decode(name: str, data: bytes, declared: tuple[str, str] | None = None) -> Decoded:
    """Text and notes. In this order: a byte-order mark, what the file declares, UTF-16 or UTF-32
    that is plain from its zeros, UTF-8, and the one old encoding in which it is text of a language.

    Args:
        declared: the label in the file, and the encoding that it means.

    Raises:
        FocusLimeError: another kind of file, binary, partly UTF-8 and partly not, not in the
            encoding that it declares, or in none that can be told.
    """
    if kind := kind_of(data):
        raise FocusLimeError(f"{name} is {kind}, not text: {what_to_do(kind)}")
    for mark, encoding in _MARKS:
        if data.startswith(mark) and not (encoding == "utf-32le" and len(data) % 4):
            try:
                text = decoded(data[len(mark) :], encoding)
            except UnicodeDecodeError as error:
                at = len(mark) + error.start
                title = _title(encoding)
                raise FocusLimeError(
                    f"{name} is not whole {title} text, as its first bytes say (byte {at}): save "
                    "it again as UTF-8"
                ) from None
            ground = f"read as {_title(encoding)}, by its byte-order mark"
            return _without_nuls(name, text, () if encoding == "utf-8" else (ground,))
    if declared is not None and b"\x00" not in data:
        return _as_declared(name, data, *declared)
    if b"\x00" in data:
        for encoding in _WIDE:
            if (wide := _wide(data, encoding)) is not None:
                return wide, (f"read as {_title(encoding)}, by the zeros between its letters",)
    return _undeclared(name, data)


def _as_declared(name: str, data: bytes, label: str, encoding: str) -> Decoded:
    says = f"says that it is {label}"
    if encoding == "replacement":
        raise FocusLimeError(
            f"{name} {says}, which browsers do not read: convert it, {_iconv(label)}"
        )
    try:
        text = decoded(data, encoding)
        first = -1
    except UnicodeDecodeError as error:
        text, first = "", error.start
    is_utf8 = _is_utf8(data)
    if is_utf8 and not data.isascii() and (first >= 0 or is_single_byte(encoding)):
        return data.decode(), (f"{says}, but its bytes are UTF-8: read so",)
    if first >= 0:
        raise FocusLimeError(
            f"{name} {says}, and is not: byte {first} means nothing in {_title(encoding)}; mend "
            f"what it says, or convert it, {_iconv('ENCODING')}"
        )
    if encoding == "utf-8" or data.isascii():
        return text, ()
    meant = "" if label.lower() == encoding else f", which means {encoding}"
    found = guess(data) if is_single_byte(encoding) and encoding in TRIED else None
    if found is not None and found.hits and found.text != text:
        raise FocusLimeError(
            f"{name} {says}, but by its letters and words it is {found.language} in "
            f"{_title(found.encoding)}: mend what it says, or convert it, "
            f"{_iconv(found.encoding)}"
        )
    return text, (f"read as {label}{meant}, as the file says",)


def _undeclared(name: str, data: bytes) -> Decoded:
    if _ISO_2022_JP.search(data) and data.isascii():
        try:
            text = decoded(data, "iso-2022-jp")
            return text, ("read as iso-2022-jp, by its escape sequences",)
        except UnicodeDecodeError:
            pass
    try:
        return _without_nuls(name, data.decode(), ())
    except UnicodeDecodeError as error:
        first = error.start
    if b"\x00" in data:
        raise FocusLimeError(f"{name} is a binary file: {_GIVE}")
    n_utf8 = len(_UTF8.findall(data))
    n_other = len(_UTF8.sub(b"", data).translate(None, _ASCII))
    mixed = FocusLimeError(
        f"{name} mixes encodings: it holds UTF-8 and, at byte {first}, something else; convert it "
        "to UTF-8"
    )
    if n_utf8 >= n_other:
        raise mixed
    found = guess(data)
    if found is None:
        raise FocusLimeError(
            f"{name} is neither UTF-8 (byte {first}) nor plainly in another encoding: convert it, "
            f"{_iconv('ENCODING')}"
        )
    if is_single_byte(found.encoding) and _holds_utf8(data, found.text):
        raise mixed
    ground = f"by its letters and words ({found.language})" if found.language else "by its letters"
    return found.text, (f"not UTF-8: read as {_title(found.encoding)}, {ground}",)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide(data: bytes, encoding: str) -> str | None:
    """UTF-16 or UTF-32 without a mark, where every zero stands where it would, and all is text."""
    size = 4 if "32" in encoding else 2
    if len(data) % size:
        return None
    first, last = data[::size].count(0), data[size - 1 :: size].count(0)
    if first >= last if encoding.endswith("le") else last >= first:
        return None
    try:
        text = decoded(data, encoding)
    except UnicodeDecodeError:
        return None
    return None if _NO_TEXT.search(text) else text


def _holds_utf8(data: bytes, text: str) -> bool:
    """Whether bytes that are UTF-8 give characters that the text has elsewhere. In a text of
    letters beyond a to z some pairs are so by chance, but no three one after the other.
    """
    others = {character for character in text if not character.isascii()}
    pattern = _UTF8_RUN if len(others) * 2 > len(set(text)) else _UTF8
    return any(set(match[0].decode()) <= others for match in pattern.finditer(data))


def _without_nuls(name: str, text: str, notes: tuple[str, ...]) -> Decoded:
    """A few NUL characters in what is text otherwise are set aside."""
    count = text.count("\0")
    if not count:
        return text, notes
    if count * _MOST_NULS > len(text) or _CONTROLS.search(text):
        raise FocusLimeError(f"{name} is a binary file: {_GIVE}")
    characters = "character" if count == 1 else "characters"
    return text.replace("\0", ""), (*notes, f"{count:,} NUL {characters} set aside")


def _title(encoding: str) -> str:
    prefix = ("utf", "iso", "koi", "euc", "gb")
    return encoding.upper() if encoding.startswith(prefix) else encoding


def _iconv(encoding: str) -> str:
    return f"for instance with: iconv -f {encoding} -t utf-8 OLD > NEW"
