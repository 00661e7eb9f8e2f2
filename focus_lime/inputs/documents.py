"""Files to documents: PDF, DOCX, HTML, Markdown and text. Each format is one function.

Offsets in results index the text that a reader gives, which `audit legal` saves beside them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError, first_line
from focus_lime.inputs.document import Document
from focus_lime.inputs.headings import markdown_headings

MEGABYTES = 32  # a longer file is a scan or an archive, and its text no prompt


def read(path: str | Path, megabytes: int = MEGABYTES) -> Document:
    """The document in a file; the ending says the format, and every other ending is text.

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
    document = _READERS.get(path.suffix.lower(), _text)(str(path), data)
    if not document.text.strip():
        raise FocusLimeError(f"{path} has no text")
    return document


def decode(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Text and notes: UTF-8, UTF-16 with its mark, or else Windows-1252, which the note says.

    A file that is partly UTF-8 and partly not is refused: any one reading of it would be wrong.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), ("read as UTF-16",)
        except UnicodeDecodeError as error:
            raise FocusLimeError(f"{name} is not whole UTF-16 text (byte {error.start})") from None
    if b"\x00" in data:
        raise FocusLimeError(f"{name} is a binary file: give text, PDF, DOCX, HTML or Markdown")
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        first = error.start
    if any(ord(character) > 127 for character in data.decode("utf-8", "ignore")):
        raise FocusLimeError(
            f"{name} mixes encodings: it holds UTF-8 and, at byte {first}, something else; "
            "convert it to UTF-8"
        )
    try:
        return data.decode("cp1252"), ("not UTF-8: read as Windows-1252",)
    except UnicodeDecodeError:
        raise FocusLimeError(
            f"{name} is neither UTF-8 nor Windows-1252 (byte {first}): convert it, for instance "
            "with iconv"
        ) from None


def _text(name: str, data: bytes) -> Document:
    text, notes = decode(name, data)
    return Document(name, text, notes=notes)


def _markdown(name: str, data: bytes) -> Document:
    text, notes = decode(name, data)
    return Document(name, text, headings=tuple(markdown_headings(text)), notes=notes)


def _pdf(name: str, data: bytes) -> Document:
    try:
        import pypdf
    except ImportError:
        raise _missing(name, "pypdf") from None
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


def _docx(name: str, data: bytes) -> Document:
    try:
        import docx
        from docx.table import Table
    except ImportError:
        raise _missing(name, "python-docx") from None
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


def _html(name: str, data: bytes) -> Document:
    declared = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", data[:2048], re.IGNORECASE)
    notes: tuple[str, ...] = ()
    if declared:
        encoding = declared[1].decode("ascii")
        try:
            text = data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            raise FocusLimeError(f"{name} says that it is {encoding}, and is not") from None
    else:
        text, notes = decode(name, data)
    page = _Page()
    page.feed(text)
    page.close()
    return Document(name, page.text, headings=tuple(page.headings), notes=notes)


class _Page(HTMLParser):
    """What a reader of the page sees: blocks as lines, white space as a browser shows it."""

    _BLOCKS = frozenset(
        "address article aside blockquote dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header "
        "hr li main nav ol p pre section table tr ul".split()
    )
    _UNSEEN = frozenset("head script style template noscript".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.headings: list[tuple[int, str]] = []
        self._hidden = 0
        self._heading: int | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in self._UNSEEN:
            self._hidden += 1
        if tag == "body":  # the end of <head> may be left out
            self._hidden = 0
        if tag == "br":
            self.text += "\n"
        if tag in ("td", "th"):
            self.text += "\t" if self.text[-1:] not in ("", "\n") else ""
        if tag in self._BLOCKS:
            self._break()
        if re.fullmatch("h[1-6]", tag):
            self._heading = len(self.text)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        if re.fullmatch("h[1-6]", tag) and self._heading is not None:
            title = self.text[self._heading :].strip()
            if title:
                self.headings.append((self._heading, title))
            self._heading = None
        if tag in self._BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        shown = re.sub(r"[ \t\r\n\f]+", " ", data)
        self.text += shown.lstrip() if self.text[-1:] in ("", "\n", " ", "\t") else shown

    def _break(self) -> None:
        self.text = self.text.rstrip(" \t")
        if self.text and not self.text.endswith("\n\n"):
            self.text += "\n" if self.text.endswith("\n") else "\n\n"


def _missing(name: str, package: str) -> FocusLimeError:
    return FocusLimeError(
        f"{name} is read with the package {package}: pip install 'focus-lime[legal]'"
    )


_READERS: dict[str, Callable[[str, bytes], Document]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".html": _html,
    ".htm": _html,
    ".md": _markdown,
    ".markdown": _markdown,
}
