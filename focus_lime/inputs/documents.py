"""Files to documents, by their endings. A format is one file in `readers`.

Offsets in results index the text that a reader gives, which `audit legal` saves beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers.docx import read_docx
from focus_lime.inputs.readers.html import read_html, read_xhtml
from focus_lime.inputs.readers.hygiene import check_whole, unseen_notes
from focus_lime.inputs.readers.pdf import read_pdf
from focus_lime.inputs.readers.plain import read_markdown, read_text

MEGABYTES = 32  # a longer file is a scan or an archive, and its text no prompt

WORD = (".docx", ".docm", ".dotx", ".dotm")

# What reads a file, by its ending: `READERS[ending](name, data)`.
READERS: dict[str, Callable[[str, bytes], Document]] = {
    ".pdf": read_pdf,
    **dict.fromkeys(WORD, read_docx),
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_xhtml,
    ".xht": read_xhtml,
    ".md": read_markdown,
    ".markdown": read_markdown,
}


def read(
    path: str | Path,
    megabytes: int = MEGABYTES,
    tracked: Literal["accepted", "original"] = "accepted",
) -> Document:
    """The document in a file; the ending says the format, and every other ending is text.

    Args:
        megabytes: the largest file.
        tracked: how tracked changes of a Word file are read.

    Raises:
        FocusLimeError: no such file, too large, broken, encrypted, or without text.
    """
    path = Path(path)
    if path.is_dir():
        raise FocusLimeError(f"{path} is a directory: give files")
    try:
        size = path.stat().st_size
        if size > megabytes << 20:
            raise FocusLimeError(
                f"{path} has {size / (1 << 20):.0f} MB, more than the limit of {megabytes}: "
                "split it, or raise --max-mb"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise FocusLimeError(f"{path}: no such file") from None
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    ending = path.suffix.lower()
    if ending in WORD:
        document = read_docx(str(path), data, tracked)
    else:
        document = READERS.get(ending, read_text)(str(path), data)
    if not document.text.strip():
        raise FocusLimeError("; ".join((f"{path} has no text", *document.notes)))
    check_whole(str(path), document.text)
    return replace(document, notes=(*document.notes, *unseen_notes(document.text)))
