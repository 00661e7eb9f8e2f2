"""pytest tests/inputs/readers/test_old_encodings.py"""

from __future__ import annotations

import codecs
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.readers.decoders import decoded
from focus_lime.inputs.readers.encoding_labels import encoding_of
from focus_lime.inputs.readers.encodings import decode
from focus_lime.inputs.readers.html_charset import declared
from focus_lime.inputs.readers.magic import kind_of

from .legacy_texts import TEXTS


def encoded(text: str, encoding: str) -> tuple[bytes, str]:
    """Bytes of an old file, and what they say: typewriter's signs where it has no others."""
    if not encoding.startswith(("cp125", "mac")):
        text = text.translate({0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x20AC: "EUR"})
    data = text.encode(encoding)
    return data, data.decode(encoding)


def outcome(data: bytes, text: str) -> str:
    try:
        return "right" if decode("a.txt", data)[0] == text else "wrong"
    except FocusLimeError:
        return "refused"


@pytest.mark.parametrize(("which", "least_right"), [(0, 30), (1, 45)])
def test_old_encodings_are_right_or_refused(which: int, least_right: int) -> None:
    outcomes: Counter[str] = Counter()
    for encodings, sentences in TEXTS.values():
        for encoding in encodings:
            outcomes[outcome(*encoded(sentences[which], encoding))] += 1
    assert outcomes["wrong"] == 0
    assert outcomes["right"] >= least_right


def test_pieces_of_them_are_right_or_refused() -> None:
    wrong = []
    for language, (encodings, (_, long)) in TEXTS.items():
        words = re.split(r"(?<=[ 。，、])", long)
        for encoding in encodings:
            for first in range(0, len(words), 5):
                for n_words in (2, 5, 12):
                    piece = "".join(words[first : first + n_words])
                    data, text = encoded(piece, encoding)
                    if outcome(data, text) == "wrong":
                        wrong.append((language, encoding, text))
    assert wrong == []


def test_names_of_others_in_english_text_are_not_mangled() -> None:
    for encoding in ("cp1250", "iso8859_2"):
        data = "The fee of Petr Dvořák and Zdeněk Kováč is due to the bank in May.".encode(encoding)
        with pytest.raises(FocusLimeError, match=r"neither UTF-8 \(byte \d+\) nor plainly"):
            decode("a.txt", data)


@pytest.mark.parametrize(
    ("mark", "codec", "title"),
    [
        (codecs.BOM_UTF32_LE, "utf-32le", "UTF-32LE"),
        (codecs.BOM_UTF32_BE, "utf-32be", "UTF-32BE"),
        (codecs.BOM_UTF16_LE, "utf-16le", "UTF-16LE"),
        (codecs.BOM_UTF16_BE, "utf-16be", "UTF-16BE"),
        (codecs.BOM_UTF8, "utf-8", ""),
    ],
)
def test_byte_order_marks(mark: bytes, codec: str, title: str) -> None:
    text, notes = decode("a.txt", mark + "Zoë’s 租金 😀".encode(codec))
    assert text == "Zoë’s 租金 😀"
    assert notes == ((f"read as {title}, by its byte-order mark",) if title else ())
    with pytest.raises(FocusLimeError, match="not whole"):
        decode("a.txt", mark + "Rent".encode(codec) + b"\xdc")


@pytest.mark.parametrize("codec", ["utf-16le", "utf-16be", "utf-32le", "utf-32be"])
@pytest.mark.parametrize("text", ["Rent is 400.\n", "租金为四百元。\n通知期为三个月。\n", "Zoë"])
def test_wide_text_without_a_mark(codec: str, text: str) -> None:
    if codec.startswith("utf-16") and text.isascii() is False and "\n" not in text:
        text += " pays"
    assert decode("a.txt", text.encode(codec))[0] == text


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_utf_8_is_read_as_it_is(text: str) -> None:
    try:
        read, notes = decode("a.txt", text.encode())
    except FocusLimeError:
        assert kind_of(text.encode())  # it begins as another kind of file does
        return
    if "\x1b$" not in text:
        assert (read, notes) == (text.removeprefix("\ufeff"), ())


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        text, _ = decode("a.txt", data)
    except FocusLimeError:
        return
    assert "\0" not in text
    text.encode()


def test_what_is_partly_utf_8_is_refused_with_the_byte() -> None:
    with pytest.raises(FocusLimeError, match=r"mixes encodings.*byte 7"):
        decode("a.txt", "Zoë ".encode() + "Zoë".encode("latin-1"))
    long = "Le loyer est payé à l’avance et la charge est due. " * 30
    with pytest.raises(FocusLimeError, match=r"mixes encodings|neither UTF-8"):
        decode("a.txt", long.encode("cp1252") + "La durée est fixée.".encode())
    with pytest.raises(FocusLimeError, match="mixes encodings"):
        decode("a.txt", long.encode() + b"\xe9")


def test_the_reason_is_true_and_says_what_to_do() -> None:
    with pytest.raises(FocusLimeError) as caught:
        decode("a.txt", b"ab \x81")
    assert "neither UTF-8 (byte 3) nor plainly in another encoding" in str(caught.value)
    assert "iconv -f ENCODING -t utf-8 OLD > NEW" in str(caught.value)
    assert decode("a.txt", "Zoë’s fee".encode("cp1252"))[0] == "Zoë’s fee"


def test_the_note_says_which_and_why() -> None:
    _, notes = decode("a.txt", "租金为四百元。通知期为三个月。".encode("gbk"))
    assert notes == ("not UTF-8: read as GB18030, by its letters and words (Chinese)",)
    _, notes = decode("a.txt", "Договор аренды. Плата 400 рублей.".encode("cp1251"))
    assert notes == ("not UTF-8: read as windows-1251, by its letters and words (Russian)",)


def test_nuls_in_text_are_set_aside_and_binary_is_refused() -> None:
    text = "The rent is 400 florins a month. " * 10
    assert decode("a.txt", text.encode() + b"\0\0")[0] == text
    assert decode("a.txt", text.encode() + b"\0\0")[1] == ("2 NUL characters set aside",)
    for data in (b"a\0b", bytes(range(256)), b"\1\2\0" + text.encode()):
        with pytest.raises(FocusLimeError, match="binary"):
            decode("a.txt", data)


# What Chromium's TextDecoder gives, where Python's codecs give something else.
@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("iso-8859-1", b"\x93\x80\x81\x94", "“€\x81”"),
        ("ASCII", b"\x80", "€"),
        (" latin1\n", b"\x96", "–"),
        ("iso-8859-9", b"\xfd\x80", "ı€"),
        ("gb2312", b"\x86\xb4\x80", "喆€"),
        ("gbk", b"\xa6\xd9\xa3\xa0", "︐\u3000"),
        ("x-sjis", b"\x87\x40\x81\x60\xee\xe0", "①～髙"),
        ("euc-jp", b"\xad\xa1\xa1\xc1\xb1", None),
        ("euc-jp", b"\xad\xa1\xa1\xc1\x8e\xb1\x8f\xb0\xa1", "①～ｱ丂"),
        ("ks_c_5601-1987", b"\xb0\xa1\x81\x41", "가갂"),
        ("big5", b"\xa1\x45\xa4\xa4", "‧中"),
        ("koi8-u", b"\xae\xa4", "ўє"),
        ("windows-1255", b"\xca", "\u05ba"),
        ("windows-1253", b"\xaa", None),
        ("shift_jis", b"\xa0", None),
        ("tis-620", b"\xa1\x85", "ก…"),
    ],
)
def test_labels_mean_what_they_mean_on_the_web(label: str, data: bytes, text: str | None) -> None:
    encoding = encoding_of(label)
    assert encoding is not None
    if text is None:
        with pytest.raises(UnicodeDecodeError):
            decoded(data, encoding)
    else:
        assert decoded(data, encoding) == text


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (b"<meta charset=gb2312>", ("gb2312", "gbk")),
        (b"<META CharSet = 'Shift_JIS' >", ("Shift_JIS", "shift_jis")),
        (b"<!-- <meta charset=gbk> --><meta charset=koi8-r>", ("koi8-r", "koi8-r")),
        (b"<!-- <meta charset=gbk>", None),
        (
            b'<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">',
            ("ISO-8859-1", "windows-1252"),
        ),
        (b'<meta content="text/html; charset=big5" HTTP-EQUIV=content-type>', ("big5", "big5")),
        (b'<meta name=x content="text/html; charset=big5">', None),
        (b"<p title='<meta charset=gbk>'>", None),
        (b"<meta charset=utf-16le>", ("utf-16le", "utf-8")),
        (b"<meta charset=x-user-defined>", ("x-user-defined", "windows-1252")),
        (b"<meta charset=none><meta charset=euc-kr>", ("euc-kr", "euc-kr")),
        (b"<metadata charset=gbk>", None),
        (b'<?xml version="1.0" encoding="windows-1251"?><p>', ("windows-1251", "windows-1251")),
        (b"<x a='>' b=><meta/charset=gbk />", ("gbk", "gbk")),
        (b"<meta " * 20000, None),
        (b"<!--" * 20000, None),
    ],
)
def test_what_a_page_declares(source: bytes, found: tuple[str, str] | None) -> None:
    assert declared(source) == found


def test_a_declaration_that_lies() -> None:
    with pytest.raises(FocusLimeError, match=r"says that it is utf-8, and is not: byte 3"):
        decode("a", b"Zoe\xeb", ("utf-8", "utf-8"))
    text, notes = decode("a", "The rent is 400 €.".encode(), ("latin1", "windows-1252"))
    assert text == "The rent is 400 €."
    assert notes == ("says that it is latin1, but its bytes are UTF-8: read so",)
    russian = "Договор аренды и плата за год не указаны в пункте.".encode("cp1251")
    with pytest.raises(FocusLimeError, match=r"it is Russian in windows-1251.*iconv"):
        decode("a", russian, ("latin1", "windows-1252"))
    with pytest.raises(FocusLimeError, match="browsers do not read"):
        decode("a", b"x", ("hz-gb-2312", "replacement"))
