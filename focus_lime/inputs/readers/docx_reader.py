"""A Word file to a document: its parts in reading order, and an account of all that it holds."""

from __future__ import annotations

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.document import Document
from focus_lime.inputs.readers import docx_ledger as why
from focus_lime.inputs.readers.docx_blocks import Block, joined
from focus_lime.inputs.readers.docx_changes import NOTES, Tracked
from focus_lime.inputs.readers.docx_package import Package
from focus_lime.inputs.readers.docx_reading import Reading
from focus_lime.inputs.readers.docx_story import Story
from focus_lime.inputs.readers.docx_xml import Element, children, local, tags

PICTURES = "pictures"
_OBJECTS = {  # kinds of relationships to what is not read
    "image": PICTURES,
    "chart": "charts",
    "chartEx": "charts",
    "oleObject": "embedded files",
    "package": "embedded files",
    "control": "controls",
    "aFChunk": "inserted files",
    "subDocument": "subdocuments",
}
_REASONS = {  # why parts are not read, by their kinds
    "header": why.UNSHOWN_HEADERS,
    "footer": why.UNSHOWN_HEADERS,
    "comments": why.COMMENTS,
    "glossaryDocument": why.BUILDING_BLOCKS,
}


def read_package(package: Package, tracked: Tracked) -> Document:
    """
    Raises:
        FocusLimeError: broken, too large, or pictures without text.
    """
    main = package.main()
    reading = Reading(package, main, tracked)
    _read_notes(reading, main)
    body = Story(reading, main).blocks()
    headers, footers = (_margins(reading, kind) for kind in ("header", "footer"))
    blocks = [*headers, *body, *footers]
    text, headings = joined(blocks)
    _account(reading, main, blocks)
    ledger = reading.ledger
    if not text.strip() and (n := ledger.has(PICTURES)):
        raise FocusLimeError(
            f"{package.name} has {n} pictures and no text, as scans have: run OCR over it first"
        )
    notes = (NOTES[tracked],) if reading.changes.seen else ()
    return Document(package.name, text, headings=headings, notes=notes + ledger.notes())


def _read_notes(reading: Reading, main: str) -> None:
    """The notes of both kinds, before the text that refers to them."""
    for kind in ("endnote", "footnote"):  # a footnote may refer to an endnote
        part = reading.part(f"{kind}s")
        if part is not None and reading.may_walk(part):
            story = Story(reading, part)
            story.blocks()
            reading.notes[kind].blocks = story.notes
    if any(notes.blocks for notes in reading.notes.values()):
        _read_note_settings(reading, main)


def _read_note_settings(reading: Reading, main: str) -> None:
    """How sections number their notes, which they say where they end."""
    names, blocks = tags("w:sectPr"), (*tags("w:p"), *tags("w:tr"))
    section = 0
    for event, element in reading.package.stream(main, (*names, *blocks), blocks):
        if event == "end" and element.tag in names and _is_section(element):
            for kind, notes in reading.notes.items():
                own = children(element).get(f"{kind}Pr", reading.settings.get(f"{kind}Pr"))
                if own is not None:
                    notes.settings[section] = own
            section += 1


def _is_section(element: Element) -> bool:
    return local(element.getparent()) != "sectPrChange"


def _margins(reading: Reading, kind: str) -> list[Block]:
    """Headers or footers that pages show, each text once."""
    blocks: list[Block] = []
    known: set[str] = set()
    for margin in reading.margins:
        link = reading.links.get(margin.id)
        if margin.kind != kind or link is None or not reading.shows(margin):
            continue
        if reading.may_walk(link.target):
            for block in Story(reading, link.target, is_margin=True).blocks():
                if block.text in known:
                    reading.ledger.leave(block.part, why.SAME_COPY, block.source)
                else:
                    known.add(block.text)
                    blocks.append(block)
    return blocks


def _account(reading: Reading, main: str, blocks: list[Block]) -> None:
    """Where every character of the file's text went, and what else the file holds."""
    ledger, package = reading.ledger, reading.package
    for block in blocks:
        ledger.keep(block.part, block.source)
    for notes in reading.notes.values():
        for block in notes.unmarked():
            ledger.leave(block.part, why.UNMARKED_NOTES, block.source)
    for part in sorted(reading.done):
        for link in package.relationships(part).values():
            if link.kind in _OBJECTS:
                ledger.name_object(_OBJECTS[link.kind], link.target)
    reasons = {link.target: _REASONS.get(link.kind) for link in reading.links.values()}
    for part in package.parts:
        if not part.lower().endswith(".xml") or not reading.may_walk(part):
            continue
        reason = reasons.get(part) or _reason_of(part, reading)
        try:
            Story(reading, part, reason=reason).blocks()
        except FocusLimeError:
            ledger.remark(f"{part} is broken or too large, and was not searched for text")
    if reading.unknown_symbols:
        ledger.remark(f"symbols without a known character: {reading.unknown_symbols}")
    for name in sorted(reading.numbering.unknown_formats):
        ledger.remark(f"numbers in the format {name} are written in digits")


def _reason_of(part: str, reading: Reading) -> str:
    if "/charts/" in part:
        return why.CHARTS
    if "/diagrams/" in part:  # what the data says, as it is drawn
        return why.SAME_COPY
    return why.BUILDING_BLOCKS if "/glossary/" in part else why.UNSHOWN
