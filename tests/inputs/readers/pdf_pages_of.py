"""Small PDFs for the tests, drawn by reportlab or written by hand."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pagesizes import LETTER
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas


def drawn(draw: Callable[[Canvas], None], size: tuple[float, float] = LETTER) -> bytes:
    held = io.BytesIO()
    canvas = Canvas(held, pagesize=size)
    draw(canvas)
    canvas.save()
    return held.getvalue()


def wrapped(text: str, width: float, size: float = 10, font: str = "Helvetica") -> list[str]:
    """Lines as any program breaks them: each takes the words that have room."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if stringWidth(longer, font, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def lines(
    canvas: Canvas,
    x: float,
    y: float,
    texts: Sequence[str],
    size: float = 10,
    leading: float = 12.5,
    font: str = "Helvetica",
) -> float:
    """Draws lines, and gives where the next would stand."""
    canvas.setFont(font, size)
    for text in texts:
        canvas.drawString(x, y, text)
        y -= leading
    return y


def written(
    content: bytes, *more: bytes, filter_: bytes = b"", resources: bytes = b"", box: bytes = b""
) -> bytes:
    """A file of one page, as bytes: its content, and objects from number 6 on."""
    return numbered(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [" + (box or b"0 0 612 792") + b"] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> " + resources + b" >> >>",
        stream(content, filter_),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def numbered(*objects: bytes) -> bytes:
    """A whole file of objects from number 1 on, the first of which is the catalog."""
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
    )
