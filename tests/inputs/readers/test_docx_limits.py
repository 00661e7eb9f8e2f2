"""pytest tests/inputs/readers/test_docx_limits.py

Files that are none, that are broken, and that mean harm: an error that says what to do, or a note.
"""

from __future__ import annotations

import random
import re
import time
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read as read_file
from focus_lime.inputs.readers import docx_package, docx_xml
from focus_lime.inputs.readers.docx import read_docx
from tests.inputs.readers.docx_files import (
    box,
    field,
    item,
    level,
    numbering,
    p,
    package,
    part,
    read,
    table,
    text,
    zipped,
)

OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def with_body(document: str | bytes) -> bytes:
    """A Word file whose document is these bytes."""
    whole = zipfile.ZipFile(BytesIO(package("")))
    files: dict[str, str | bytes] = {name: whole.read(name) for name in whole.namelist()}
    return zipped({**files, "word/document.xml": document})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (OLE + b"x" * 600, r"a\.docx is a Word 97-2003 file \(\.doc\): save it as DOCX"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "is encrypted: save it without a password"),
        (b"{\\rtf1 x}", "is an RTF file: save it as DOCX"),
        (b"%PDF-1.7", r"is a PDF: end its name in \.pdf"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "is an XML file"),
        (b" <HTML>", r"is a web page: end its name in \.html"),
        (b"", "not a whole DOCX file"),
        (b"no zip", "not a whole DOCX file"),
        (package(p("x"))[:300], "not a whole DOCX file"),
        (zipped({"mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument file"),
        (zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "is an Excel workbook"),
        (zipped({"a.txt": "x"}), "a zip, but none that Word writes"),
        (zipped({"[Content_Types].xml": "", "word/styles.xml": ""}), "no word/document.xml"),
        (with_body("<a>"), r"word/document\.xml: "),
        (with_body(""), r"word/document\.xml: "),
        (with_body("<a>\x00</a>"), r"word/document\.xml: "),
        (with_body("<a>&#0;</a>"), r"word/document\.xml: "),
        (with_body("<a>&#xD800;</a>"), r"word/document\.xml: "),
        (with_body(b"<a>\xff\xfe</a>"), r"word/document\.xml: "),
        (with_body("<a>" * 100_000 + "</a>" * 100_000), r"word/document\.xml: Excessive depth"),
        (with_body("<!DOCTYPE a><a/>"), ""),
        (with_body("<!DOCTYPE a [<!ENTITY b 'c'>]><w:p xmlns:w='w'/>"), ""),
        (package(p("x"), {"styles.xml": "<w:styles"}), r"word/styles\.xml: "),
    ],
)  # fmt: skip
def test_what_is_no_word_file_says_what_it_is(data: bytes, message: str) -> None:
    if message:
        with pytest.raises(FocusLimeError, match=message):
            read_docx("a.docx", data)
    else:  # nothing that Word would read, and nothing that was followed
        assert read_docx("a.docx", data).text == ""


def test_types_and_entities_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    body = part("w:document", f"<w:body>{p('<w:r><w:t>&b;</w:t></w:r>')}</w:body>")
    bomb = "".join(f"<!ENTITY b{i} '{f'&b{i + 1};' * 20}'>" for i in range(20))
    for entity in (
        "<!ENTITY b 'word'>",
        f"<!ENTITY b SYSTEM 'file://{tmp_path}/secret'>",
        f"{bomb}<!ENTITY b20 'x'><!ENTITY b '&b0;'>",
        f"<!ENTITY % c SYSTEM 'file://{tmp_path}/secret'> %c; <!ENTITY b 'x'>",
    ):
        with pytest.raises(FocusLimeError, match="declares a document type"):
            read_docx("a.docx", with_body(f"<!DOCTYPE x [{entity}]>{body}"))


def test_missing_parts_are_missed_by_nobody() -> None:
    data = zipped({"[Content_Types].xml": "", "word/document.xml": part("w:document", p("x"))})
    assert read_docx("a.docx", data).text == "x"
    link = '<w:sectPr><w:headerReference r:id="none"/></w:sectPr>'
    reference = "<w:r><w:footnoteReference w:id='7'/></w:r>"
    assert (
        text(item("x") + p("y", reference, properties='<w:pStyle w:val="no"/>') + link) == "x\n\ny"
    )


def test_parts_that_stand_twice_are_refused() -> None:
    packed = BytesIO(package(p("x")))
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", part("w:document", p("other")))
    with pytest.raises(FocusLimeError, match=r"holds word/document\.xml twice"):
        read_docx("a.docx", packed.getvalue())


def test_bombs_do_not_go_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docx_package, "UNPACKED", 1 << 20)
    for body in (p("x" * (1 << 20)), p("x") * 50_000):
        with pytest.raises(FocusLimeError, match="unpacks to more than 1 MB of XML: split it"):
            read_docx("a.docx", package(body))
    monkeypatch.setattr(docx_package, "EVENTS", 100_000)
    with pytest.raises(FocusLimeError, match="has more than 50,000 elements: split it"):
        read_docx("a.docx", package("<w:p/>" * 120_000))
    monkeypatch.setattr(docx_xml, "BLOCK_BYTES", 1 << 16)
    with pytest.raises(FocusLimeError, match="a paragraph of more than"):
        read_docx("a.docx", package(p("<x/>" * 50_000)))
    monkeypatch.setattr(docx_xml, "TREE_TAGS", 1000)
    with pytest.raises(FocusLimeError, match=r"styles\.xml: more than"):
        read(p("x"), styles=part("w:styles", "<w:style/>" * 1001))


def test_a_zip_that_lies_about_its_size() -> None:
    data = package(p("x") * 3000)
    at = data.index(b"PK\x01\x02", data.rindex(b"word/document.xml") - 60)
    lied = data[: at + 24] + (100).to_bytes(4, "little") + data[at + 28 :]
    with pytest.raises(FocusLimeError, match=r"not a whole DOCX file \(word/document\.xml"):
        read_docx("a.docx", lied)


def test_a_scan_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "scan.docx").write_bytes(package(p(), {"media/image1.png": b""}))
    with pytest.raises(FocusLimeError, match=r"scan\.docx has 1 pictures and no text.*OCR"):
        read_file(tmp_path / "scan.docx")
    (tmp_path / "empty.docx").write_bytes(package(p()))
    with pytest.raises(FocusLimeError, match="has no text"):
        read_file(tmp_path / "empty.docx")


def test_deep_nesting_within_what_xml_allows() -> None:
    def nested(before: str, inner: str, after: str, depth: int) -> str:
        return before * depth + inner + after * depth

    row = ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>")
    assert text(nested(row[0], p("deep"), row[1], 60)) == "deep"
    drawn = ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>")
    assert text(nested(drawn[0], p("deep"), drawn[1], 50)) == "deep"
    inserted = nested("<w:ins>", "<w:r><w:t>deep</w:t></w:r>", "</w:ins>", 200)
    assert text(p(inserted)) == "deep"


@pytest.mark.parametrize(
    "body",
    [
        "</w:body><w:r><w:t>x</w:t></w:r><w:body>",
        "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>",
        "<w:tr><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tr>",
        "<w:t>x</w:t>",
        "<w:tbl><w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc></w:tbl>",
        "<w:p><w:p><w:r><w:t>x</w:t></w:r></w:p></w:p>",
        "<mc:Choice><w:p><w:r><w:t>x</w:t></w:r></w:p></mc:Choice>",
        "<w:p><w:r><w:fldChar w:fldCharType='end'/><w:fldChar/><w:t>x</w:t></w:r></w:p>",
        "<w:p><m:num><w:r><w:t>x</w:t></w:r></m:num><w:tab/></w:p>",
    ],
)
def test_elements_out_of_their_place_lose_nothing(body: str) -> None:
    document = read(body)
    assert document.text.strip() == "x"
    assert document.notes == ()


def test_damaged_files_are_read_or_refused() -> None:
    """Elements renamed, attributes changed, bytes turned: never another exception."""
    chance = random.Random(7)
    body = (
        item("a") + p("x", box(p("y")), field("REF", "z")) + table(("a", "b"), (table(("c",)), "d"))
    )
    whole = zipfile.ZipFile(
        BytesIO(package(body, {"numbering.xml": numbering({"0": level(0, "%1.")}, {"1": "0"})}))
    )
    names = [*re.findall(r"<(w:\w+)", body), "w:del", "w:vanish", "m:num", "w:rPr", "w:tr"]
    n_read = 0

    def changed(value: re.Match[str]) -> str:
        return chance.choice([value[0]] * 9 + ['=""', '="-1"', '="99999999999"', '="x"'])

    for _ in range(300):
        files: dict[str, str | bytes] = {name: whole.read(name) for name in whole.namelist()}
        name = chance.choice(["word/document.xml", "word/numbering.xml"])
        content = whole.read(name).decode()
        old, new = chance.choice(names), chance.choice(names)
        content = re.sub(rf"(</?){old}(?=[ />])", rf"\g<1>{new}", content)
        content = re.sub(r'="[^":]*"', changed, content)
        data = bytearray(zipped({**files, name: content}))
        if chance.random() < 0.2:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            notes = read_docx("a.docx", bytes(data)).notes
        except FocusLimeError:
            continue
        n_read += 1
        assert not any("not known why" in note for note in notes), content
    assert n_read > 100


def test_a_field_that_never_ends_is_named() -> None:
    begin = "<w:r><w:fldChar w:fldCharType='begin'/></w:r>"
    document = read(p("before", begin, "after") + p("more"))
    assert document.text == "before"
    assert document.notes == (
        "text inside of field codes left out: 9 characters in word/document.xml",
    )


def test_time_and_memory_grow_with_the_length() -> None:
    def body(n: int) -> bytes:
        clause = item("The tenant shall pay.", at=1) + p(
            "Rent.", "<w:r><w:tab/></w:r>", "It is due."
        )
        return package(clause * n, {"numbering.xml": lists})

    lists = numbering({"0": level(0, "%1.") + level(1, "%1.%2")}, {"1": "0"})
    seconds, peaks = [], []
    for n in (500, 2000):
        data = body(n)
        tracemalloc.start()
        document = read_docx("a.docx", data)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert document.text.count("pay.") == n
        best = []
        for _ in range(2):
            begin = time.process_time()
            read_docx("a.docx", data)
            best.append(time.process_time() - begin)
        seconds.append(min(best))
    assert seconds[1] < 8 * seconds[0]
    assert peaks[1] < 8 * peaks[0]
