"""Drawings that a file offers in several ways (mc:AlternateContent): one of them is read."""

from __future__ import annotations

from dataclasses import dataclass, field

from focus_lime.inputs.readers.docx_ledger import OTHER_COPY, SAME_COPY


@dataclass
class Copies:
    """
    Attributes:
        taken: whether one of the ways is read.
        read: texts of that one, as the file has them.
        other: texts of the others.
        is_inner: it stands in a way that is not read, and the texts are those of the outer.
    """

    taken: bool = False
    read: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    is_inner: bool = False

    def inner(self) -> Copies:
        return Copies(False, self.read, self.other, True)

    def leave(self, reason: str, text: str) -> bool:
        """Note a text that is not read; whether it is accounted for with the copies."""
        if reason == OTHER_COPY:
            self.other.append(text)
            return True
        if reason != SAME_COPY:
            self.read.append(text)
        return False

    @property
    def n_other(self) -> int:
        return sum(map(len, self.other))

    @property
    def are_alike(self) -> bool:
        """Whether the other ways say nothing that the read one does not say."""
        read, other = ("".join("".join(texts).split()) for texts in (self.read, self.other))
        return other in read
