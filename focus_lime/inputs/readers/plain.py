"""Text and Markdown files."""

from __future__ import annotations

import regex

from focus_lime.inputs.document import Document
from focus_lime.inputs.headings import markdown_headings
from focus_lime.inputs.readers.encodings import decode

_PAGE = regex.compile(r"\s*+(?:<!doctype html|<html)[\s>]", regex.IGNORECASE)


def read_text(name: str, data: bytes) -> Document:
    text, notes = decode(name, data)
    if _PAGE.match(text):
        notes = (*notes, "looks like a web page: with the ending .html it is read as one")
    return Document(name, text, notes=notes)


def read_markdown(name: str, data: bytes) -> Document:
    text, notes = decode(name, data)
    return Document(name, text, headings=tuple(markdown_headings(text)), notes=notes)
