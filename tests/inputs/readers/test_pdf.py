"""pytest tests/inputs/readers/test_pdf.py

PDF files through the public door: what they give, what is noted, and what is refused.
"""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read
from focus_lime.inputs.readers.pdf import read_pdf
from focus_lime.inputs.readers.pdf_pages import read_pages
from focus_lime.inputs.units import Span

from .pdf_pages_of import drawn, lines, numbered, stream, written

FILES = Path(__file__).parent / "pdf_files"
PAGES = (
    "1. Term\nThis agreement runs for two years.",
    "2. Law\n2.1 The law of Nevada governs this agreement.\n2.2 Notices are in writing.",
)


def pdf(path: Path, pages: tuple[str, ...]) -> Path:
    def draw(canvas: Canvas) -> None:
        for text in pages:
            lines(canvas, 72, 720, text.splitlines(), 12, 20)
            canvas.showPage()

    path.write_bytes(drawn(draw))
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


def test_the_agreement_in_two_columns() -> None:
    document = read(FILES / "two_column_agreement.pdf")
    for sentence in (
        "6.2 Except for breaches of Section 4, each party's total liability under this Agreement "
        "shall not exceed the Fees paid in the twelve (12) months before the claim arose.",
        "all information disclosed by a party that is marked as confidential or that a reasonable "
        "person would understand to be confidential.",
        "gives written notice of non-renewal at least ninety (90) days before the end of the "
        "then-current term.",
        'is made as of 1 March 2021 [1] between Acme Analytics, Inc., a Delaware corporation ("S',
    ):
        assert sentence in document.text
    assert "\n\n[1] As amended by the First Amendment dated 2 May 2021.\n\n" in document.text
    assert "\nService\tUnit\tFee (USD)\nPlatform licence\tper year\t120,000\n" in document.text
    assert [text for _, text in document.headings][:2] == [
        "MASTER SERVICES AGREEMENT",
        "1. DEFINITIONS",
    ]
    assert document.text[document.headings[1][0] :].startswith("1. DEFINITIONS\n\n1.1 ")
    assert "CONFIDENTIAL -" not in document.text
    assert "Page 2" not in document.text
    (note,) = document.notes
    assert "Master Services Agreement (Acme / Borealis)” (3 pages)" in note
    assert "“Page 1 of 3” (3 pages)" in note
    assert [document.page(document.text.index(part)) for part in ("1.1", "5.1", "9.1")] == [1, 2, 3]


def test_values_of_forms_and_free_text_stand_on_their_page() -> None:
    document = read(FILES / "form.pdf")
    assert document.text == (
        "The monthly rent is four hundred florins\n\nRider: dogs are welcome\n"
    )


def test_characters_that_are_none_are_noted() -> None:
    document = read(FILES / "surrogate.pdf")
    assert document.text == "\ufffd rent is due\n"
    assert document.text.encode()
    assert "1 character is no Unicode (lone surrogates) and read as U+FFFD: page 1" in (
        document.notes
    )
    document = read(FILES / "nul.pdf")
    assert document.text == "rent is due and fixed\n"
    assert document.notes == ("1 control character was left out, such as NUL: page 1",)


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    document = read(pdf(tmp_path / "a.pdf", (PAGES[0], "", PAGES[1])))
    assert document.notes == ("pages without text were not read: 2",)
    assert document.page(document.text.index("Nevada")) == 3
    assert document.pages[1] == document.pages[2] == document.text.index("2. Law")


def test_pdfs_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match=r"scan\.pdf has 2 pages and no text.*OCR"):
        read(pdf(tmp_path / "scan.pdf", ("", "")))
    whole = pdf(tmp_path / "a.pdf", PAGES)
    writer = pypdf.PdfWriter(clone_from=whole)
    writer.encrypt("secret", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(FocusLimeError, match="is encrypted"):
        read_pdf("locked.pdf", locked.getvalue())
    for broken in (b"%PDF-1.7\n", b"", bytes(range(256)) * 40):
        with pytest.raises(FocusLimeError, match="not a whole PDF"):
            read_pdf("broken.pdf", broken)


def test_a_pdf_locked_for_its_owner_only_opens(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=pdf(tmp_path / "a.pdf", PAGES))
    writer.encrypt("", "owner", algorithm="RC4-128")
    with (tmp_path / "b.pdf").open("wb") as file:
        writer.write(file)
    assert read(tmp_path / "b.pdf").text == read(tmp_path / "a.pdf").text


def test_a_file_that_is_cut_off_is_refused_or_says_so(tmp_path: Path) -> None:
    data = pdf(tmp_path / "a.pdf", PAGES).read_bytes()
    for end in (200, len(data) // 2, len(data) - 60):
        with pytest.raises(FocusLimeError, match="not a whole PDF"):
            read_pdf("a.pdf", data[:end])
    document = read_pdf("a.pdf", data[:-7])
    assert "Nevada" in document.text
    assert document.notes == ("the file ends early, as if cut off: some of it may be missing",)


def _repeated(unit: bytes, times: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(unit) for _ in range(times)), packer.flush()])


def test_files_made_to_exhaust_the_reader_are_refused() -> None:
    """400 megabytes of content; forms that draw forms, 20 to the power of 9 times."""
    bomb = written(_repeated(b" " * 10**6, 400), filter_=b"/Filter /FlateDecode")
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %s >>"
    nested = [
        stream(b"/X Do " * 20, form % (b"/XObject << /X %d 0 R >>" % (7 + depth)))
        for depth in range(8)
    ]
    text = stream(b"BT /F1 12 Tf 72 700 Td (ha) Tj ET", form % b"/Font << /F1 5 0 R >>")
    laughs = written(b"/X Do", *nested, text, resources=b"/XObject << /X 6 0 R >>")
    for data in (bomb, laughs):
        with pytest.raises(FocusLimeError):
            read_pdf("a.pdf", data)


def test_loops_end() -> None:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /Font << /F1 5 0 R >>"
    within = stream(
        b"/X Do BT /F1 12 Tf 72 700 Td (once) Tj ET", form + b" /XObject << /X 6 0 R >> >>"
    )
    data = written(b"/X Do", within, resources=b"/XObject << /X 6 0 R >>")
    assert read_pdf("a.pdf", data).text == "once\n"
    pages = numbered(
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"
    )
    with pytest.raises(FocusLimeError, match="no page of it can be read"):
        read_pdf("a.pdf", pages)


def test_what_is_beyond_a_limit_is_named(tmp_path: Path) -> None:
    data = pdf(tmp_path / "a.pdf", (*PAGES, "Page three.", "Page four.")).read_bytes()
    pages = read_pages(data, most_pages=3)
    assert pages.text.endswith("Page three.\n")
    assert pages.notes == ["pages 4 to 4 were not read: the limit is 3 pages"]
    pages = read_pages(data, most_characters=20)
    assert pages.text.split() == ["1.", "Term", "This", "agreem"]
    assert pages.notes == ["the text is cut on page 1 of 4: the limit is 20 characters"]


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(FocusLimeError, match="read with the package pypdfium2: pip install"):
        read_pdf("a.pdf", b"%PDF")
