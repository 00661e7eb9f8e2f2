"""Tracked changes: what is left out where they are read as accepted, and as the original."""

from __future__ import annotations

from typing import Literal

from focus_lime.inputs.readers.docx_ledger import DELETED, INSERTED, MOVED_AWAY, MOVED_HERE
from focus_lime.inputs.readers.docx_xml import Element, local

Tracked = Literal["accepted", "original"]

_OUT = {  # by reading: the marks of what is left out, and why
    "accepted": {"del": DELETED, "cellDel": DELETED, "moveFrom": MOVED_AWAY},
    "original": {"ins": INSERTED, "cellIns": INSERTED, "moveTo": MOVED_HERE},
}
_MARKS = frozenset({"ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel"})
NOTES = {
    "accepted": "has tracked changes: read as accepted",
    "original": "has tracked changes: read as the original, before them",
}


class Changes:
    """
    Attributes:
        seen: whether there are any.
    """

    def __init__(self, tracked: Tracked) -> None:
        self.tracked = tracked
        self.seen = False
        self._out = _OUT[tracked]

    def reason(self, mark: str) -> str:
        """Why what such a mark holds is left out; "" where it is read."""
        self.seen = True
        return self._out.get(mark, "")

    def reason_in(self, properties: Element | None) -> str:
        """The same of properties: of a row, a cell, a paragraph's mark."""
        reason = ""
        for child in () if properties is None else properties:
            if local(child) in _MARKS:
                reason = self.reason(local(child)) or reason
        return reason
