"""pytest tests/inputs/test_documents.py"""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read
from focus_lime.inputs.units import Span

PAGES = (
    "1. Term\nThis agreement runs for two years.",
    "2. Law\n2.1 The law of Nevada governs this agreement.\n2.2 Notices are in writing.",
)


def pdf(path: Path, pages: tuple[str, ...]) -> Path:
    canvas = Canvas(str(path))
    for text in pages:
        for row, line in enumerate(text.splitlines()):
            canvas.drawString(72, 720 - 20 * row, line)
        canvas.showPage()
    canvas.save()
    return path


def span(text: str, part: str) -> Span:
    return Span(0, text.index(part), text.index(part) + len(part))


def test_a_pdf_gives_text_pages_and_sections(tmp_path: Path) -> None:
    document = read(pdf(tmp_path / "a.pdf", PAGES))
    for part, page, section in (
        ("This agreement runs", 1, "1"),
        ("The law of Nevada", 2, "2.1"),
        ("Notices are", 2, "2.2"),
    ):
        place = document.place(span(document.text, part))
        assert (place.page, place.section) == (page, section)
        assert document.text[place.start : place.end] == part
        assert str(place) == f"p. {page}, § {section}"
    assert document.notes == ()


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    document = read(pdf(tmp_path / "a.pdf", (PAGES[0], "", PAGES[1])))
    assert document.notes == ("pages without text were not read: 2",)
    assert document.page(document.text.index("Nevada")) == 3


def test_pdfs_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match=r"scan\.pdf has 2 pages and no text.*OCR"):
        read(pdf(tmp_path / "scan.pdf", ("", "")))
    whole = pdf(tmp_path / "a.pdf", PAGES)
    writer = pypdf.PdfWriter(clone_from=whole)
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    (tmp_path / "locked.pdf").write_bytes(locked.getvalue())
    with pytest.raises(FocusLimeError, match="is encrypted"):
        read(tmp_path / "locked.pdf")
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7\n")
    with pytest.raises(FocusLimeError, match="not a whole PDF"):
        read(tmp_path / "cut.pdf")


def test_a_pdf_locked_for_its_owner_only_opens(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=pdf(tmp_path / "a.pdf", PAGES))
    writer.encrypt("", "owner", algorithm="RC4-128")
    with (tmp_path / "b.pdf").open("wb") as file:
        writer.write(file)
    assert read(tmp_path / "b.pdf").text == read(tmp_path / "a.pdf").text


def test_html_is_what_a_reader_sees(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<head><title>no</title><style>p{}</style></head><h2>Term &amp; end</h2>"
        "<p>Two\n  <b>years</b>.</p><script>no()</script><table><tr><td>a<td>b</table>x<br>y"
    )
    document = read(tmp_path / "a.html")
    assert document.text == "Term & end\n\nTwo years.\n\na\tb\n\nx\ny"
    assert document.headings == ((0, "Term & end"),)


def test_markdown_and_text_keep_every_character(tmp_path: Path) -> None:
    text = "# Head\r\n\r\n  A\ttab.  \n## Next #\nB 条款。\n"
    (tmp_path / "a.md").write_bytes(text.encode())
    document = read(tmp_path / "a.md")
    assert document.text == text
    assert document.section(text.index("tab")) == "Head"
    assert document.section(text.index("条")) == "Next"


@pytest.mark.parametrize(
    ("line", "section"),
    [
        ("12. Governing law", "12"),
        ("7.2.1 Cap", "7.2.1"),
        ("Section 4.1 Notices", "4.1"),
        ("ARTICLE IV. Fees", "IV"),
        ("(i) no number", None),
        ("30 Days after the", None),
        ("5.5 million dollars", None),
    ],
)
def test_section_numbers(tmp_path: Path, line: str, section: str | None) -> None:
    (tmp_path / "a.txt").write_text(f"Words before.\n{line}\nand after.")
    document = read(tmp_path / "a.txt")
    assert document.section(document.text.index("after")) == section or section is None
    assert document.section(len(document.text)) == section
    assert document.section(0) is None


def test_encodings(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Zoë’s fee".encode("cp1252"))
    assert read(path).text == "Zoë’s fee"
    assert read(path).notes == ("not UTF-8: read as Windows-1252",)
    path.write_bytes("Zoë".encode("utf-16"))
    assert read(path).text == "Zoë"
    path.write_bytes("Zoë ".encode() + "Zoë".encode("latin-1"))
    with pytest.raises(FocusLimeError, match=r"mixes encodings.*byte 7"):
        read(path)
    path.write_bytes(b"a\x00b")
    with pytest.raises(FocusLimeError, match="binary"):
        read(path)
    path.write_bytes(b"ab \x81")
    with pytest.raises(FocusLimeError, match="neither UTF-8 nor"):
        read(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(50 << 20)
    with pytest.raises(FocusLimeError, match=r"big\.txt has 50 MB, more than the limit of 32"):
        read(tmp_path / "big.txt")
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(FocusLimeError, match="no text"):
        read(tmp_path / "empty.txt")
    with pytest.raises(FocusLimeError, match="no such file"):
        read(tmp_path / "absent.txt")
    with pytest.raises(FocusLimeError, match="directory"):
        read(tmp_path)
