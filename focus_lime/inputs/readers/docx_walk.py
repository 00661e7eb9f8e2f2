"""The walk over a part of a Word file: paragraphs and what stands in their runs.

Every element that holds text is met, wherever it stands, and its characters go into the text or
into the ledger. Elements that are not named let their content through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from focus_lime.inputs.readers import docx_ledger as why
from focus_lime.inputs.readers.docx_blocks import Block
from focus_lime.inputs.readers.docx_copies import Copies
from focus_lime.inputs.readers.docx_fields import Fields, form_field
from focus_lime.inputs.readers.docx_inline import MARKS, equation_part, shown, symbol, text_of
from focus_lime.inputs.readers.docx_paragraph import (
    Paragraph,
    default_properties,
    read_properties,
)
from focus_lime.inputs.readers.docx_reading import Reading
from focus_lime.inputs.readers.docx_symbols import UNKNOWN
from focus_lime.inputs.readers.docx_xml import Element, attribute, is_on, local, tags, value

_OUTSIDE = frozenset({"p", "txbxContent"})  # no run reaches beyond them
_MARKERS = frozenset({"rPr", "trPr", "numPr", "ctrlPr"})  # in them w:ins says something of these


@dataclass
class Flow:
    """Where paragraphs go: the body, a cell, a text box, a note.

    Attributes:
        pending: a paragraph whose end is left out, so that the next one goes on with it.
    """

    blocks: list[Block] = field(default_factory=list)
    pending: Paragraph | None = None


@dataclass
class Run:
    """What a run says of itself.

    Attributes:
        element: of the run; what stands in others is not meant.
        hides: whether it says that it is hidden; None where it says nothing.
        change: why it is left out, where a tracked change marks it.
    """

    element: Element = None
    hides: bool | None = None
    style: str | None = None
    change: str = ""


class Walk:
    """
    Args:
        part: its name in the package.
        reason: why none of it is read; "" where it is.
        is_margin: a header or footer.

    Attributes:
        handled: by the names of elements, the handlers: `start_X` and `end_X` of a subclass.
        ends_block: elements after which nothing before them is looked at.
    """

    handled: Mapping[str, str] = {}
    ends_block: Sequence[str] = ()

    def __init__(
        self, reading: Reading, part: str, *, reason: str = "", is_margin: bool = False
    ) -> None:
        self.reading = reading
        self.ledger = reading.ledger
        self.part = part
        self.is_margin = is_margin
        self._default = default_properties(reading.styles)
        self.reasons = [reason]  # why text is not read, of each element that is open
        self.flows = [Flow()]
        # What stands outside of any paragraph, in a file that is not as it should be.
        self.paragraphs = [Paragraph(self._default)]
        self._run = Run()
        self.fields = Fields(is_margin)
        self.copies: list[Copies] = []
        self.counters = [reading.counters(), reading.counters()]  # of the text, of text boxes
        self._formulas: list[int] = []

    def blocks(self) -> list[Block]:
        """Walk the part; its blocks in reading order."""
        names = {tag: name for each, name in self.handled.items() for tag in tags(each)}
        handlers = {
            event: {tag: getattr(self, f"{event}_{name}", _nothing) for tag, name in names.items()}
            for event in ("start", "end")
        }
        block_tags = [tag for name in self.ends_block for tag in tags(name)]
        for event, element in self.reading.package.stream(self.part, names, block_tags):
            handlers[event][element.tag](element)
        flow = self.flows[0]
        self.flush(flow)
        self._finish(self.paragraphs[0], flow, "")
        return flow.blocks

    # --- why text is not read where the walk is

    def reason_at(self, element: Element) -> str:
        """Of an element in a run."""
        if reason := self.reasons[-1] or self.fields.reason:
            return reason
        run, parent = self._run, element.getparent()
        own = _NO_RUN
        if run.element is not None:
            while (
                parent is not None and parent is not run.element and local(parent) not in _OUTSIDE
            ):
                parent = parent.getparent()
            own = run if parent is run.element else _NO_RUN
        if own.change:
            return own.change
        hides = own.hides
        if hides is None:
            style = self.paragraphs[-1].properties.style
            hides = self.reading.styles.is_hidden(style, own.style)
        return why.HIDDEN if hides else ""

    def _run_of(self, properties: Element) -> Run:
        """What is known of the run whose properties these are."""
        run = properties.getparent()
        if self._run.element is not run:
            self._run = Run(run)
        return self._run

    def enter(self, reason: str = "") -> None:
        self.reasons.append(self.reasons[-1] or reason)

    def set_reason(self, reason: str) -> None:
        self.reasons[-1] = self.reasons[-1] or reason

    def start_container(self, _: Element) -> None:
        self.enter()

    def end_container(self, _: Element) -> None:
        self.reasons.pop()

    # --- tracked changes

    def start_change(self, element: Element) -> None:
        parent = element.getparent()
        if local(parent) not in _MARKERS:
            self.enter(self._change(element))
        elif local(parent.getparent()) == "r":
            run = self._run_of(parent)
            run.change = run.change or self._change(element)

    def end_change(self, element: Element) -> None:
        if local(element.getparent()) not in _MARKERS:
            self.reasons.pop()

    def _change(self, element: Element) -> str:
        return self.reading.changes.reason(local(element)) if not self.reasons[-1] else ""

    # --- paragraphs

    def start_p(self, _: Element) -> None:
        self.enter()
        flow = self.flows[-1]
        paragraph, flow.pending = flow.pending or Paragraph(self._default), None
        paragraph.properties = self._default
        self.paragraphs.append(paragraph)

    def end_pPr(self, element: Element) -> None:
        if local(element.getparent()) == "p" and not self.reasons[-1]:
            reading = self.reading
            self.paragraphs[-1].properties = read_properties(
                element, reading.styles, reading.changes
            )

    def end_p(self, _: Element) -> None:
        reason = self.reasons.pop() or self.fields.reason
        paragraph, flow = self.paragraphs.pop(), self.flows[-1]
        properties = paragraph.properties
        if reason and not paragraph.pieces:
            flow.blocks += paragraph.beside
        elif reason or properties.mark_reason:
            flow.pending = paragraph
        elif properties.mark_is_hidden:
            if "".join(paragraph.pieces[paragraph.head :]).strip():
                paragraph.join(self._label(paragraph))
            flow.pending = paragraph
        else:
            self._finish(paragraph, flow, self._label(paragraph))

    def _label(self, paragraph: Paragraph) -> str:
        numbering = self.reading.numbering
        number = paragraph.properties.number(numbering)
        return "" if number is None else self.counters[0].count(*number)

    def _finish(self, paragraph: Paragraph, flow: Flow, label: str) -> None:
        if label or paragraph.text.strip():
            flow.blocks.append(paragraph.block(label, self.part))
            self.reading.grow(len(flow.blocks[-1].text))
        else:
            self.ledger.leave(self.part, why.BLANK, paragraph.source)
        flow.blocks += paragraph.beside

    def flush(self, flow: Flow) -> None:
        """A paragraph that would go on has nothing to go on with: it ends here."""
        paragraph, flow.pending = flow.pending, None
        if paragraph is not None:
            has_text = bool("".join(paragraph.pieces[paragraph.head :]).strip())
            self._finish(paragraph, flow, self._label(paragraph) if has_text else "")

    # --- runs

    def end_vanish(self, element: Element) -> None:
        if _is_of_run(element):
            self._run_of(element.getparent()).hides = is_on(element)

    def end_rStyle(self, element: Element) -> None:
        if _is_of_run(element):
            self._run_of(element.getparent()).style = value(element)

    def end_text(self, element: Element) -> None:
        raw = text_of(element)
        if not raw:
            return
        text = shown(element, raw)
        reason = self.reason_at(element)
        if not reason and local(element) == "delText" and not self.reading.reads_deleted:
            reason = why.DELETED
        self.ledger.see(self.part, len(raw))
        if reason:
            if not (self.copies and self.copies[-1].leave(reason, raw)):
                self.ledger.leave(self.part, reason, len(raw))
            return
        self.paragraphs[-1].add(text, len(raw))
        if UNKNOWN in text and UNKNOWN not in raw:
            self.reading.unknown_symbols += text.count(UNKNOWN)
        if self.copies:
            self.copies[-1].read.append(raw)

    def say(self, element: Element, text: str) -> None:
        """Add what the file shows by an element without characters."""
        if text and not self.reason_at(element):
            self.paragraphs[-1].add(text)

    def start_mark(self, element: Element) -> None:
        if local(element.getparent()) != "tabs":
            self.say(element, MARKS[local(element)])

    def start_sym(self, element: Element) -> None:
        text = symbol(element)
        if text == UNKNOWN and not self.reason_at(element):
            self.reading.unknown_symbols += 1
        self.say(element, text)

    def start_formula(self, _: Element) -> None:
        self._formulas.append(len(self.paragraphs[-1].pieces))

    def end_formula(self, element: Element) -> None:
        begin, pieces = self._formulas.pop(), self.paragraphs[-1].pieces
        text = "".join(pieces[begin:])
        pieces[begin:] = [equation_part(local(element), element, text)]

    # --- fields

    def end_fldChar(self, element: Element) -> None:
        kind = attribute(element, "w:fldCharType")
        if kind == "begin":
            self.say(element, form_field(element))
            self.fields.begin()
        elif kind == "separate":
            self.fields.separate()
        elif kind == "end":
            self._end_field(element)

    def end_code(self, element: Element) -> None:
        self.fields.add_code(text_of(element))

    def start_fldSimple(self, element: Element) -> None:
        self.fields.begin(attribute(element, "w:instr") or "", has_result=True)

    def end_fldSimple(self, _: Element) -> None:
        self.fields.end()

    def _end_field(self, element: Element) -> None:
        text, computed = self.fields.end()
        self.say(element, text)
        if computed and not self.reason_at(element):
            self.ledger.computed[computed] += 1


_NO_RUN = Run()


def _nothing(_: Element) -> None:
    pass


def _is_of_run(element: Element) -> bool:
    """Whether a property is the run's own, not of a paragraph's mark or of a former state."""
    properties = element.getparent()
    return local(properties) == "rPr" and local(properties.getparent()) == "r"
