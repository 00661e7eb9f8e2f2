"""Text and Markdown files."""

from __future__ import annotations

from focus_lime.inputs.document import Document
from focus_lime.inputs.headings import markdown_headings
from focus_lime.inputs.readers.encodings import decode


def read_text(name: str, data: bytes) -> Document:
    text, notes = decode(name, data)
    return Document(name, text, notes=notes)


def read_markdown(name: str, data: bytes) -> Document:
    text, notes = decode(name, data)
    return Document(name, text, headings=tuple(markdown_headings(text)), notes=notes)
