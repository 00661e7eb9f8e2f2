"""pytest tests/inputs/readers/test_docx_words.py

Random documents out of all that a Word file may hold, with marked words at random places: those
that Word shows come out once and in reading order, and the others do not and are accounted for.
"""

from __future__ import annotations

import re
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inputs.readers.docx_files import box, field, p, read, run

WORD = re.compile(r"[vx]\d+z")  # v: Word shows it, x: Word does not
LENGTH = 5


class Writer:
    """Writes XML by drawing; knows which words are shown, in reading order.

    Args:
        tracked: how changes will be read.
    """

    def __init__(self, draw: st.DrawFn, tracked: str) -> None:
        self._draw, self._tracked = draw, tracked
        self._names = count(100)
        self.shown: list[str] = []
        self._beside: list[list[str]] = []  # of each paragraph that is open

    def _word(self, is_shown: bool) -> str:
        word = f"{'v' if is_shown else 'x'}{next(self._names)}z"
        if is_shown:
            self.shown.append(word)
        return word

    def _run(self, is_shown: bool, tag: str = "t", properties: str = "") -> str:
        return (
            run(self._word(is_shown) + " ", properties)
            .replace("w:t>", f"w:{tag}>")
            .replace("<w:t ", f"<w:{tag} ")
        )

    def inline(self, depth: int, is_shown: bool = True, tag: str = "t") -> str:
        """Something that a paragraph may hold; `tag` is that of its text."""
        draw = self._draw
        kinds = "run run hidden maths".split()
        if depth:
            kinds += "sdt smartTag hyperlink ins del moveFrom moveTo field simple ruby box".split()
        kind = draw(st.sampled_from(kinds))
        inner = depth - 1
        if kind == "run":
            return self._run(is_shown, tag)
        if kind == "hidden":
            return self._run(False, tag, "<w:b/><w:vanish/>")
        if kind == "maths":
            return f"<m:oMath><m:r><m:t>{self._word(is_shown)}</m:t></m:r></m:oMath>"
        if kind == "sdt":
            content = self.inline(inner, is_shown, tag)
            return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"
        if kind in ("smartTag", "hyperlink"):
            return f"<w:{kind}>{self.inline(inner, is_shown, tag)}</w:{kind}>"
        if kind in ("ins", "moveTo"):
            reads = is_shown and self._tracked == "accepted"
            return f"<w:{kind}>{self.inline(inner, reads, tag)}</w:{kind}>"
        if kind in ("del", "moveFrom"):
            reads = is_shown and self._tracked == "original"
            text = "delText" if kind == "del" else tag
            return f"<w:{kind}>{self.inline(inner, reads, text)}</w:{kind}>"
        if kind == "field":
            code = f"</w:instrText></w:r>{self._run(False, tag)}<w:r><w:instrText>"
            return field(code, self.inline(inner, is_shown, tag))
        if kind == "simple":
            content = self.inline(inner, is_shown, tag)
            return f"<w:fldSimple w:instr='REF a'>{content}</w:fldSimple>"
        if kind == "ruby":
            aid, base = self._run(False, tag), self._run(is_shown, tag)
            return f"<w:r><w:ruby><w:rt>{aid}</w:rt><w:rubyBase>{base}</w:rubyBase></w:ruby></w:r>"
        return self._box(inner, is_shown)

    def _box(self, depth: int, is_shown: bool) -> str:
        """Its words come after those of the paragraph; each stands twice in the file."""
        before, self.shown = self.shown, []
        content = "".join(
            self.paragraph(depth, is_shown) for _ in range(self._draw(st.integers(1, 2)))
        )
        self._beside[-1] += self.shown
        self.shown = before
        return box(content)

    def paragraph(self, depth: int, is_shown: bool = True) -> str:
        self._beside.append([])
        content = [self.inline(depth, is_shown) for _ in range(self._draw(st.integers(0, 3)))]
        self.shown += self._beside.pop()
        return p(*content)

    def block(self, depth: int, is_shown: bool = True) -> str:
        draw = self._draw
        kinds = ["paragraph", "paragraph"] + (["sdt", "custom", "table"] if depth else [])
        kind = draw(st.sampled_from(kinds))
        if kind == "paragraph":
            return self.paragraph(2, is_shown)
        if kind in ("sdt", "custom"):
            content = self.block(depth - 1, is_shown)
            if kind == "custom":
                return f"<w:customXml>{content}</w:customXml>"
            return f"<w:sdt><w:sdtPr/><w:sdtContent>{content}</w:sdtContent></w:sdt>"
        rows = [self._row(depth - 1, is_shown) for _ in range(draw(st.integers(1, 2)))]
        return f"<w:tbl>{''.join(rows)}</w:tbl>"

    def _row(self, depth: int, is_shown: bool) -> str:
        change = self._draw(st.sampled_from(["", "", "ins", "del"]))
        out = {"accepted": "del", "original": "ins"}[self._tracked]
        reads = is_shown and change != out
        cells = [
            f"<w:tc>{self.block(depth, reads)}{p()}</w:tc>"
            for _ in range(self._draw(st.integers(1, 3)))
        ]
        return f"<w:tr><w:trPr>{change and f'<w:{change}/>'}</w:trPr>{''.join(cells)}</w:tr>"


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str, list[str]]:
    tracked = draw(st.sampled_from(["accepted", "original"]))
    writer = Writer(draw, tracked)
    body = "".join(writer.block(2) for _ in range(draw(st.integers(1, 4))))
    return body, tracked, writer.shown


@settings(max_examples=150, deadline=None)
@given(documents())
def test_every_word_is_in_the_text_once_or_in_a_note(case: tuple[str, str, list[str]]) -> None:
    body, tracked, shown = case
    document = read(body, tracked)
    assert WORD.findall(document.text) == shown
    # All characters of text in the file, as a search finds them, against text and notes.
    in_file = re.findall(r"<(?:w:t|w:delText|m:t)[ >][^<]*", body)
    of_file = [WORD.findall(each)[0] for each in in_file if WORD.search(each)]
    unseen = set(of_file) - set(shown)
    assert all(word.startswith("x") for word in unseen)
    n_noted = sum(
        int(n.replace(",", ""))
        for note in document.notes
        for n in re.findall(r"([\d,]+) characters? in", note)
    )
    assert (n_noted > 0) == bool(unseen)
    assert not any("not known why" in note for note in document.notes)
    assert n_noted >= LENGTH * len(unseen)
