"""pytest tests/inputs/readers/test_docx_numbering.py"""

from __future__ import annotations

import pytest

from focus_lime.inputs.readers.docx_numerals import numeral
from tests.inputs.readers.docx_files import (
    item,
    level,
    numbering,
    p,
    part,
    read,
    style,
    styles,
    text,
)

LEGAL = level(0, "%1.") + level(1, "%1.%2") + level(2, "(%3)", "lowerLetter")


def numbers(body: str, **parts: str) -> list[str]:
    """What stands before the tab or space of each paragraph."""
    return [line.partition("\t")[0] for line in text(body, **parts).split("\n\n")]


def test_levels_count_within_those_above() -> None:
    body = "".join(item("x", at=at) for at in (0, 1, 1, 2, 2, 1, 2, 0, 1))
    found = numbers(body, numbering=numbering({"0": LEGAL}, {"1": "0"}))
    assert found == ["1.", "1.1", "1.2", "(a)", "(b)", "1.3", "(a)", "2.", "2.1"]


def test_a_level_that_no_paragraph_had_counts_as_begun() -> None:
    """As Word 97 and later: Heading 2 before any Heading 1 is 1.1, and the Heading 1 then 2."""
    body = item("x", at=1) + item("x", at=1) + item("x", at=0) + item("x", at=1)
    found = numbers(body, numbering=numbering({"0": LEGAL}, {"1": "0"}))
    assert found == ["1.1", "1.2", "2.", "2.1"]


def test_lists_of_one_definition_count_on_unless_one_starts_again() -> None:
    lists = {
        "1": "0",
        "2": "0",
        "3": '0 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>',
        "4": "1",
    }
    parts = numbering({"0": LEGAL, "1": LEGAL}, lists)
    body = "".join(item("x", num) for num in (1, 2, 1, 3, 3, 1, 4, 2))
    assert numbers(body, numbering=parts) == ["1.", "2.", "3.", "7.", "8.", "9.", "1.", "10."]


def test_a_list_may_redefine_a_level() -> None:
    article = level(0, "Article %1:", "upperRoman", start=4)
    own = f'<w:lvlOverride w:ilvl="0">{article}</w:lvlOverride>'
    parts = numbering({"0": LEGAL}, {"1": f"0 {own}"})
    assert numbers(item("x") + item("x", at=1), numbering=parts) == ["Article IV:", "IV.1"]


@pytest.mark.parametrize(
    ("restart", "expected"),
    [
        ("", ["1", "A", "i", "B", "i", "2", "A", "i"]),
        ('<w:lvlRestart w:val="0"/>', ["1", "A", "i", "B", "ii", "2", "A", "iii"]),
        ('<w:lvlRestart w:val="1"/>', ["1", "A", "i", "B", "ii", "2", "A", "i"]),
        ('<w:lvlRestart w:val="9"/>', ["1", "A", "i", "B", "i", "2", "A", "i"]),
    ],
)
def test_what_restarts_a_level(restart: str, expected: list[str]) -> None:
    levels = level(0, "%1") + level(1, "%2", "upperLetter") + level(2, "%3", "lowerRoman", restart)
    body = "".join(item("x", at=at) for at in (0, 1, 2, 1, 2, 0, 1, 2))
    assert numbers(body, numbering=numbering({"0": levels}, {"1": "0"})) == expected


def test_legal_numbers_are_all_in_digits() -> None:
    levels = level(0, "Article %1", "upperRoman") + level(1, "%1.%2", more="<w:isLgl/>")
    parts = numbering({"0": levels}, {"1": "0"})
    body = item("x") + item("x") + item("x", at=1)
    assert numbers(body, numbering=parts) == ["Article I", "Article II", "2.1"]


def test_numbers_through_styles() -> None:
    """A level that is bound to a style counts, whatever the style itself says of its level."""
    levels = level(0, "%1.", more='<w:pStyle w:val="H1"/>') + level(
        1, "%1.%2", more='<w:pStyle w:val="H2"/>'
    )
    own = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    none = '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'
    known = styles(
        style("H1", own), style("H2", own), style("Based", based="H2"), style("Not", none, "H1")
    )
    body = "".join(
        p("x", properties=f'<w:pStyle w:val="{name}"/>')
        for name in ("H1", "H2", "Based", "Not", "H1", "H2")
    )
    found = numbers(body, numbering=numbering({"0": levels}, {"1": "0"}), styles=known)
    assert found == ["1.", "1.1", "1.2", "x", "2.", "2.1"]


def test_a_list_that_stands_for_a_numbering_style() -> None:
    definitions = {"0": '<w:numStyleLink w:val="Clauses"/>', "1": LEGAL}
    clauses = style("Clauses", '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>')
    parts = {
        "numbering": numbering(definitions, {"1": "0", "2": "1"}),
        "styles": styles(clauses),
    }
    body = item("x") + item("x", 2) + item("x", at=1)
    assert numbers(body, **parts) == ["1.", "2.", "2.1"]


def test_what_follows_a_number() -> None:
    levels = (
        level(0, "%1)", more='<w:suff w:val="space"/>')
        + level(1, "§%2 ", more='<w:suff w:val="nothing"/>')
        + level(2, "\uf0b7", "bullet")
        + level(3, "", "none")
        + level(4, "%5", more="<w:rPr><w:vanish/></w:rPr>")
    )
    body = "".join(item("Duty.", at=at) for at in range(5))
    assert text(body, numbering=numbering({"0": levels}, {"1": "0"})).split("\n\n") == [
        "1) Duty.", "§1 Duty.", "•\tDuty.", "Duty.", "Duty.",
    ]  # fmt: skip


def test_an_empty_paragraph_of_a_list_has_its_number_and_headings_have_theirs() -> None:
    heading = '<w:outlineLvl w:val="0"/>'
    body = item("") + item("Duties. The tenant pays.", more=heading) + item("Free.", at=1)
    document = read(body, numbering=numbering({"0": LEGAL}, {"1": "0"}))
    assert document.text == "1.\t\n\n2.\tDuties. The tenant pays.\n\n2.1\tFree."
    assert document.headings == ((document.text.index("2.\t"), "2. Duties. The tenant pays."),)
    assert document.section(document.text.index("Free")) == "2.1"


def test_own_formats_of_later_words() -> None:
    custom = (
        '<w:lvl w:ilvl="0"><w:start w:val="9"/><mc:AlternateContent><mc:Choice Requires="w14">'
        '<w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback>'
        '<w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
        '<w:lvlText w:val="%1"/></w:lvl>'
    )
    body = item("x") + item("x")
    assert numbers(body, numbering=numbering({"0": custom}, {"1": "0"})) == ["009", "010"]
    unknown = read(body, numbering=numbering({"0": level(0, "%1", "klingon")}, {"1": "0"}))
    assert unknown.notes == ("numbers in the format klingon are written in digits",)


def test_loops_of_styles_and_numbering_end() -> None:
    own = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    known = styles(style("A", own, "B"), style("B", "", "A"), style("C", "", "C"))
    definitions = {"0": '<w:numStyleLink w:val="A"/>'}
    body = p("x", properties='<w:pStyle w:val="B"/>') + p("y", properties='<w:pStyle w:val="C"/>')
    parts = {"numbering": numbering(definitions, {"1": "0"}), "styles": known}
    assert text(body, **parts) == "x\n\ny"


def test_long_chains_of_styles_are_followed_once() -> None:
    chain = [style(f"S{i}", "", f"S{i + 1}") for i in range(5000)]
    hidden = style("S5000", "<w:rPr><w:vanish/></w:rPr>")
    body = p("secret", properties='<w:pStyle w:val="S0"/>') + p("open")
    assert text(body, styles=styles(*chain, hidden)) == "open"


def test_a_number_is_no_longer_than_word_makes_it() -> None:
    huge = level(0, "%1" * 100_000, "lowerLetter", start=2_000_000_000)
    found = text(item("x"), numbering=numbering({"0": huge}, {"1": "0"}))
    assert len(found) < 300
    assert found.endswith("\tx")


def test_broken_numbers_are_none() -> None:
    odd = part("w:numbering", '<w:num w:numId="1"/><w:abstractNum><w:lvl/></w:abstractNum>')
    assert text(item("x") + item("y", "nine") + item("z", 1, -5), numbering=odd) == "x\n\ny\n\nz"
    assert text(item("x", at=40), numbering=numbering({"0": LEGAL}, {"1": "0"})) == "x"
    assert text(item("x")) == "x"


def test_numerals() -> None:
    expected = {
        "lowerLetter": {1: "a", 26: "z", 27: "aa", 53: "aaa"},
        "upperRoman": {4: "IV", 1994: "MCMXCIV"},
        "decimalZero": {3: "03", 12: "12", 0: "00"},
        "ordinal": {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 21: "21st", 112: "112th"},
        "cardinalText": {1: "One", 21: "Twenty-one", 105: "One hundred five"},
        "ordinalText": {1: "First", 12: "Twelfth", 20: "Twentieth", 23: "Twenty-third"},
        "chineseCountingThousand": {3: "三", 10: "十", 12: "十二", 20: "二十", 105: "一百零五"},
        "decimalEnclosedCircle": {1: "①", 21: "21"},
        "none": {5: ""},
        "decimal": {0: "0", -3: "-3"},
        "upperLetter": {0: "0"},
    }
    for name, values in expected.items():
        assert {n: numeral(n, name) for n in values} == values


def test_romans_are_read_back() -> None:
    values = dict(zip("ivxlcdm", (1, 5, 10, 50, 100, 500, 1000), strict=True))
    for number in range(1, 4000):
        digits = [values[letter] for letter in numeral(number, "lowerRoman")]
        pairs = zip(digits, [*digits[1:], 0], strict=True)
        assert sum(-one if one < after else one for one, after in pairs) == number
