"""pytest tests/inputs/readers/test_pdf_sentences.py

Sentences put at random places of a generated PDF come out whole, once, and in reading order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from focus_lime.inputs.readers.pdf_pages import read_pages

from .pdf_pages_of import drawn, lines, wrapped

_WORDS = (
    "party agreement term rent notice landlord tenant premises supplier goods delivery price fee "
    "invoice damages liability insurance consent assignment schedule clause obligation remedy "
    "breach default payment interest period renewal law court claim loss cost property record"
).split()
_SMALL = "the of a to in by for on with under any all each its".split()
TOP, BOTTOM, LEADING = 720.0, 90.0, 12.0


@dataclass
class Written:
    """A file as it is drawn: what its text should hold.

    Attributes:
        body: sentences in reading order.
        other: sentences that stand anywhere on their page: cells, notes, fields, heads.
    """

    rng: random.Random
    body: list[str] = field(default_factory=list)
    other: list[tuple[str, int]] = field(default_factory=list)
    count: int = 0

    def sentence(self, least: int = 6, most: int = 30) -> str:
        self.count += 1
        words = [
            self.rng.choice(_SMALL if at % 2 else _WORDS)
            for at in range(self.rng.randint(least, most))
        ]
        return f"{'The' if self.count % 2 else 'Each'} {' '.join(words)} case{self.count}."

    def paragraph(self) -> str:
        sentences = [self.sentence() for _ in range(self.rng.randint(1, 5))]
        self.body += sentences
        return " ".join(sentences)


@dataclass
class Page:
    """Draws down the columns of page after page."""

    canvas: Canvas
    written: Written
    columns: int
    number: int = 1
    column: int = 0
    y: float = TOP
    note: str = ""

    @property
    def width(self) -> float:
        return 468.0 if self.columns == 1 else 222.0

    @property
    def x(self) -> float:
        return 72.0 + self.column * 246.0

    def room(self, height: float) -> None:
        """Begins the next column or page where less than a height is left."""
        if self.y - height >= BOTTOM:
            return
        self.column += 1
        self.y = TOP
        if self.column == self.columns:
            self.end()
            self.column, self.number = 0, self.number + 1

    def end(self) -> None:
        rng, canvas = self.written.rng, self.canvas
        lines(canvas, 72, 765, ["Agreement of the parties"], 8)
        lines(canvas, 300, 30, [f"Page {self.number}"], 8)
        if rng.random() < 0.4:
            text = self.written.sentence(6, 14)
            self.written.other.append((text, self.number))
            note = wrapped(f"{self.number} {text}", 468, 7)
            lines(canvas, 72, 62 + 8 * (len(note) - 1), note, 7, 8)
        if rng.random() < 0.2:
            text = self.written.sentence(4, 6)
            self.written.other.append((text, self.number))
            lines(canvas, 250, 765, [], 8)
            lines(canvas, 72, 750, [text], 8)
        canvas.showPage()

    def prose(self, text: str, indent: float = 0.0) -> None:
        for line in wrapped(text, self.width - indent):
            self.room(0)
            lines(self.canvas, self.x + indent, self.y, [line])
            self.y -= LEADING
        self.y -= 8

    def heading(self) -> None:
        self.room(40)
        text = f"{self.written.rng.choice(_WORDS).upper()} AND {self.written.count}"
        lines(self.canvas, self.x, self.y, [text], 10, font="Helvetica-Bold")
        self.written.body.append(text)
        self.y -= LEADING + 8

    def items(self) -> None:
        for mark in "abc":
            self.room(0)
            lines(self.canvas, self.x, self.y, [f"({mark})"])
            self.prose(self.written.paragraph(), 20)

    def table(self) -> None:
        self.room(70)
        rng, y = self.written.rng, self.y
        for _ in range(3):
            text = self.written.sentence(3, 4)
            self.written.body.append(text)
            cells = (f"item {rng.randint(1, 99)}", text, f"{rng.randint(1, 9999)}")
            for at, cell in zip((0, 0.24, 0.88), cells, strict=True):
                lines(self.canvas, self.x + at * self.width, y, [cell], 7)
            y -= 18
        self.y = y - 8

    def field(self) -> None:
        self.room(30)
        value = self.written.sentence(2, 3)
        self.written.body.append(value)
        lines(self.canvas, self.x, self.y, ["Said:"])
        self.canvas.acroForm.textfield(
            name=f"f{self.written.count}", x=self.x + 40, y=self.y - 5, width=self.width - 60,
            height=16, fontSize=8, value=value, borderWidth=0,
        )  # fmt: skip
        self.y -= 30

    def rider(self) -> None:
        self.room(30)
        text = self.written.sentence(2, 3)
        self.written.other.append((text, self.number))
        rectangle = [self.x, self.y - 4, self.x + self.width, self.y + 12]
        self.canvas.freeTextAnnotation(text, DA="/Helv 8 Tf", Rect=rectangle)
        self.y -= 30


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([1, 2]))
def test_sentences_come_out_whole_and_in_order(seed: int, columns: int) -> None:
    written = Written(random.Random(seed))

    def draw(canvas: Canvas) -> None:
        page = Page(canvas, written, columns)
        for _ in range(written.rng.randint(6, 30)):
            kind = written.rng.choice(
                ["prose"] * 6 + ["heading", "items", "table", "field", "rider"]
            )
            if kind == "prose":
                page.prose(written.paragraph())
            else:
                getattr(page, kind)()
        page.end()

    pages = read_pages(drawn(draw))
    text = " ".join(pages.text.split())
    places = [(text.find(sentence), sentence) for sentence in written.body]
    assert [sentence for at, sentence in places if at < 0] == []
    assert places == sorted(places)
    for sentence, page in written.other:
        at = pages.text.find(sentence)
        assert at >= 0 or sentence in text, sentence
        if at >= 0:
            assert pages.page[at] == page
