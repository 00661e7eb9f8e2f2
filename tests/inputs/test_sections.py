"""pytest tests/inputs/test_sections.py"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.document import Document
from focus_lime.inputs.sections import sections
from focus_lime.inputs.units import Span
from tests.scaling import is_linear

CASES = {
    "a list in a section, and what follows it": (
        "7.1 Rent. X.\n7.2 Duties. The tenant shall:\n\n1. Clean the house.\n2. Pay the tax.\n\n"
        "All at its own cost.\n8. Term\n8.1 It runs.\n",
        "7.1 | 7.2 | 8 | 8.1",
    ),
    "a list before the next number": (
        "1. Intro\n\nThe steps are:\n1. Do this\n2. Do that\n3. Done\n\n2. Next\nmore\n3. End\n",
        "1 | 2 | 3",
    ),
    "a cross reference at the begin of a line": (
        "4.1 Fees. F.\n4.2 Tax. As provided in\nSection 4.1 above, or\nSection 4.3 The rest\n",
        "4.1 | 4.2 | 4.3",
    ),
    "numbers in running text": (
        "1. Rights 1.1 Use. All of it. 1.2 Sale. As in Section 1.3 Below. 1.3 Loan. None. 2. Term "
        "2.1 Two years.",
        "1 | 1.1 | 1.2 | 1.3 | 2 | 2.1",
    ),
    "articles whose sections have numbers of their own": (
        "ARTICLE III\nFees\nSection 1. Pay\nSection 2. Late\nARTICLE IV. Law\nSection 1. Nevada\n",
        "III | Article III, § 1 | Article III, § 2 | IV | Article IV, § 1",
    ),
    "articles whose sections go on": (
        "ARTICLE I\nFees\nSection 1. Pay\nSection 2. Late\nARTICLE II. Law\nSection 3. Nevada\n",
        "I | Article I, § 1 | Article I, § 2 | II | Article II, § 3",
    ),
    "articles with numbers of two parts": (
        "ARTICLE I\nTERMS\nSection 1.01 Words.\nARTICLE II\nLOANS\nSection 2.01 Loan.\nas said in\n"
        "Section 1.01 The borrower\nSection 2.02 Pay.\n",
        "I | 1.01 | II | 2.01 | 2.02",
    ),
    "schedules": (
        "1. Words\nText.\n2. Term\nIt runs.\n\nSchedule 2\n\n1. Price\n1.1 Rent\n2. Fees\n\n"
        "Annex A - Data\n1. Scope\n\nExhibit B attached hereto is good.\n\nEXHIBIT C\n\nNone.\n",
        "1 | 2 | Schedule 2 | Schedule 2, § 1 | Schedule 2, § 1.1 | Schedule 2, § 2 | Annex A"
        " | Annex A, § 1 | Exhibit C",
    ),
    "what a filing calls the text": ("Exhibit 10.1\n\nLEASE\n\n1. Rent\n2. Term\n", "1 | 2"),
    "a head of pages": (
        "1. A\n\nExhibit 9\n\nx\n\nExhibit 9\n\n2. B\n\nExhibit 9\n\n3. C",
        "1 | 2 | 3",
    ),
    "a reference to a schedule in the midst": ("2. A. As in\nSchedule 3 and 4.\n3. B\n", "2 | 3"),
    "a table of contents with leaders": (
        "1. TERMS ........ 3\n2. LAW ...... 4\n\n1. TERMS\n\nX\n2. LAW\n\nY\n",
        "1 | 2",
    ),
    "a table of contents with numbers of pages": (
        "CONTENTS\n1. Terms 1\n2. Law 2\n3. Fees 4\nSchedule 1 Prices 9\n\nLEASE\n\n1. Terms\nA.\n"
        "2. Law\nB.\n3. Fees\nC.\n",
        "1 | 2 | 3",
    ),
    "numbers of pages": (
        "1. Terms\nA.\n2\n3\n2. Law\nB\n     3\n4 and so on\n3. Fees\n",
        "1 | 2 | 3",
    ),
    "German": (
        "§ 1 Mietsache\nDie Wohnung.\n§ 2 Miete\n(1) 400 Euro.\n§ 7 Abs. 2 gilt.\n§ 3 Dauer\n",
        "1 | 2 | 3",
    ),
    "German dates": (
        "1. Vertrag\n1. November 2020 begann es.\n2. Mai 2021 endet es.\n2. Dauer\n",
        "1 | 2",
    ),
    "French": (
        "Article 1\nObjet\nArticle 2 - Durée\nL'article 5 dit.\nArticle 3. Prix\n",
        "1 | 2 | 3",
    ),
    "Swiss": ("Art. 12 Kündigung\nArt. 13 Recht\n", "12 | 13"),
    "letters": ("7. TERM\n7.A. Start\n7.B. End, see\nSection 7.B. of this\n", "7 | 7.A | 7.B"),
    "Roman": ("I. SCOPE\nx\nII. TERM\nII.A. Start\nIII. LAW\n", "I | II | II.A | III"),
    "a recital's letter is no Roman number": ("A. One.\nC. Two.\n1. Rent\n", "1"),
    "zeros": ("1.0 TERMS. 1.1 First.\n2.0 LAW. 2.1 Nevada.\n", "1.0 | 1.1 | 2.0 | 2.1"),
    "amounts": (
        "5.5 million dollars\n30 Days after the\n12.5 Percent\n1.1 Foo\n1.2 Bar\n",
        "1.1 | 1.2",
    ),
    "an excerpt": ("12. Governing law\nNevada.\n", "12"),
    "nothing": ("", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_sections_in_order(name: str) -> None:
    text, expected = CASES[name]
    assert " | ".join(section.label for section in sections(text)) == expected


def test_what_follows_a_list_stands_in_the_section() -> None:
    text, _ = CASES["a list in a section, and what follows it"]
    document = Document("a", text)
    for part in ("Clean", "Pay", "All at"):
        assert document.section(text.index(part)) == "7.2"


def test_places_print_as_a_lawyer_cites_them() -> None:
    text, _ = CASES["schedules"]
    document = Document("a", text, pages=(0, text.index("Schedule 2")))

    def place(part: str) -> str:
        start = text.index(part)
        return str(document.place(Span(0, start, start + len(part))))

    assert place("It runs.") == "p. 1, § 2"
    assert place("Rent") == "p. 2, Schedule 2, § 1.1"
    assert place("None.") == "p. 2, Exhibit C"
    assert str(Document("b", "ARTICLE IV. Fees\nx").place(Span(0, 17, 18))) == "Article IV"


def test_headings_that_the_format_marks_come_first() -> None:
    text = "Fees\nRate\n1. One\n2. Two\nLaw\n1. Ohio\n7.2 Payment\nx\n1. Y\n"
    marked = [(text.index(heading), heading) for heading in ("Fees", "Law", "7.2 Payment")]
    document = Document("a", text, headings=tuple(marked))
    cited = {
        part: document.section(text.index(part)) for part in ("Rate", "Two", "Ohio", "x\n", "Y")
    }
    assert cited == {"Rate": "Fees", "Two": "Fees", "Ohio": "Law", "x\n": "7.2", "Y": "7.2"}


PIECES = st.sampled_from(
    ["1. ", "1.1 A", "2. B", "Section 4 ", "ARTICLE II", "\n", "\n\n", "Exhibit A", " .... 3", "x ",
     "§ 3 ", "IV. ", "1.", "\t", "\r\n", "(a) ", "第", "\u2029", "99.99.99 ", "Schedule 1\n\n"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_has_sections_in_reading_order(text: str) -> None:
    found = sections(text)
    assert [s.start for s in found] == sorted({s.start for s in found})
    assert all(s.label and 0 <= s.start < len(text) for s in found)
    assert all(text[s.start : s.start + 1].strip() for s in found)


@pytest.mark.parametrize(
    "piece",
    ["1. A", "1.1 A\n", "Exhibit A\n\n", "Exhibit ", "I.A.", "1.", "\n \n", " . . .", "1 ", "x"],
)
def test_time_grows_with_the_text_alone(piece: str) -> None:
    assert is_linear(lambda count: sections(piece * count), 2_000)
