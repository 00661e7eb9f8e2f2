"""What the parts of one Word file share while they are read."""

from __future__ import annotations

from dataclasses import dataclass

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.readers.docx_blocks import Block
from focus_lime.inputs.readers.docx_changes import Changes, Tracked
from focus_lime.inputs.readers.docx_ledger import Ledger
from focus_lime.inputs.readers.docx_notes import Notes
from focus_lime.inputs.readers.docx_numbering import Counters, Numbering
from focus_lime.inputs.readers.docx_package import Package
from focus_lime.inputs.readers.docx_styles import Styles
from focus_lime.inputs.readers.docx_xml import Element, attribute, children, is_on, local

CHARACTERS = 64_000_000  # of a text: 10,000 pages are half of that


@dataclass(frozen=True)
class Margin:
    """
    Attributes:
        kind: header or footer.
        pages: on which it is shown: default, first, even.
        id: of the relationship to its part.
    """

    kind: str
    pages: str
    id: str


class Reading:
    """
    Args:
        main: the part that is the document.
    """

    def __init__(self, package: Package, main: str, tracked: Tracked) -> None:
        self.package = package
        self.links = package.relationships(main)
        # Parts that were read whole, or walked.
        self.done = {main, "[Content_Types].xml"}
        self.styles = Styles(self._tree("styles"))
        self.numbering = Numbering(self._tree("numbering"), self.styles.num_of)
        self.settings = children(root) if (root := self._tree("settings")) is not None else {}
        self.changes = Changes(tracked)
        self.reads_deleted = tracked == "original"
        self.ledger = Ledger()
        self.notes = {"footnote": Notes("decimal"), "endnote": Notes("lowerRoman")}
        self.margins: dict[Margin, None] = {}
        self.has_title_page = False
        self.unknown_symbols = 0
        self._n_tables = 0
        self._length = 0

    def part(self, kind: str) -> str | None:
        """The part of a kind to which the document refers."""
        for link in self.links.values():
            if link.kind == kind and not link.is_external and self.package.has(link.target):
                return link.target
        return None

    def counters(self) -> Counters:
        return Counters(self.numbering)

    def next_table(self) -> int:
        self._n_tables += 1
        return self._n_tables

    def grow(self, n_characters: int) -> None:
        """
        Raises:
            FocusLimeError: a text longer than any document's.
        """
        self._length += n_characters
        if self._length > CHARACTERS:
            raise FocusLimeError(
                f"{self.package.name} has more than {CHARACTERS:,} characters: split it"
            )

    def may_walk(self, part: str) -> bool:
        """Whether a part is there, and was not walked; it counts as walked from now on."""
        if part in self.done or not self.package.has(part):
            return False
        self.done.add(part)
        return True

    def note(
        self, kind: str, name: str, section: int, has_own_mark: bool
    ) -> tuple[str, list[Block]]:
        """As `Notes.refer`."""
        return self.notes[kind].refer(name, section, has_own_mark)

    def add_section(self, element: Element) -> None:
        """w:sectPr: which headers and footers it shows."""
        for child in element:
            kind = local(child).removesuffix("Reference")
            if kind in ("header", "footer"):
                pages = attribute(child, "w:type") or "default"
                self.margins[Margin(kind, pages, attribute(child, "r:id") or "")] = None
            if local(child) == "titlePg":
                self.has_title_page = self.has_title_page or is_on(child)

    def shows(self, margin: Margin) -> bool:
        if margin.pages == "first":
            return self.has_title_page
        return margin.pages != "even" or is_on(self.settings.get("evenAndOddHeaders"))

    def _tree(self, kind: str) -> Element | None:
        part = self.part(kind)
        if part is None:
            return None
        self.done.add(part)
        return self.package.tree(part)
