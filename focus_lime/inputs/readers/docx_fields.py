"""Fields: their result is read, and their code is not. Both may hold fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from focus_lime.inputs.readers.docx_ledger import FIELD_CODES, PAGE_NUMBERS
from focus_lime.inputs.readers.docx_xml import (
    Element,
    attribute,
    children,
    is_on,
    value,
    whole_number,
)

_PAGES = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_BUTTONS = frozenset({"MACROBUTTON", "GOTOBUTTON"})  # they show the end of their code
# What Word shows without saving it.
_COMPUTED = frozenset({"AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "EQ", "LISTNUM", "SYMBOL"})
_LONGEST = 1000  # characters of a code that are looked at


@dataclass
class Field:
    """
    Attributes:
        outer: why it is not read itself; "" where it is.
    """

    outer: str
    code: str = ""
    has_result: bool = False

    @property
    def kind(self) -> str:
        return (self.code.split(maxsplit=1) or [""])[0].upper()


@dataclass
class Fields:
    """The fields that are open.

    Args:
        is_margin: of a header or footer, where the numbers of pages are no text.

    Attributes:
        reason: why text is not read here; "" where it is.
    """

    is_margin: bool = False
    reason: str = ""
    _open: list[Field] = field(default_factory=list)

    def begin(self, code: str = "", has_result: bool = False) -> None:
        self._open.append(Field(self.reason, code, has_result))
        self._look()

    def add_code(self, text: str) -> None:
        if self._open and len(self._open[-1].code) < _LONGEST:
            self._open[-1].code += text

    def separate(self) -> None:
        if self._open:
            self._open[-1].has_result = True
            self._look()

    def end(self) -> tuple[str, str]:
        """What it shows by itself, and its kind where only Word knows that."""
        if not self._open:
            return "", ""
        ended = self._open.pop()
        self.reason = ended.outer
        if ended.kind in _BUTTONS and not ended.has_result:
            return (ended.code.split(maxsplit=2)[2:] or [""])[0].strip(), ""
        return "", ended.kind if ended.kind in _COMPUTED and not ended.has_result else ""

    def _look(self) -> None:
        last = self._open[-1]
        own = ""
        if not last.has_result:
            own = FIELD_CODES
        elif self.is_margin and last.kind in _PAGES:
            own = PAGE_NUMBERS
        self.reason = last.outer or own


def form_field(element: Element) -> str:
    """What a check box or a list of a form shows (`w:ffData`)."""
    data = children(element).get("ffData")
    parts = {} if data is None else children(data)
    if "checkBox" in parts:
        box = children(parts["checkBox"])
        return "☒" if is_on(box.get("checked", box.get("default"))) else "☐"
    if "ddList" in parts:
        entries = [e for e in parts["ddList"] if str(e.tag).endswith("}listEntry")]
        options = children(parts["ddList"])
        chosen = whole_number(value(options.get("result", options.get("default"))), 0) or 0
        if 0 <= chosen < len(entries):
            return attribute(entries[chosen], "w:val") or ""
    return ""
