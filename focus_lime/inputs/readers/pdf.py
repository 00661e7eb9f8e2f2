"""PDF files, read by pdfium in a process of its own, with limits of time and memory."""

from __future__ import annotations

import importlib.util
import subprocess

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.boxes import CharacterBoxes
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers import child
from focus_lime.inputs.readers.extras import missing
from focus_lime.inputs.readers.pdf_answer import TOO_BIG, UNREADABLE, Pages, numbers, unpack

SECONDS = 90  # for one file; the process itself stops after 20 in which it computes
_READER = "focus_lime.inputs.readers.pdf_pages"
_LOCKED = "locked"


def read_pdf(name: str, data: bytes) -> Document:
    """The text in reading order; running heads and page numbers are set aside, with a note.

    Raises:
        FocusLimeError: no PDF, encrypted, without text, or more than the limits let through.
    """
    if importlib.util.find_spec("pypdfium2") is None:
        raise missing(name, "pypdfium2")
    pages = _pages(name, data)
    if not pages.text and len(pages.empty) < pages.count:
        raise FocusLimeError(f"{name} is not a whole PDF (no page of it can be read)")
    if not pages.text:
        raise FocusLimeError(
            f"{name} has {pages.count} page{'s' if pages.count > 1 else ''} and no text, as scans "
            "have: run OCR over it first, for instance ocrmypdf"
        )
    notes = list(pages.notes)
    if b"%%EOF" not in data[-4096:]:
        notes.append("the file ends early, as if cut off: some of it may be missing")
    if pages.empty:
        notes.append(f"pages without text were not read: {numbers(pages.empty)}")
    return Document(
        name,
        pages.text,
        pages=tuple(pages.starts),
        headings=tuple((at, " ".join(pages.text[at:end].split())) for at, end in pages.headings),
        notes=tuple(notes),
        boxes=CharacterBoxes(pages.page, pages.box),
    )


def _pages(name: str, data: bytes) -> Pages:
    try:
        done = child.run(_READER, data=data, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        raise _too_much(name, f"took more than {SECONDS} seconds") from None
    except OSError as error:
        raise FocusLimeError(f"{name} cannot be read: no process starts ({error})") from None
    if done.returncode == 0:
        return unpack(done.stdout)
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode == UNREADABLE:
        if said == _LOCKED:
            raise FocusLimeError(f"{name} is encrypted: save it without a password first")
        raise FocusLimeError(f"{name} is not a whole PDF ({said.lower().rstrip('.')})")
    if done.returncode == TOO_BIG or done.returncode < 0:
        raise _too_much(name, "took more time or memory than a document does, or is broken")
    raise FocusLimeError(f"{name} could not be read as a PDF ({first_line(_last(said))})")


def _too_much(name: str, what: str) -> FocusLimeError:
    return FocusLimeError(f"{name} {what}: print it to a new PDF, or split it")


def _last(lines: str) -> Exception:
    return RuntimeError(lines.splitlines()[-1] if lines else "no reason given")
