"""pytest tests/inputs/readers/test_pdf_boxes.py

Every character keeps where it stands: what pdfium draws inside a span's rectangles is the span.
"""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from focus_lime.inputs.boxes import CharacterBoxes
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.pdf_answer import pack, unpack
from focus_lime.inputs.readers.pdf_pages import read_pages
from focus_lime.inputs.units import Span

from .pdf_pages_of import drawn, lines, wrapped, written

SCALE = 4
TEXT = "The law of Nevada governs all of this agreement and each of its many schedules."


def document_of(data: bytes) -> Document:
    pages = read_pages(data)
    return Document(
        "a.pdf", pages.text, tuple(pages.starts), boxes=CharacterBoxes(pages.page, pages.box)
    )


def ink(data: bytes, page: int) -> NDArray[np.bool_]:
    image = pypdfium2.PdfDocument(data)[page - 1].render(scale=SCALE).to_pil().convert("L")
    return np.asarray(image) < 128


def inside(pixels: NDArray[np.bool_], box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    left, top, right, bottom = (round(side * SCALE) for side in box)
    return pixels[top:bottom, left:right]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("matrix", [b"1 0 0 1 150 400 Tm", b"0 1 -1 0 300 150 Tm"])
@pytest.mark.parametrize("box", [b"0 0 612 792", b"-50 100 560 900"])
def test_the_only_ink_of_a_page_is_inside_the_boxes(
    rotation: int, matrix: bytes, box: bytes
) -> None:
    data = written(b"BT /F1 20 Tf " + matrix + b" (Nevada law) Tj ET", box=box)
    data = data.replace(b"/Type /Page /", b"/Type /Page /Rotate %d /" % rotation)
    document = document_of(data)
    pixels = ink(data, 1)
    for part in ("Nevada", "law"):
        start = document.text.index(part)
        assert document.boxes is not None
        ((page, (box_of,)),) = document.boxes.rectangles(Span(0, start, start + len(part)))
        assert page == 1
        assert inside(pixels, box_of).any()
    ((_, (whole,)),) = document.boxes.rectangles(Span(0, 0, 10))
    left, top, right, bottom = whole
    assert inside(pixels, (left - 1, top - 1, right + 1, bottom + 1)).sum() == pixels.sum()
    height, width = sorted((right - left, bottom - top))
    assert 80 < width < 130
    assert height < 30


def test_a_span_over_lines_and_pages_has_a_rectangle_for_each_line() -> None:
    rows = wrapped(TEXT, 150)

    def draw(canvas: Canvas) -> None:
        lines(canvas, 72, 100, rows[:2])
        canvas.showPage()
        lines(canvas, 72, 700, rows[2:])

    data = drawn(draw)
    document = document_of(data)
    assert document.text == f"{TEXT}\n"
    assert document.boxes is not None
    (one, first), (two, second) = document.boxes.rectangles(Span(0, 0, len(TEXT)))
    assert (one, len(first), two, len(second)) == (1, 2, 2, len(rows) - 2)
    for page, boxes in ((1, first), (2, second)):
        pixels = ink(data, page)
        assert sum(int(inside(pixels, box).sum()) for box in boxes) == pixels.sum()
    assert document.page(TEXT.index(rows[2])) == 2
    assert document.pages == (0, TEXT.index(rows[2]))
    # Most of what a character's box covers is beside its neighbors'.
    word = TEXT.index("Nevada")
    box = document.boxes.box[word : word + 6]
    assert (np.diff(box[:, 0]) > 0).all()
    np.testing.assert_allclose(box[1:, 0], box[:-1, 2], atol=0.01)


def test_what_the_reader_put_in_has_a_page_and_no_box() -> None:
    data = drawn(lambda canvas: lines(canvas, 72, 700, ["The fee-", "schedule"]) and None)
    document = document_of(data)
    assert document.boxes is not None
    put_in = np.isnan(document.boxes.box[:, 0])
    assert document.text[int(np.flatnonzero(put_in)[-1])] == "\n"
    assert (document.boxes.page == 1).all()
    assert len(document.boxes.page) == len(document.boxes.box) == len(document.text)
    assert document.boxes.rectangles(Span(0, len(document.text) - 1, len(document.text))) == []


def test_what_a_process_hands_over_comes_whole() -> None:
    pages = read_pages(drawn(lambda canvas: lines(canvas, 72, 700, [TEXT, "ÄÖ € “x”"]) and None))
    again = unpack(pack(pages))
    assert again.text == pages.text
    np.testing.assert_array_equal(again.page, pages.page)
    np.testing.assert_array_equal(again.box, pages.box)
    assert (again.starts, again.headings, again.notes) == (
        pages.starts,
        pages.headings,
        pages.notes,
    )
