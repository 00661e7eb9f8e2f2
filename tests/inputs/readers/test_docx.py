"""pytest tests/inputs/readers/test_docx.py"""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from focus_lime.cli.main import main
from focus_lime.cli.options import PromptOptions
from focus_lime.errors import FocusLimeError
from focus_lime.inputs.documents import read as read_file
from focus_lime.inputs.readers.docx import read_docx
from tests.inputs.readers.docx_files import (
    RELATIONSHIPS,
    box,
    field,
    item,
    level,
    numbering,
    p,
    package,
    part,
    read,
    run,
    style,
    styles,
    table,
    text,
    zipped,
)

SHARED = Path(__file__).parents[4] / "shared/cases"


@pytest.fixture
def cases() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent")
    return SHARED


def tracked(kind: str, *content: str) -> str:
    inner = "".join(content)
    return f'<w:{kind} w:id="1" w:author="A">{inner}</w:{kind}>'


def deleted(words: str) -> str:
    return tracked("del", f'<w:r><w:delText xml:space="preserve">{words}</w:delText></w:r>')


def test_what_python_docx_writes(tmp_path: Path) -> None:
    content = docx.Document()
    content.add_heading("Fees", 1)
    content.add_paragraph("Fees are due in May.")
    grid = content.add_table(1, 2)
    grid.cell(0, 0).text, grid.cell(0, 1).text = "Rate", "9 percent"
    content.add_heading("Law", 1)
    content.add_paragraph("The law of Ohio governs.", style="List Number")
    content.add_paragraph("As amended.", style="List Bullet")
    content.save(str(tmp_path / "a.docx"))
    document = read_file(tmp_path / "a.docx")
    assert document.text == (
        "Fees\n\nFees are due in May.\n\nRate\t9 percent\n\nLaw\n\n"
        "1.\tThe law of Ohio governs.\n\n•\tAs amended."
    )
    assert document.section(document.text.index("Rate")) == "Fees"
    assert document.section(document.text.index("Law")) == "Law"
    assert document.section(document.text.index("amended")) == "Law"  # in its list
    assert document.notes == ()
    (tmp_path / "a.docx").rename(tmp_path / "a.docm")
    assert read_file(tmp_path / "a.docm").text == document.text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("tracked", ["The liability cap is two million florins.", "terminate on ten days notice."]),
        ("sdt", ["governed by the law of Malta.", "The fee is 900 florins a month."]),
        ("textbox", ["Body.\n\nConfidential rider: penalty is 5 percent."]),
        ("inline", ["See clause 9 and Lisbon of 12 May."]),
        ("tables", ["60 percent of which, ten deferred", "Nordhaven Ltd\t40 percent"]),
        (
            "lease",
            ["CONFIDENTIAL - Lease\n\nCOMM", "1.\tLandlord leases", "3.\tTenant may", "Page 1"],
        ),
    ],
)
def test_the_cases(cases: Path, name: str, parts: list[str]) -> None:
    document = read_file(cases / f"docx/{name}.docx")
    assert [part for part in parts if part not in document.text] == []
    has_changes = "has tracked changes: read as accepted" in document.notes
    assert has_changes == (name == "tracked")


def test_a_tracked_contract_says_what_its_text_says(cases: Path) -> None:
    document = read_file(cases / "docx/contract_tracked.docx")
    plain = read_file(cases / "text/contract_nine.txt")
    assert document.text.split() == plain.text.split()
    before = read_file(cases / "docx/contract_tracked.docx", tracked="original")
    assert before.text.split() == plain.text.replace("is nine months", "is eight months").split()


CHANGES = p("The cap is ", deleted("one "), tracked("ins", run("two ")), "million.")


def test_changes_are_read_as_accepted_or_as_the_original() -> None:
    accepted, original = read(CHANGES), read(CHANGES, "original")
    assert accepted.text == "The cap is two million."
    assert original.text == "The cap is one million."
    assert accepted.notes == (
        "has tracked changes: read as accepted",
        "deleted text left out: 4 characters in word/document.xml",
    )
    assert original.notes == (
        "has tracked changes: read as the original, before them",
        "inserted text left out: 4 characters in word/document.xml",
    )


def test_moved_text_stands_where_it_was_moved() -> None:
    body = p("A ", tracked("moveFrom", run("moved ")), "B ", tracked("moveTo", run("moved ")), "C")
    assert text(body) == "A B moved C"
    assert text(body, "original") == "A moved B C"


def mark(kind: str) -> str:
    return f'<w:rPr><w:{kind} w:id="1" w:author="A"/></w:rPr>'


def test_paragraph_marks_that_were_deleted_or_inserted() -> None:
    """The paragraph that remains is that of the mark that remains, with its number."""
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    parts = numbering({"0": level(0, "%1.")}, {"1": "0"})
    body = (
        item("one")
        + p("two ", properties=mark("del"))
        + p(deleted("gone"), properties=number + mark("del"))
        + p("three", properties=number)
        + p("four ", properties=number + mark("ins"))
        + p("five", properties=number)
    )
    assert text(body, numbering=parts) == "1.\tone\n\n2.\ttwo three\n\n3.\tfour \n\n4.\tfive"
    assert text(body, "original", numbering=parts) == (
        "1.\tone\n\ntwo \n\n2.\tgone\n\n3.\tthree\n\n4.\tfour five"
    )


def test_a_deleted_mark_before_a_table_joins_nothing() -> None:
    body = p("one", properties=mark("del")) + table(("a", "b")) + p("two", properties=mark("del"))
    assert text(body) == "one\n\na\tb\n\ntwo"


def test_rows_and_cells_that_were_deleted_or_inserted() -> None:
    def row(words: str, properties: str = "", cell: str = "") -> str:
        return f"<w:tr>{properties}<w:tc>{cell}{p(words)}</w:tc><w:tc>{p('x')}</w:tc></w:tr>"

    body = (
        "<w:tbl>"
        + row("stays")
        + row("out", "<w:trPr><w:del/></w:trPr>")
        + row("new", "<w:trPr><w:ins/></w:trPr>")
        + row("cell", cell="<w:tcPr><w:cellDel/></w:tcPr>")
        + "</w:tbl>"
    )
    assert text(body) == "stays\tx\nnew\tx\nx"
    assert text(body, "original") == "stays\tx\nout\tx\ncell\tx"


def test_former_properties_do_not_count() -> None:
    change = "<w:pPrChange><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:pPrChange>"
    old = "<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>"
    parts = numbering({"0": level(0, "%1.")}, {"1": "0"})
    document = read(p(run("shown", old), properties=change), numbering=parts)
    assert (document.text, document.notes) == ("shown", ())


def test_containers_let_their_content_through() -> None:
    body = (
        f"<w:sdt><w:sdtPr/><w:sdtContent>{p('block')}</w:sdtContent></w:sdt>"
        + f"<w:customXml>{p('custom')}</w:customXml>"
        + p(
            "a",
            f"<w:sdt><w:sdtContent>{run('b')}</w:sdtContent></w:sdt>",
            f"<w:smartTag>{run('c')}</w:smartTag>",
            f"<w:hyperlink>{run('d')}</w:hyperlink>",
            f"<w:fldSimple w:instr='REF x'>{run('e')}</w:fldSimple>",
            f"<w:dir w:val='rtl'>{run('f')}</w:dir>",
        )
    )
    assert text(body) == "block\n\ncustom\n\nabcdef"


def test_marks_without_characters() -> None:
    body = p(
        "a<w:tab/>b".join(("<w:r><w:t>", "</w:t></w:r>")).replace(
            "<w:tab/>", "</w:t><w:tab/><w:t>"
        ),
        "<w:r><w:br/><w:noBreakHyphen/><w:softHyphen/><w:ptab/><w:cr/></w:r>",
        "<w:r><w:sym w:font='Symbol' w:char='F061'/></w:r>",
        "<w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r>",
        "<w:r><w:sym w:font='Arial' w:char='00A7'/><w:br w:type='page'/></w:r>",
        properties="<w:tabs><w:tab w:val='left' w:pos='720'/></w:tabs>",
    )
    document = read(body)
    assert document.text == "a\tb\n-\t\nα☑§"
    assert document.notes == ()
    odd = read(p("<w:r><w:sym w:font='Wingdings 3' w:char='F021'/><w:sym/></w:r>"))
    assert odd.text == "\ufffd\ufffd"
    assert odd.notes == ("symbols without a known character: 2",)


def test_white_space_is_words() -> None:
    body = p("<w:r><w:t>  a \n b </w:t></w:r>", '<w:r><w:t xml:space="preserve"> c </w:t></w:r>')
    assert text(body) == "a   b c "


def test_fields_show_their_result() -> None:
    inner = field("REF b", "seven")
    body = p(
        "See ",
        field("REF a", "clause 9"),
        " of ",
        field(f"IF </w:instrText></w:r>{inner}<w:r><w:instrText> = 7", inner),
        ".",
    )
    document = read(body)
    assert document.text == "See clause 9 of seven."
    assert document.notes == (
        "text inside of field codes left out: 5 characters in word/document.xml",
    )


def test_fields_that_show_their_code_and_form_fields() -> None:
    begin = "<w:r><w:fldChar w:fldCharType='begin'>{}</w:fldChar></w:r>".format
    end = "<w:r><w:fldChar w:fldCharType='end'/></w:r>"
    code = "<w:r><w:instrText>{}</w:instrText></w:r>".format
    body = p(
        begin("<w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData>") + end,
        begin("<w:ffData><w:checkBox><w:default w:val='0'/></w:checkBox></w:ffData>") + end,
        begin(
            "<w:ffData><w:ddList><w:result w:val='1'/><w:listEntry w:val='no'/>"
            "<w:listEntry w:val='yes'/></w:ddList></w:ffData>"
        )
        + end,
        begin("") + code("MACROBUTTON None [your name]") + end,
        begin("") + code('LISTNUM "x" \\l 2') + end,
    )
    document = read(body)
    assert document.text == "☒☐yes[your name]"
    assert document.notes == ("fields whose text Word computes and does not save: LISTNUM (1)",)


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    body = p("before ", box(p("rider"), p("of two")), "after") + p("next")
    document = read(body)
    assert document.text == "before after\n\nrider\n\nof two\n\nnext"
    assert document.notes == ()


def test_drawings_in_several_ways() -> None:
    def ways(requires: str, first: str, second: str) -> str:
        return (
            f"<w:r><mc:AlternateContent><mc:Choice Requires='{requires}'>{first}</mc:Choice>"
            f"<mc:Fallback>{second}</mc:Fallback></mc:AlternateContent></w:r>"
        )

    first, second = ("<w:t>one</w:t>", "<w:t>another</w:t>")
    known, unknown = read(p(ways("wps", first, second))), read(p(ways("later", first, second)))
    assert (known.text, unknown.text) == ("one", "another")
    kind = "copies of drawings for other programs, which say something else left out"
    assert known.notes == (f"{kind}: 7 characters in word/document.xml",)
    nested = ways("wps", p(ways("wps", first, first)), p(ways("wps", first, first)))
    assert (read(p(nested)).text, read(p(nested)).notes) == ("one", ())


def test_equations_in_a_line() -> None:
    def m(name: str, *content: str) -> str:
        return f"<m:{name}>{''.join(content)}</m:{name}>"

    def mr(words: str) -> str:
        return m("r", m("t", words))

    fraction = m("f", m("num", mr("a+b")), m("den", mr("c")))
    power = m("sSup", m("e", mr("x")), m("sup", mr("2")))
    root = m("rad", m("deg", mr("3")), m("e", mr("y")))
    brackets = m("d", m("dPr", "<m:begChr m:val='['/><m:endChr m:val=')'/>"), m("e", mr("0,1")))
    total = m("nary", m("naryPr", "<m:chr m:val='∑'/>"), m("sub", mr("i=1")), m("e", mr("i")))
    body = p("So ", m("oMathPara", m("oMath", fraction, mr("+"), power, root, brackets, total)))
    assert text(body) == "So (a+b)/c+x^2√(3&y)[0,1)∑_(i=1)i"


def test_hidden_text_is_left_out_with_a_note() -> None:
    known = styles(
        style("Secret", "<w:rPr><w:vanish/></w:rPr>"),
        style("Child", "", "Secret"),
        '<w:style w:type="character" w:styleId="Hid"><w:rPr><w:vanish/></w:rPr></w:style>',
    )
    body = (
        p("shown ", run("no", "<w:vanish/>"), run("yes", "<w:vanish w:val='0'/>"))
        + p("whole", properties='<w:pStyle w:val="Child"/>')
        + p("kept ", run("char", '<w:rStyle w:val="Hid"/>'), run("both", "<w:rStyle w:val='No'/>"))
        + p(run("twice", '<w:rStyle w:val="Hid"/>'), properties='<w:pStyle w:val="Secret"/>')
    )
    document = read(body, styles=known)
    assert document.text == "shown yes\n\nkept both\n\ntwice"
    assert document.notes == ("hidden text left out: 11 characters in word/document.xml",)


def test_a_hidden_mark_joins_paragraphs_and_the_first_keeps_its_number() -> None:
    """Word's style separator: a heading that runs into its clause."""
    separator = "<w:rPr><w:vanish/><w:specVanish/></w:rPr>"
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="0"/>'
    body = p("Rent.", properties=number + separator) + p(" It is due in May.") + item("Law.")
    document = read(body, numbering=numbering({"0": level(0, "%1.")}, {"1": "0"}))
    assert document.text == "1.\tRent. It is due in May.\n\n2.\tLaw."
    assert document.headings == ((0, "1. Rent."),)


def test_tables_are_lines_of_cells() -> None:
    spanned = "<w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + p("wide")
    merged = ("<w:tcPr><w:vMerge w:val='restart'/></w:tcPr>" + p("tall"), "1")
    below = ("<w:tcPr><w:vMerge/></w:tcPr>" + p(), "2")
    inner = table(("i", "ii"), ("iii", "iv"))
    body = p("t") + table(
        (spanned,), merged, below, (p("two") + p("lines"), p("a") + inner + p("z"))
    )
    assert text(body) == "t\n\nwide\ntall\t1\n\t2\ntwo lines\ta i, ii; iii, iv z"


def test_a_table_of_one_cell_is_a_frame() -> None:
    body = table((p("one") + p("two"),)) + table(("a", "b"))
    assert text(body) == "one\n\ntwo\n\na\tb"


def test_notes_stand_after_the_paragraph_that_refers_to_them() -> None:
    def notes(kind: str, *content: str) -> str:
        each = "".join(
            f'<w:{kind} w:id="{i}">{one}</w:{kind}>' for i, one in enumerate(content, start=1)
        )
        return part(
            f"w:{kind}s", f'<w:{kind} w:id="0" w:type="separator">{p("-")}</w:{kind}>{each}'
        )

    def refer(name: str, kind: str = "footnote", more: str = "") -> str:
        return f'<w:r><w:{kind}Reference w:id="{name}" {more}/></w:r>'

    body = (
        p("The cap", refer("2"), " holds.", refer("1", "endnote"))
        + table((p("cell", refer("1")), "b"), ("c", "d"))
        + p("Again", refer("2"), " and", refer("4", more='w:customMarkFollows="1"'), "*.")
        + '<w:sectPr><w:endnotePr><w:numFmt w:val="upperLetter"/></w:endnotePr></w:sectPr>'
    )
    document = read(
        body,
        footnotes=notes("footnote", p("in cell"), p("net") + p("of tax"), p("lost"), p("* own")),
        endnotes=notes("endnote", p("end")),
    )
    assert document.text == (
        "The cap [1] holds. [A]\n\n[1] net\n\nof tax\n\n[A] end\n\ncell [2]\tb\nc\td\n\n"
        "[2] in cell\n\nAgain [1] and*.\n\n* own"
    )
    assert document.notes == (
        "footnotes and endnotes that nothing refers to left out: 4 characters in "
        "word/footnotes.xml",
    )


def test_headers_and_footers_once_and_those_that_pages_show() -> None:
    page = p(
        "Page ",
        field("PAGE", "3"),
        " of ",
        f"<w:fldSimple w:instr='NUMPAGES'>{run('9')}</w:fldSimple>",
    )
    refer = "".join(
        f'<w:{name.rstrip("0123456789")}Reference w:type="{pages}" r:id="{name}"/>'
        for name, pages in (
            ("header1", "default"),
            ("header2", "even"),
            ("header3", "first"),
            ("footer1", "default"),
        )
    )
    document = read(
        p("Body", properties=f"<w:sectPr>{refer}<w:titlePg/></w:sectPr>")
        + p("End")
        + f"<w:sectPr>{refer.replace('header1', 'header4')}</w:sectPr>",
        header1=part("w:hdr", p("Draft")),
        header2=part("w:hdr", p("Even")),
        header3=part("w:hdr", p("Draft") + p("First")),
        header4=part("w:hdr", p("Draft")),
        footer1=part("w:ftr", page),
        settings=part("w:settings", ""),
    )
    assert document.text == "Draft\n\nFirst\n\nBody\n\nEnd\n\nPage  of "
    assert document.notes == (
        "page numbers of headers and footers left out: 2 characters in word/footer1.xml",
        "headers and footers that no page shows left out: 4 characters in word/header2.xml",
    )


def test_a_word_across_the_page_is_read() -> None:
    mark = "<w:r><w:pict><v:shape><v:textpath string='DO NOT SIGN'/></v:shape></w:pict></w:r>"
    hidden = mark.replace("<v:shape>", "<v:shape style='visibility: hidden'>")
    assert text(p("x", mark, hidden)) == "x\n\nDO NOT SIGN"


def test_comments_pictures_charts_and_files_are_named() -> None:
    parts: dict[str, str | bytes] = {
        "comments.xml": part("w:comments", f"<w:comment>{p('why?')}</w:comment>"),
        "charts/chart1.xml": part("w:chart", "<a:p><a:r><a:t>Title</a:t></a:r></a:p>"),
        "media/image1.png": b"\x89PNG",
        "aFChunk1.htm": "<p>inserted</p>",
        "embeddings/package1.xlsx": b"PK",
        "glossary/document.xml": part("w:glossaryDocument", p("block")),
        "broken.xml": "<w:p>",
    }
    document = read_docx("a.docx", package(p("Text."), parts))
    assert document.text == "Text."
    assert set(document.notes) == {
        "comments left out: 4 characters in word/comments.xml",
        "text of charts left out: 5 characters in word/charts/chart1.xml",
        "building blocks left out: 5 characters in word/glossary/document.xml",
        "word/broken.xml is broken or too large, and was not searched for text",
        "pictures not read: word/media/image1.png",
        "charts not read: word/charts/chart1.xml",
        "inserted files not read: word/aFChunk1.htm",
        "embedded files not read: word/embeddings/package1.xlsx",
    }


def test_diagrams_are_read_after_their_paragraph() -> None:
    words = "".join(f"<a:p><a:r><a:t>{word}</a:t></a:r></a:p>" for word in ("Plan", "Do"))
    graphic = "<w:r><w:drawing><dgm:relIds r:dm='data1'/></w:drawing></w:r>"
    document = read(p("See:", graphic) + p("End"), data1=part("dgm:dataModel", words))
    assert (document.text, document.notes) == ("See:\n\nPlan\n\nDo\n\nEnd", ())


def test_reading_aids_are_left_out() -> None:
    base = f"<w:rubyBase>{run('賃')}</w:rubyBase>"
    ruby = f"<w:r><w:ruby><w:rt>{run('ちん')}</w:rt>{base}</w:ruby></w:r>"
    document = read(p(ruby, "料"))
    assert document.text == "賃料"
    assert document.notes == (
        "reading aids above the text (ruby) left out: 2 characters in word/document.xml",
    )


def test_headings_by_outline_by_id_and_by_localised_name() -> None:
    outline = '<w:pPr><w:outlineLvl w:val="{}"/></w:pPr>'.format
    known = styles(
        style("berschrift1", title="heading 1"),
        style("Own", outline(2)),
        style("Flat", outline(9), "Own"),
        style("T", title="Title"),
        style("K", title="Kop 2"),
        style("toc1", title="toc 1"),
    )
    names = ("berschrift1", "Own", "Flat", "T", "K", "toc1", "Heading3", "Other")
    body = "".join(p(f"{name} text", properties=f'<w:pStyle w:val="{name}"/>') for name in names)
    body += p("direct", properties='<w:outlineLvl w:val="0"/>')
    document = read(body, styles=known)
    assert [title.partition(" ")[0] for _, title in document.headings] == [
        "berschrift1", "Own", "T", "K", "Heading3", "direct",
    ]  # fmt: skip
    assert all(document.text.startswith(title, at) for at, title in document.headings)


def test_the_strict_namespaces() -> None:
    plain = package(p("See ", field("REF a", "9"), deleted("no")) + table(("a", "b")))
    strict = "http://purl.oclc.org/ooxml"
    content = part(
        "w:document", f"<w:body>{p('See ', field('REF a', '9'), deleted('no'))}</w:body>"
    )
    content = content.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        f"{strict}/wordprocessingml/main",
    )
    link = f'<Relationship Id="a" Type="{strict}/officeDocument/relationships/officeDocument"'
    data = zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{RELATIONSHIPS}">{link} Target="/word/d.xml"/>'
            "</Relationships>",
            "word/d.xml": content,
        }
    )
    document = read_docx("a.docx", data)
    assert document.text == "See 9"
    assert document.notes == (
        "has tracked changes: read as accepted",
        "deleted text left out: 2 characters in word/d.xml",
    )
    assert read_docx("a.docx", plain).text == "See 9\n\na\tb"


def test_the_option_of_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.docx").write_bytes(package(CHANGES))
    Path("list.yaml").write_text('items: [{id: cap, name: Cap, question: "Which cap?"}]')
    arguments = ["a.docx", "--checklist", "list.yaml", "--model", "tests.workflows.oracle:words"]
    for how, expected in (("accepted", "two million."), ("original", "one million.")):
        with pytest.raises(SystemExit) as stopped:
            main(["audit", "legal", *arguments, "--tracked", how, "--out", how])
        assert not stopped.value.code
        assert Path(how, "texts/a.docx.txt").read_text() == f"The cap is {expected}"
        prompt = PromptOptions(document="a.docx", tracked=how).prompt()  # type: ignore[arg-type]
        assert prompt.sources == (f"The cap is {expected}",)
        assert f"has tracked changes: read as {'accepted' if how == 'accepted' else 'the'}" in str(
            prompt.notes
        )
    with pytest.raises(FocusLimeError, match="--tracked is for a document"):
        PromptOptions(messages="a.json", tracked="original").prompt()


def test_packages_with_backslashes_and_other_encodings() -> None:
    body = part("w:document", p("Zoë"))
    data = zipped(
        {
            "[Content_Types].xml": "",
            "word\\document.xml": f"<?xml version='1.0' encoding='utf-16'?>{body}".encode("utf-16"),
        }
    )
    assert read_docx("a.docx", data).text == "Zoë"
