"""The text of a PDF, read in a process of its own, which a hostile file may stop or crash.

`python -m focus_lime.inputs.readers.pdf_pages` reads a file from standard input, and writes arrays
to standard output.
"""

from __future__ import annotations

import sys

import numpy as np

from focus_lime.inputs.readers.child import limit
from focus_lime.inputs.readers.pdf_annotations import with_written, written_on
from focus_lime.inputs.readers.pdf_answer import TOO_BIG, UNREADABLE, Pages, numbers, pack
from focus_lime.inputs.readers.pdf_characters import Characters, read_characters, view_of
from focus_lime.inputs.readers.pdf_flow import flow_of
from focus_lime.inputs.readers.pdf_rules import rules_of
from focus_lime.inputs.readers.pdf_running import Sheet, set_aside
from focus_lime.inputs.readers.pdf_spreads import halves
from focus_lime.inputs.readers.pdf_text import Order, order_of
from focus_lime.inputs.readers.pdf_words import words_of

MOST_PAGES = 5_000
MOST_CHARACTERS = 2_500_000
_CPU_SECONDS = 20
_MEMORY = 1_000_000_000  # bytes of address space


class Unreadable(Exception):
    """The file is no PDF, or locked. `reason` is "locked" or what pdfium says."""


def read_pages(
    data: bytes, most_pages: int = MOST_PAGES, most_characters: int = MOST_CHARACTERS
) -> Pages:
    """The text of a file; what is beyond a limit is noted.

    Raises:
        Unreadable: no PDF, or encrypted with a password.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(data)
        document.init_forms()
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD
        raise Unreadable("locked" if locked else str(error)) from None
    if not len(document):
        raise Unreadable("it has no pages")
    notes: list[str] = []
    sheets: list[Sheet] = []
    pages: list[Characters] = []
    left, unread, off_page = most_characters, [], 0
    comments: list[int] = []
    total = min(len(document), most_pages)
    offset = 0
    last = total
    for number in range(1, total + 1):
        if left <= 0:
            last = number - 1
            break
        try:
            page = document[number - 1]
        except pypdfium2.PdfiumError:
            unread.append(number)
            pages.append(_NOTHING)
            continue
        view = view_of(page)
        written = written_on(page, view)
        if any(one.kind == "text" for one in written):
            # What the page shows of them becomes part of its content, where it stands.
            pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
            page.close()
            page = document[number - 1]
        comments += [number for one in written if one.kind == "comment"]
        characters = with_written(read_characters(page, left), written)
        seen = _on_page(characters)
        off_page += int((characters.code > 32).sum() - (seen.code > 32).sum())
        characters = seen
        left -= len(characters)
        groups = words_of(characters, offset)
        if groups:
            sheets += halves(number, characters, groups, rules_of(page, view))
        offset += len(characters)
        pages.append(characters)
        page.close()
    if left <= 0:
        notes.append(
            f"the text is cut on page {last:,} of {len(document):,}: the limit is "
            f"{most_characters:,} characters"
        )
    elif last < len(document):
        notes.append(
            f"pages {last + 1:,} to {len(document):,} were not read: the limit is "
            f"{most_pages:,} pages"
        )
    empty = [
        number
        for number, page in enumerate(pages, 1)
        if not np.any(page.code > 32) and number not in unread
    ]
    notes += _said(pages, unread, comments, off_page)
    for index, sheet in enumerate(sheets):
        sheet.number = index + 1
    aside = set_aside(sheets)
    if aside:
        more = f" and {len(aside) - 8} more" if len(aside) > 8 else ""
        notes.append(
            "set aside as running heads, feet and page numbers: " + ", ".join(aside[:8]) + more
        )
    return _assembled(pages, order_of(flow_of(sheets)), notes, empty)


_NOTHING = Characters(
    np.zeros(0, np.uint32),
    np.zeros((0, 4), np.float32),
    np.zeros(0, np.float32),
    np.zeros(0, np.float32),
    np.zeros(0, np.int16),
    np.zeros(0, bool),
    np.zeros(0, bool),
    0.0,
    0.0,
)


def _on_page(characters: Characters) -> Characters:
    """Without what lies off the page, and is not seen."""
    box = characters.box
    off = (box[:, 2] < 0) | (box[:, 3] < 0)
    off |= (box[:, 0] > characters.width) | (box[:, 1] > characters.height)
    return characters.kept(~off) if off.any() else characters


def _said(
    pages: list[Characters], unread: list[int], comments: list[int], off_page: int
) -> list[str]:
    """What was left out of the pages, or replaced."""
    notes = []
    if unread:
        notes.append(f"pages that are broken were not read: {numbers(unread)}")
    controls = [n for n, page in enumerate(pages, 1) if page.controls]
    if controls:
        count = sum(page.controls for page in pages)
        notes.append(
            f"{count:,} control character{'s were' if count > 1 else ' was'} left out, such as "
            f"NUL: page {numbers(controls)}"
        )
    surrogates = [n for n, page in enumerate(pages, 1) if page.surrogates]
    if surrogates:
        count = sum(page.surrogates for page in pages)
        notes.append(
            f"{count:,} character{'s are' if count > 1 else ' is'} no Unicode (lone surrogates) "
            f"and read as U+FFFD: page {numbers(surrogates)}"
        )
    if comments:
        notes.append(f"comments were not read: page {numbers(sorted(set(comments)))}")
    if off_page:
        notes.append(f"{off_page:,} characters outside of the pages were not read")
    return notes


def _assembled(pages: list[Characters], order: Order, notes: list[str], empty: list[int]) -> Pages:
    at = order.characters
    drawn = at >= 0
    source = np.where(drawn, at, 0)
    code = np.concatenate([page.code for page in pages]) if pages else np.zeros(0, np.uint32)
    box = np.concatenate([page.box for page in pages])
    number = np.repeat(np.arange(1, len(pages) + 1, dtype=np.int32), [len(page) for page in pages])
    if not len(at):
        return Pages("", number[:0], box[:0], [0] * len(pages), [], notes, len(pages), empty)
    codes = np.where(drawn, code[source], -at).astype("<u4")
    boxes = np.where(drawn[:, None], box[source], np.float32(np.nan))
    # What the reader put in stands where the character before it does.
    before = np.maximum.accumulate(np.where(drawn, np.arange(len(at)), 0))
    page_of = number[source[before]]
    found, first = np.unique(page_of, return_index=True)
    starts = np.full(len(pages), len(at), np.int64)
    starts[found - 1] = first
    starts = np.minimum.accumulate(starts[::-1])[::-1]
    starts[0] = 0
    return Pages(
        codes.tobytes().decode("utf-32-le"),
        page_of,
        boxes,
        starts.tolist(),
        order.headings,
        notes,
        len(pages),
        empty,
    )


def main() -> None:
    limit(_MEMORY, _CPU_SECONDS)
    try:
        sys.stdout.buffer.write(pack(read_pages(sys.stdin.buffer.read())))
    except Unreadable as error:
        sys.stderr.write(str(error))
        raise SystemExit(UNREADABLE) from None
    except MemoryError:
        raise SystemExit(TOO_BIG) from None


if __name__ == "__main__":
    main()
