"""Bytes to text in one given encoding, as browsers decode it: the WHATWG Encoding Standard.

Python's codecs know less in places: bytes without a character, which the standard takes for
control characters, and signs of vendors.
"""

from __future__ import annotations

import codecs
from functools import cache

import regex

# Python's codecs, where they have another name.
_CODECS = {
    "ibm866": "cp866",
    "macintosh": "mac_roman",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac_cyrillic",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "iso-2022-jp": "iso2022_jp_ext",
}
# Characters of single bytes that they have otherwise, or not.
_BYTES = {("koi8-u", 0xAE): "ў", ("koi8-u", 0xBE): "Ў", ("windows-1255", 0xCA): "\u05ba"}
# Characters of GB18030 that had no code in Unicode when Python's codec was made.
_GB18030 = str.maketrans(
    "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7"
    "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\u3000︐︒︑︓︔︕︖︗︘︙ḿ龴龵龶龷龸龹龺龻",
)
_BIG5 = str.maketrans("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡")
_MULTIBYTE = frozenset({"gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp"})
_UNICODE = frozenset({"utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"})
_EUC_JP_SIGNS = str.maketrans("〜‖−¢£¬", "～∥－￠￡￢")
_EUC_JP = regex.compile(
    rb"[\x00-\x7f]++|(?P<kana>\x8e[\xa1-\xdf])|(?P<pair>[\xa1-\xfe]{2})|(?P<three>\x8f[\xa1-\xfe]{2})"
)


def is_single_byte(encoding: str) -> bool:
    return encoding not in _MULTIBYTE | _UNICODE


def decoded(data: bytes, encoding: str) -> str:
    """The text, of an encoding by the standard's name, or UTF-32.

    Raises:
        UnicodeDecodeError: bytes that mean nothing in it.
    """
    if is_single_byte(encoding):
        return codecs.charmap_decode(data, "strict", _table(encoding))[0]
    if encoding == "euc-jp":
        return _euc_jp(data)
    if encoding in ("gbk", "gb18030"):
        return data.decode("gb18030", _EURO).translate(_GB18030)
    if encoding == "big5":
        return data.decode("big5hkscs").translate(_BIG5)
    if encoding == "shift_jis":
        return _shift_jis(data)
    return data.decode(_CODECS.get(encoding, encoding))


@cache
def _table(encoding: str) -> str:
    """The character of each byte. What has none between 0x80 and 0x9F is that control character;
    U+FFFE stands for an error.
    """
    codec = _CODECS.get(encoding, encoding)
    characters = []
    for value in range(256):
        try:
            characters.append(bytes([value]).decode(codec))
        except UnicodeDecodeError:
            characters.append(chr(value) if 0x80 <= value <= 0x9F else "\ufffe")
        characters[value] = _BYTES.get((encoding, value), characters[value])
    return "".join(characters)


def _shift_jis(data: bytes) -> str:
    text = data.decode("cp932")
    if match := regex.search("[\uf8f0-\uf8f3]", text):  # bytes that mean nothing, but to Python
        start = len(text[: match.start()].encode("cp932"))
        raise UnicodeDecodeError("shift_jis", data, start, start + 1, "no character")
    return text


def _euc_jp(data: bytes) -> str:
    """By way of code page 932 where there are vendors' signs, which Python's EUC-JP lacks."""
    try:
        return data.decode("euc_jp").translate(_EUC_JP_SIGNS)
    except UnicodeDecodeError:
        pass
    parts: list[str] = []
    position = 0
    while position < len(data):
        match = _EUC_JP.match(data, position)
        if match is None:
            raise UnicodeDecodeError("euc-jp", data, position, position + 1, "no character")
        part = match[0]
        if match["kana"]:
            part = part[1:]
        elif match["pair"]:
            row, cell = part[0] - 0xA1, part[1] - 0xA1
            lead = row // 2 + (0x81 if row < 62 else 0xC1)
            trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell >= 63)
            part = bytes([lead, trail])
        try:
            parts.append(part.decode("euc_jp" if match["three"] else "cp932"))
        except UnicodeDecodeError:
            raise UnicodeDecodeError(
                "euc-jp", data, position, match.end(), "no character"
            ) from None
        position = match.end()
    return "".join(parts)


def _euro(error: UnicodeError) -> tuple[str, int]:
    """0x80 alone is the euro sign of code page 936."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


_EURO = "focus_lime.euro"
codecs.register_error(_EURO, _euro)
