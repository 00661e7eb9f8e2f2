"""The parts of a Word file as blocks of text: tables, text boxes, notes and drawings too."""

from __future__ import annotations

from dataclasses import dataclass, field

from focus_lime.inputs.readers import docx_ledger as why
from focus_lime.inputs.readers.docx_blocks import Block, Row
from focus_lime.inputs.readers.docx_copies import Copies
from focus_lime.inputs.readers.docx_fields import Fields
from focus_lime.inputs.readers.docx_reading import Reading
from focus_lime.inputs.readers.docx_walk import Flow, Walk
from focus_lime.inputs.readers.docx_xml import (
    UNDERSTOOD,
    Element,
    attribute,
    children,
    is_on,
    local,
)

HANDLED = {
    **dict.fromkeys("w:drawing w:pict w:object".split(), "container"),
    **dict.fromkeys("w:ins w:del w:moveFrom w:moveTo".split(), "change"),
    **dict.fromkeys("w:t w:delText m:t a:t".split(), "text"),
    **dict.fromkeys("w:instrText w:delInstrText".split(), "code"),
    **dict.fromkeys("w:tab w:ptab w:br w:cr w:noBreakHyphen a:br".split(), "mark"),
    **dict.fromkeys("m:num m:den m:sup m:sub m:deg m:rad m:nary m:d".split(), "formula"),
    **dict.fromkeys("v:shape v:rect v:roundrect v:oval v:group".split(), "shape"),
    **dict.fromkeys("w:footnote w:endnote".split(), "note"),
    **dict.fromkeys("w:footnoteReference w:endnoteReference".split(), "reference"),
    "w:txbxContent": "box",
    "a:p": "drawn_p",
    "wp:docPr": "docPr",
    "v:textpath": "textpath",
    "dgm:relIds": "relIds",
    **{
        f"{prefix}:{name}": name
        for prefix, names in (
            ("w", "p pPr vanish rStyle sym rt fldChar fldSimple tbl tr trPr tc tcPr sectPr"),
            ("mc", "AlternateContent Choice Fallback"),
        )
        for name in names.split()
    },
}
_SEPARATORS = frozenset({"separator", "continuationSeparator", "continuationNotice"})


@dataclass
class _Table:
    number: int
    row: Row = field(default_factory=Row)
    after: list[Block] = field(default_factory=list)


class Story(Walk):
    """As `Walk`; `blocks` may be asked once."""

    handled = HANDLED
    ends_block = ("w:p", "w:tr", "w:tbl", "a:p")

    def __init__(
        self, reading: Reading, part: str, *, reason: str = "", is_margin: bool = False
    ) -> None:
        super().__init__(reading, part, reason=reason, is_margin=is_margin)
        self.notes: dict[str, list[Block]] = {}  # by their ids, in a part of notes
        self._links = reading.package.relationships(part)
        self._saved: list[Fields] = []
        self._tables: list[_Table] = []
        self._section = 0

    # --- drawings, text boxes, embedded files

    def start_box(self, element: Element) -> None:
        self._saved.append(self.fields)
        self.reasons.append(self.reason_at(element))
        self.fields = Fields(self.is_margin)
        self.counters.reverse()
        self.flows.append(Flow())

    def end_box(self, _: Element) -> None:
        flow = self.flows.pop()
        self.flush(flow)
        self.counters.reverse()
        self.fields = self._saved.pop()
        self.reasons.pop()
        self.paragraphs[-1].beside += flow.blocks

    def start_drawn_p(self, element: Element) -> None:
        self.start_box(element)
        self.start_p(element)

    def end_drawn_p(self, element: Element) -> None:
        self.end_p(element)
        self.end_box(element)

    def start_docPr(self, element: Element) -> None:
        if element.get("hidden") in ("1", "true"):
            self.set_reason(why.HIDDEN)

    def start_shape(self, element: Element) -> None:
        style = (element.get("style") or "").replace(" ", "").lower()
        self.enter(why.HIDDEN if "visibility:hidden" in style else "")

    def start_textpath(self, element: Element) -> None:
        """Letters as a drawing, such as the word DRAFT across a page."""
        text = " ".join((element.get("string") or "").split())
        if text and not self.reason_at(element):
            self.paragraphs[-1].beside.append(Block(text, self.part))

    def start_relIds(self, element: Element) -> None:
        link = self._links.get(attribute(element, "r:dm") or "")
        if link is not None and self.reading.may_walk(link.target):
            story = Story(self.reading, link.target, reason=self.reason_at(element))
            self.paragraphs[-1].beside += story.blocks()

    def start_AlternateContent(self, _: Element) -> None:
        is_inner = self.reasons[-1] == why.OTHER_COPY and bool(self.copies)
        self.copies.append(self.copies[-1].inner() if is_inner else Copies())
        self.enter()

    def start_Choice(self, element: Element) -> None:
        prefixes = (element.get("Requires") or "").split()
        is_known = all((element.nsmap.get(p) or "").startswith(UNDERSTOOD) for p in prefixes)
        self._enter_way(is_known)

    def start_Fallback(self, _: Element) -> None:
        self._enter_way(True)

    def _enter_way(self, is_known: bool) -> None:
        """One way of a drawing: the first that Word knows is read."""
        if is_known and not (self.copies and self.copies[-1].taken):
            if self.copies:
                self.copies[-1].taken = True
            self.enter()
        elif self.reasons[-1] == why.OTHER_COPY:
            self.reasons.append(why.SAME_COPY)
        else:
            self.enter(why.OTHER_COPY)

    def end_AlternateContent(self, _: Element) -> None:
        copies = self.copies.pop()
        self.reasons.pop()
        if copies.is_inner:
            return
        reason = why.SAME_COPY if copies.are_alike else why.OTHER_COPY
        self.ledger.leave(self.part, reason, copies.n_other)
        if self.copies:
            self.copies[-1].read += copies.read

    def end_Choice(self, _: Element) -> None:
        self.reasons.pop()

    end_Fallback = end_shape = end_rt = end_Choice

    def start_rt(self, _: Element) -> None:
        self.enter(why.RUBY)

    # --- tables

    def start_tbl(self, _: Element) -> None:
        self.enter()
        self.flush(self.flows[-1])
        self._tables.append(_Table(self.reading.next_table()))

    def start_tr(self, _: Element) -> None:
        self.enter()
        self._close_row()

    def end_trPr(self, element: Element) -> None:
        if local(element.getparent()) == "tr" and not self.reasons[-1]:
            self.set_reason(self.reading.changes.reason_in(element))
            self.set_reason(why.HIDDEN if is_on(children(element).get("hidden")) else "")

    def end_tcPr(self, element: Element) -> None:
        if local(element.getparent()) == "tc" and not self.reasons[-1]:
            self.set_reason(self.reading.changes.reason_in(element))

    def start_tc(self, _: Element) -> None:
        self.enter()
        self.flows.append(Flow())

    def end_tc(self, _: Element) -> None:
        flow = self.flows.pop()
        self.flush(flow)
        is_left_out = self.reasons.pop() and not flow.blocks
        if not self._tables:
            self.flows[-1].blocks += flow.blocks
        elif not is_left_out:
            self._tables[-1].row.cells.append(flow.blocks)

    def end_tr(self, _: Element) -> None:
        self.reasons.pop()
        self._close_row()

    def end_tbl(self, _: Element) -> None:
        self.reasons.pop()
        self._close_row()
        self.flows[-1].blocks += self._tables.pop().after

    def _close_row(self) -> None:
        """The cells since the last row, also where no row holds them."""
        if self._tables and self._tables[-1].row.cells:
            table = self._tables[-1]
            blocks, after = table.row.blocks(table.number, self.part)
            table.row = Row()
            table.after += after
            self.flows[-1].blocks += blocks

    # --- notes and sections

    def start_note(self, element: Element) -> None:
        is_separator = attribute(element, "w:type") in _SEPARATORS
        self.enter(why.SEPARATORS if is_separator else "")
        self.flows.append(Flow())

    def end_note(self, element: Element) -> None:
        flow = self.flows.pop()
        self.flush(flow)
        self.reasons.pop()
        self.notes[attribute(element, "w:id") or ""] = flow.blocks

    def start_reference(self, element: Element) -> None:
        if self.reason_at(element):
            return
        kind = local(element).removesuffix("Reference")
        has_own_mark = attribute(element, "w:customMarkFollows") in ("1", "true", "on")
        mark, blocks = self.reading.note(
            kind, attribute(element, "w:id") or "", self._section, has_own_mark
        )
        paragraph = self.paragraphs[-1]
        if mark:
            is_set_off = not paragraph.pieces or paragraph.pieces[-1][-1:].isspace()
            paragraph.add(f"[{mark}]" if is_set_off else f" [{mark}]")
        paragraph.beside += blocks

    def end_sectPr(self, element: Element) -> None:
        if local(element.getparent()) != "sectPrChange":
            self.reading.add_section(element)
            self._section += 1
