"""Word files."""

from __future__ import annotations

import io
from typing import Any

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.extras import missing


def read_docx(name: str, data: bytes) -> Document:
    try:
        import docx
        from docx.table import Table
    except ImportError:
        raise missing(name, "python-docx") from None
    try:
        content = docx.Document(io.BytesIO(data))
        blocks = list(content.iter_inner_content())
        text, headings = "", []
        for block in blocks:
            if isinstance(block, Table):
                text += "".join("\t".join(_cells(row)) + "\n" for row in block.rows)
            else:
                style = block.style.name if block.style is not None else ""
                if (style or "").startswith(("Heading", "Title")) and block.text.strip():
                    headings.append((len(text), block.text.strip()))
                text += block.text + "\n\n"
    except Exception as error:  # zipfile, lxml and python-docx each raise their own
        raise FocusLimeError(f"{name} is not a whole DOCX file ({first_line(error)})") from None
    return Document(name, text, headings=tuple(headings))


def _cells(row: Any) -> list[str]:
    """The texts of a row; a cell that spans columns is listed once for each of them."""
    texts: list[str] = []
    before = None
    for cell in row.cells:
        if cell._tc is not before:
            texts.append(cell.text.replace("\n", " "))
        before = cell._tc
    return texts
