"""pytest tests/inputs/readers/test_pdf_layout.py

Reading order: columns, tables, running heads, footnotes, hyphens, and text in other directions.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    ListFlowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from focus_lime.inputs.readers.pdf_answer import Pages
from focus_lime.inputs.readers.pdf_pages import read_pages

from .pdf_pages_of import drawn, lines, wrapped, written

ONE = (
    "The tenant shall pay the rent to the landlord on the first day of each calendar month without "
    "any set off or deduction whatever and in the currency of the lease."
)
TWO = (
    "The buyer shall keep the goods in a dry place until the seller has had them fetched by a "
    "carrier of its choice and at its own cost, for up to ten days."
)
THREE = (
    "Neither party may assign this agreement or any right under it without the consent of the "
    "other, which shall not be withheld without a reason that is stated in writing."
)
BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10, leading=12)


def read(draw: Callable[[Canvas], None], size: tuple[float, float] = (612, 792)) -> Pages:
    return read_pages(drawn(draw, size))


def flowed(*story: Flowable) -> Pages:
    held = io.BytesIO()
    SimpleDocTemplate(held, pagesize=(612, 792)).build(list(story))
    return read_pages(held.getvalue())


def test_columns_are_read_one_after_the_other_however_they_are_drawn() -> None:
    left, right = wrapped(f"{ONE} {TWO}", 200), wrapped(f"{THREE} {ONE}", 200)
    rows = [(72.0, left), (330.0, right)]

    def by_column(canvas: Canvas) -> None:
        for x, texts in rows:
            lines(canvas, x, 700, texts)

    def right_first(canvas: Canvas) -> None:
        for x, texts in rows[::-1]:
            lines(canvas, x, 700, texts)

    def by_row(canvas: Canvas) -> None:
        for at in range(max(len(left), len(right))):
            for x, texts in rows:
                lines(canvas, x, 700 - 12 * at, texts[at : at + 1])

    def off_the_grid(canvas: Canvas) -> None:
        lines(canvas, 72, 700, left)
        lines(canvas, 330, 695, right, leading=13)

    for draw in (by_column, right_first, by_row, off_the_grid):
        assert " ".join(read(draw).text.split()) == f"{ONE} {TWO} {THREE} {ONE}", draw.__name__


def test_a_title_above_columns_and_text_below_them() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 72, 730, ["A Title That Stands Above Both of the Columns"], 16)
        y = lines(canvas, 72, 700, wrapped(ONE, 200))
        lines(canvas, 330, 700, wrapped(TWO, 200))
        lines(canvas, 72, y - 20, wrapped(THREE, 460))

    pages = read(draw)
    text = "A Title That Stands Above Both of the Columns"
    assert pages.text == f"{text}\n\n{ONE}\n\n{TWO}\n\n{THREE}\n"
    assert pages.headings == [(0, len(text))]


def test_a_longer_left_column_is_read_to_its_end() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 72, 700, wrapped(f"{ONE} {TWO} {ONE}", 200))
        lines(canvas, 330, 700, wrapped(THREE, 200))

    assert " ".join(read(draw).text.split()) == f"{ONE} {TWO} {ONE} {THREE}"


def test_a_sentence_goes_on_over_columns_pages_and_what_stands_between() -> None:
    text = wrapped(f"{ONE} {TWO} {THREE}", 200)

    def draw(canvas: Canvas) -> None:
        lines(canvas, 72, 700, text[:4])
        lines(canvas, 330, 700, text[4:8])
        lines(canvas, 72, 60, ["1 A footnote of the first page."], 7)
        canvas.showPage()
        lines(canvas, 72, 770, ["This stands above one page only."], 7)
        lines(canvas, 72, 700, text[8:12])
        lines(canvas, 330, 700, text[12:])

    pages = read(draw)
    first, *rest = pages.text.split("\n\n")
    assert first == f"{ONE} {TWO} {THREE}"
    assert rest == ["[1] A footnote of the first page.", "This stands above one page only.\n"]
    second = pages.starts[1]
    assert pages.text[second:].startswith(" ".join(text[8:12])[:30])
    assert pages.page[second - 2] == 1
    assert pages.page[pages.text.index("A footnote")] == 1


def test_rows_of_tables_with_cells_that_wrap() -> None:
    def cell(text: str) -> Paragraph:
        return Paragraph(text, BODY)

    rows = [
        ["Service", "What it is", "Fee"],
        [
            "Hosting",
            cell("The supplier hosts the platform in two regions and keeps copies."),
            "100",
        ],
        ["Support", cell("The supplier answers calls within four hours on working days."), "2,000"],
    ]
    expected = (
        "Service\tWhat it is\tFee\n"
        "Hosting\tThe supplier hosts the platform in two regions and keeps copies.\t100\n"
        "Support\tThe supplier answers calls within four hours on working days.\t2,000\n"
    )
    for style in (
        [("GRID", (0, 0), (-1, -1), 0.5, colors.black)],
        [("VALIGN", (0, 0), (-1, -1), "TOP")],
    ):
        table = Table(rows, colWidths=[80, 180, 60], style=style)
        assert flowed(cell(ONE), Spacer(1, 12), table, Spacer(1, 12), cell(TWO)).text == (
            f"{ONE}\n\n{expected}\n{TWO}\n"
        )


def test_labels_beside_text() -> None:
    rows = [[Paragraph("Term", BODY), Paragraph(ONE, BODY)], ["Fee due", Paragraph(TWO, BODY)]]
    assert flowed(Table(rows, colWidths=[80, 250])).text == f"Term\t{ONE}\nFee due\t{TWO}\n"


def test_items_of_lists_are_paragraphs() -> None:
    for kind, marks in (("1", "12"), ("a", "ab"), ("bullet", "••")):
        items = ListFlowable([Paragraph(ONE, BODY), Paragraph("Short.", BODY)], bulletType=kind)
        assert flowed(items).text == f"{marks[0]} {ONE}\n\n{marks[1]} Short.\n"


@pytest.mark.parametrize("style", [{"firstLineIndent": 15}, {"spaceAfter": 6}, {"spaceBefore": 4}])
def test_paragraphs_by_indent_or_space(style: dict[str, float]) -> None:
    of = ParagraphStyle("of", BODY, **style)
    assert flowed(*(Paragraph(text, of) for text in (ONE, TWO, THREE))).text == (
        f"{ONE}\n\n{TWO}\n\n{THREE}\n"
    )


def test_headings_are_larger_or_bold_lines() -> None:
    bold, large = "<b>2. Payment</b>", '<font size="14">A part of its own</font>'
    run_in = f"<b>2.1 Rent.</b> {ONE}"
    pages = flowed(*(Paragraph(text, BODY) for text in (large, bold, run_in)))
    assert [pages.text[a:b] for a, b in pages.headings] == ["A part of its own", "2. Payment"]
    assert f"2. Payment\n\n2.1 Rent. {ONE}\n" in pages.text


def test_raised_marks_stand_apart() -> None:
    text = (
        "Made on 1 March 2021<super>1</super> and paid,<super>2</super> for 40 m<super>2</super> "
        "of H<sub>2</sub>O on the 1<super>st</super> of May."
    )
    assert flowed(Paragraph(text, BODY)).text == (
        "Made on 1 March 2021 [1] and paid, [2] for 40 m^2 of H2O on the 1st of May.\n"
    )


def test_footnotes_of_columns_come_after_the_text() -> None:
    def draw(canvas: Canvas) -> None:
        for x, text, mark in ((72.0, ONE, "1"), (330.0, TWO, "2")):
            lines(canvas, x, 700, wrapped(text, 200))
            canvas.line(x, 100, x + 60, 100)
            note = f"{mark} See the note of the court on that, which the parties to it have read."
            lines(canvas, x, 88, wrapped(note, 200, 7), 7, 9)
        canvas.showPage()
        lines(canvas, 72, 700, wrapped(THREE, 460))

    note = "See the note of the court on that, which the parties to it have read."
    assert read(draw).text == f"{ONE}\n\n{TWO}\n\n[1] {note}\n\n[2] {note}\n\n{THREE}\n"


def test_running_heads_are_set_aside_and_named() -> None:
    romans = ("i", "ii", "iii", "iv", "v", "vi")
    bodies = [f"{' '.join(text.split()[at:])}" for at in (0, 1) for text in (ONE, TWO, THREE)]

    def draw(canvas: Canvas) -> None:
        for at, body in enumerate(bodies):
            side = ("Lease of houses", f"{at + 9}") if at % 2 else (f"{at + 9}", "Chapter Two")
            lines(canvas, 72, 770, side[:1], 8)
            canvas.drawRightString(540, 770, side[1])
            lines(canvas, 72, 720, wrapped(body, 460))
            lines(canvas, 300, 30, [romans[at]], 8)
            canvas.showPage()

    pages = read(draw)
    assert " ".join(pages.text.split()) == " ".join(bodies)
    (note,) = pages.notes
    for head in ("“9 Chapter Two” (3 pages)", "“Lease of houses 10” (3 pages)", "“i” (6 pages)"):
        assert head in note


def test_numbers_of_lines_are_set_aside() -> None:
    texts = wrapped(" ".join([ONE, TWO, THREE] * 3), 400)

    def draw(canvas: Canvas) -> None:
        for at in (0, 8):
            for number, text in enumerate(texts[at : at + 8] + texts[at : at + 4], 1):
                lines(canvas, 50, 720 - 24 * number, [str(number)])
                lines(canvas, 90, 720 - 24 * number, [text])
            canvas.showPage()

    pages = read(draw)
    assert " ".join(pages.text.split()).startswith(" ".join(texts[:8]))
    assert "“line numbers” (2 pages)" in pages.notes[0]


def test_a_large_initial_belongs_to_its_word() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 36)
        canvas.drawString(72, 680, "T")
        texts = wrapped(ONE[1:], 350)
        lines(canvas, 96, 698, texts[:2])
        lines(canvas, 72, 673, texts[2:])

    assert " ".join(read(draw).text.split()) == ONE


def test_what_repeats_but_is_no_head_stays() -> None:
    def letters(canvas: Canvas) -> None:
        for _ in range(4):
            lines(canvas, 72, 770, ["Dear Sir,"])
            lines(canvas, 72, 740, wrapped(ONE, 460))
            canvas.showPage()

    pages = read(letters)
    assert (pages.text.count("Dear Sir,"), pages.text.count(ONE), pages.notes) == (4, 4, [])

    def once(canvas: Canvas) -> None:
        for text in (ONE, TWO, THREE):
            lines(canvas, 72, 770, ["Only this page has a head."] if text is TWO else [], 8)
            lines(canvas, 72, 720, wrapped(text, 460))
            canvas.showPage()

    assert "Only this page has a head." in read(once).text


def test_the_number_of_the_only_page_and_of_none() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 72, 720, wrapped(ONE, 460))
        lines(canvas, 280, 30, ["Page 1 of 1"], 8)

    assert read(draw).text == f"{ONE}\n"

    def other(canvas: Canvas) -> None:
        lines(canvas, 72, 720, wrapped(ONE, 460))
        lines(canvas, 280, 30, ["Part 2 of 7"], 8)

    assert "Part 2 of 7" in read(other).text


def test_spreads_are_read_page_by_page() -> None:
    texts = iter([ONE, TWO, THREE, f"{TWO} {ONE}", f"{THREE} {TWO}", f"{ONE} {THREE}"])
    expected = [ONE, TWO, THREE, f"{TWO} {ONE}", f"{THREE} {TWO}", f"{ONE} {THREE}"]

    def draw(canvas: Canvas) -> None:
        number = 1
        for _ in range(3):
            for x in (60.0, 480.0):
                lines(canvas, x, 565, ["THE LEASE OF HOUSES"], 8)
                lines(canvas, x, 520, wrapped(next(texts), 280))
                lines(canvas, x + 140, 30, [str(number)], 8)
                number += 1
            canvas.showPage()

    pages = read(draw, (842, 595))
    assert " ".join(pages.text.split()) == " ".join(expected)
    assert pages.starts == [0, pages.text.index(THREE), pages.text.index(f"{THREE} {TWO}")]
    assert "“THE LEASE OF HOUSES” (3 pages)" in pages.notes[0]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("turned", [False, True])
def test_rotated_pages_and_rotated_text(rotation: int, turned: bool) -> None:
    lines_of = wrapped(ONE, 300)
    start = b"BT /F1 10 Tf 12 TL " + (b"0 1 -1 0 300 100 Tm" if turned else b"100 500 Td")
    shown = b" ".join(b"(%s) ' " % line.encode() for line in lines_of)
    data = written(start + b" " + shown + b" ET").replace(
        b"/Type /Page /", b"/Type /Page /Rotate %d /" % rotation
    )
    assert read_pages(data).text == f"{ONE}\n"


def test_stamps_across_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        for text in (ONE, TWO, THREE):
            lines(canvas, 72, 500, wrapped(text, 460))
            for x, y, angle, said in ((200, 300, 45, "DRAFT COPY"), (30, 400, 90, "Filed in May")):
                if angle == 45 or text is TWO:
                    canvas.saveState()
                    canvas.translate(x, y)
                    canvas.rotate(angle)
                    lines(canvas, 0, 0, [said], 30)
                    canvas.restoreState()
            canvas.showPage()

    pages = read(draw)
    assert pages.text == f"{ONE}\n\n{TWO}\n\nFiled in May\n\n{THREE}\n"
    assert "“DRAFT COPY” (3 pages)" in pages.notes[0]


def test_scripts_from_right_to_left_are_in_logical_order() -> None:
    """The page shows letters from right to left and numbers from left to right."""
    text = "הדייר ישלם את שכר הדירה ביום הראשון של כל חודש 2021 בשקלים חדשים"
    shown = [word if word.isdigit() else word[::-1] for word in reversed(text.split())]
    codes = {character: at + 1 for at, character in enumerate(sorted(set(text)))}
    hexed = "".join(f"{codes[character]:04x}" for character in " ".join(shown))
    pairs = "\n".join(f"<{code:04x}> <{ord(character):04x}>" for character, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def "
        "1 begincodespacerange <0000> <ffff> endcodespacerange "
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    ).encode()
    data = written(
        f"BT /F2 12 Tf 72 700 Td <{hexed}> Tj ET".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H "
        b"/DescendantFonts [7 0 R] /ToUnicode 8 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /DW 600 "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap),
    ).replace(b"/F1 5 0 R", b"/F1 5 0 R /F2 6 0 R")
    assert read_pages(data).text == f"{text}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("All termi-|nation of it. The termination is due.", "All termination of it."),
        ("A non-|compete clause. This non-compete ends.", "A non-compete clause."),
        ("A well-|known firm. It is well-known here.", "A well-known firm."),
        ("The state-of-the-|art plant is new to us.", "The state-of-the-art plant is new to us."),
        ("Short- and long-|term leases. A long-term lease.", "Short- and long-term leases."),
        ("The short-|and long-term leases are due.", "The short- and long-term leases are due."),
        ("The pages 12-|14 are left out of it.", "The pages 12-14 are left out of it."),
        ("Both and/|or one of them are due.", "Both and/or one of them are due."),
        ("The fee—|which is due—is paid.", "The fee—which is due—is paid."),
        ("The fee –|which is due – is paid.", "The fee – which is due – is paid."),
        ("It is Anglo-|American law that governs.", "It is Anglo-American law that governs."),
    ],
)
def test_hyphens_at_line_ends(text: str, expected: str) -> None:
    def draw(canvas: Canvas) -> None:
        first, second = text.split("|")
        canvas.setFont("Helvetica", 10)
        for at, line in enumerate((f"We have agreed between us on what follows: {first}", second)):
            canvas.drawString(72, 700 - 12 * at, line)
        lines(canvas, 72, 660, wrapped("Here is a line that is as wide as lines are.", 460))

    pages = read(draw)
    assert expected in pages.text
    at = pages.text.index(expected)
    # Each letter keeps the line that it stands on.
    tops = pages.box[at : at + len(expected), 1]
    assert set(tops[~(tops != tops)].round().tolist()) == {tops[0].round(), (tops[0] + 12).round()}


def test_text_is_read_once_and_only_what_is_on_the_page() -> None:
    def draw(canvas: Canvas) -> None:
        for shift in (0, 0.4):  # a shadow
            lines(canvas, 72 + shift, 700 - shift, ["The fee is due."])
        lines(canvas, 72, 900, ["Above the page."])

    pages = read(draw)
    assert pages.text == "The fee is due.\n"
    assert pages.notes == ["13 characters outside of the pages were not read"]


def test_fields_of_a_form_without_a_drawing_and_boxes_to_tick() -> None:
    def draw(canvas: Canvas) -> None:
        form = canvas.acroForm
        lines(canvas, 72, 700, ["Tenant:"])
        form.textfield(name="tenant", x=150, y=692, width=200, height=20, value="Ann Lee of Rome")
        for y, name, checked in ((660, "Pets", True), (620, "Smoking", False)):
            lines(canvas, 72, y, [f"{name}:"])
            form.checkbox(name=name, x=150, y=y - 3, size=12, checked=checked)
        canvas.textAnnotation("A sticky note.", Rect=[400, 400, 420, 420])
        canvas.freeTextAnnotation("A rider.", DA="/Helv 12 Tf", Rect=[72, 400, 300, 420])

    pages = read(draw)
    assert "Tenant:\tAnn Lee of Rome\n" in pages.text
    for part in ("Pets: [x]", "Smoking: [ ]", "A rider."):
        assert part in pages.text.replace("\t", " ")
    assert pages.notes == ["comments were not read: page 1"]


@pytest.mark.parametrize("shape", ["rows", "words in a row", "columns", "one place"])
def test_time_grows_with_the_length_of_a_page(shape: str) -> None:
    def page(count: int) -> bytes:
        step = {
            "rows": b"(ab cd) Tj 0 -0.05 Td ",
            "words in a row": b"(a) Tj 0.02 0 Td ",
            "columns": b"(a b c) Tj 300 0 Td (a b c) Tj -300 -0.2 Td ",
            "one place": b"(a) Tj 0 0.001 Td ",
        }[shape]
        return written(b"BT /F1 0.04 Tf 20 780 Td " + step * count + b" ET")

    def seconds(count: int) -> float:
        start = time.process_time()
        read_pages(page(count))
        return time.process_time() - start

    seconds(10)
    short, long = min(seconds(400), seconds(400)), seconds(3_200)
    assert long < 30 * short + 0.5
