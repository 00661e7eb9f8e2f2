"""pytest tests/inputs/readers/test_encodings.py"""

from __future__ import annotations

from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read
from focus_lime.inputs.readers.encodings import decode

from .legacy_texts import TEXTS

CASES = Path(__file__).parents[4] / "shared" / "cases"


def legacy() -> list[tuple[str, str, int]]:
    return [(name, code, i) for name, (codes, _) in TEXTS.items() for code in codes for i in (0, 1)]


def in_encoding(language: str, encoding: str, index: int) -> tuple[bytes, str]:
    text = TEXTS[language][1][index]
    if not encoding.startswith(("cp125", "mac")):
        for one, other in (("’", "'"), ("–", "-"), ("“", '"'), ("”", '"'), ("€", "EUR")):
            text = text.replace(one, other)
    data = text.encode(encoding)
    return data, data.decode(encoding)


def test_a_legacy_encoding_is_read_rightly_or_refused() -> None:
    right = 0
    for language, encoding, index in legacy():
        data, expected = in_encoding(language, encoding, index)
        try:
            text, notes = decode("a.txt", data)
        except FocusLimeError:
            continue
        assert text == expected, (language, encoding)
        assert notes or data.isascii()
        right += 1
    assert right > len(legacy()) / 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
def test_unicode_is_told_by_its_mark(encoding: str) -> None:
    assert decode("a.txt", "Zoë’s 料金".encode(encoding))[0] == "Zoë’s 料金"


def test_what_is_no_one_encoding_is_refused_with_the_place() -> None:
    with pytest.raises(FocusLimeError, match=r"mixes encodings.*byte 7"):
        decode("a.txt", "Zoë ".encode() + "Zoë".encode("latin-1"))


@pytest.mark.skipif(not CASES.is_dir(), reason="shared/cases is not here")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("html/iso.html", "The “Tenant” shall pay €400 – the landlord’s fee."),
        ("html/t1.html", "The rent is 400."),
        ("html/t2.html", "The rent is 400."),
    ],
)
def test_the_cases(name: str, text: str) -> None:
    assert text in read(CASES / name).text


@pytest.mark.skipif(not CASES.is_dir(), reason="shared/cases is not here")
@pytest.mark.parametrize("name", ["gbk.txt", "ru.txt", "utf32.txt"])
def test_a_case_is_read_without_mojibake_or_refused(name: str) -> None:
    path = CASES / "text" / name
    encoding = {"gbk.txt": "gbk", "ru.txt": "cp1251", "utf32.txt": "utf-32"}[name]
    try:
        text = read(path).text
    except FocusLimeError as error:
        text = str(error)
    assert text == path.read_bytes().decode(encoding) or text.startswith(str(path))
    assert "holds UTF-8" not in text
