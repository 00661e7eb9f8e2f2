"""PDF files."""

from __future__ import annotations

import io

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.extras import missing


def read_pdf(name: str, data: bytes) -> Document:
    try:
        import pypdf
    except ImportError:
        raise missing(name, "pypdf") from None
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        # Many files are encrypted for their owner only, and open with no password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise FocusLimeError(f"{name} is encrypted: save it without a password first")
        texts = [page.extract_text() for page in reader.pages]
    except FocusLimeError:
        raise
    except Exception as error:  # pypdf raises many kinds on files that are not whole
        raise FocusLimeError(f"{name} is not a whole PDF ({first_line(error)})") from None
    blank = [number for number, text in enumerate(texts, start=1) if not text.strip()]
    if len(blank) == len(texts):
        raise FocusLimeError(
            f"{name} has {len(texts)} pages and no text, as scans have: run OCR over it first, "
            "for instance ocrmypdf"
        )
    text, starts = "", []
    for page in texts:
        starts.append(len(text))
        text += page + "\n"
    notes: tuple[str, ...] = ()
    if blank:
        pages = ", ".join(map(str, blank[:10])) + (", ..." if len(blank) > 10 else "")
        notes = (f"pages without text were not read: {pages}",)
    return Document(name, text, tuple(starts), notes=notes)
