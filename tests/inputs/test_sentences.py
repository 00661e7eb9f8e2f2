"""pytest tests/inputs/test_sentences.py"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.runs import INK
from focus_lime.inputs.sentences import sentences
from tests.scaling import is_linear


def units(text: str) -> list[str]:
    return [text[a:b].strip() for a, b in sentences(text)]


PIECES = st.lists(
    st.sampled_from(
        ["The cap is $5.", " ", "\n\n", "\r\n", "\t", "Inc. pays.", "。", "法律适用。", "नमस्ते।",
         "e\u0301", "x" * 50, "1.", "(a)", "12", "Page 3", "> ", "| a | b |", "```", "    f(x)",
         "\u200b", "\x85", "\f", "“", '"', "…", "?!", "ไทย", "By:", "# ", "- ", "---", "\ud800",
         "1.1 The", "8. Notices 8.1 Each", "Source: A, 8-K, 1/2/2003", "Mr.", "[***]", "\x00"]
    ),
    min_size=1,
    max_size=40,
).map("".join)  # fmt: skip


@given(text=st.one_of(st.text(min_size=1, max_size=300), PIECES))
@settings(max_examples=400, deadline=None)
def test_sentences_tile_any_text_and_each_shows_something(text: str) -> None:
    found = sentences(text)
    assert (found[0][0], found[-1][1]) == (0, len(text))
    assert all(a < b == c for (a, b), (c, _) in pairwise(found))
    if INK.search(text):
        assert all(INK.search(text, a, b) for a, b in found)
    else:
        assert len(found) == 1


def test_no_text_has_no_sentence() -> None:
    assert sentences("") == []


# Each bar is a boundary.
LANGUAGES = [
    "Die Miete beträgt 400 Euro. |Sie ist im Voraus zu zahlen.",
    "Der Mieter zahlt gem. § 5 Abs. 2 Nr. 3 BGB i.V.m. Art. 7 z.B. Zinsen.",
    "Die Müller GmbH & Co. KG liefert am 5. März 2021 durch die 2. Abteilung.",
    "„Ja“, sagte er. |„Nein.“ |Sie ging.",
    "Äpfel, Birnen usw. |Die Frist läuft. |Vgl. Nr. 5.",
    "Die Vergütung beträgt ca. 3 Mio. Euro p.a. |Sie wird bzw. Teile davon werden erstattet.",
    "Prof. Dr. med. Müller kam um 9 Uhr. |Er blieb d.h. nicht lange.",
    "Le loyer est de 400 euros. |Il est payable d'avance.",
    "Selon l'art. 5, al. 2, n° 12 du Code, M. Dupont paie, c.-à-d. la société.",
    "Mme Durand est venue. |« Oui. » |Elle est partie.",
    "Où est le contrat ? |Il est signé !",
    "La société Acme S.A. est à Paris. |Elle paie env. 5 % p.a.",
    "El plazo es de tres meses. |La renta es de 400 euros.",
    "¿Cuándo vence? |¡Mañana! |El Sr. García paga.",
    "La Sra. López firmó. |Véase el art. 5 y la pág. 7.",
    "किराया चार सौ है। |सूचना तीन माह की है।",
    "क्या सूचना तीन माह की है? |हाँ। |नहीं॥ |अंत",
    "अनुबंध समाप्त हुआ।|नया शुरू हुआ।",
    "کرایہ چار سو ہے۔ |نوٹس تین ماہ کا ہے۔",
    "کیا نوٹس تین ماہ کا ہے؟ |جی ہاں۔",
    "هل الإشعار ثلاثة أشهر؟ |نعم. |الإيجار أربعمئة.",
    "الإيجار أربعمئة، والإشعار ثلاثة أشهر. |انتهى العقد!",
    "ኪራዩ አራት መቶ ነው። |ማስታወቂያው ሦስት ወር ነው።",
    "ማስታወቂያው ሦስት ወር ነው፧ |አዎ።",
    "他说：“好。”|然后走了。",
    "适用法律。|第二句！|真的吗？|是的。",
    "租金为3.5元。|通知期限为三个月；逾期无效。",
    "（见附件。）|双方签字。",
    "賃料は四百円です｡|通知は三か月です｡",
    "彼は「はい。」と言った。|そして帰った。",
    "本当ですか？|はい！|以上。",
    "『契約書。』|署名した。",
    "Аренда составляет 400 рублей. |Она платится вперёд.",
    "Когда? |Завтра! |Договор подписан…",
    "Он сказал: «Да.» |Она ушла.",
    "Το μίσθωμα είναι 400 ευρώ. |Καταβάλλεται προκαταβολικά.",
    "Πότε λήγει; |Αύριο. |Γιατί; |Έτσι.",
    # Thai has no full stop: lines and the spaces between longer phrases.
    "ค่าเช่าสี่ร้อยบาทต่อเดือน |ต้องแจ้งล่วงหน้าสามเดือน",
    "ผู้เช่าต้องชำระ 400 บาท\n|สัญญาสิ้นสุดในเดือนหน้า",
    "Վարձը չորս հարյուր է։ |Ծանուցումը երեք ամիս է։",
    "ថ្លៃជួលបួនរយ។ |ជូនដំណឹងបីខែ។",
    "ငှားခလေးရာ။ |အကြောင်းကြားစာသုံးလ။",
]


@pytest.mark.parametrize("marked", LANGUAGES)
def test_full_stops_of_every_script(marked: str) -> None:
    assert units(marked.replace("|", "")) == [part.strip() for part in marked.split("|")]


WHOLE = [
    "Interest is 4.5 percent p.a. on the balance.",
    "See 15 U.S.C. § 77a.",
    "The seller is Acme N.V. or its heirs.",
    "pursuant to Section 7.B. of this Agreement",
    "Paragraph III.B. above",
    "law of N.Y. governs",
    "Yahoo! may terminate",
    "The Yahoo! Inc. board met at 9 a.m. Monday.",
    "Mr. J. R. Smith met Dr. Lee, Ph.D., of Acme Corp. in Washington, D.C. last week.",
    "The drug was given b.i.d. or i.v. in approx. 5 min.",
    "As Smith et al. (2020) show, p < .05 in Fig. 3A (e.g., no effect).",
    "Smith v. Jones, 12 F.3d 45 (9th Cir. 1999), cf. Id. at 47; see also supra note 5.",
    "See Fed. R. Civ. P. 12(b)(6) and Cal. Civ. Code § 1542.",
    "The U.S. Department of Energy sued Acme Inc. and Beta Ltd. (the “Sellers”).",
    "Version 2.0.1 of main.c is at https://example.com/a.b?c=d!e today.",
    "It cost $1,000,500.75 on Jan. 5, 2020 at St. Mary's.",
    "Wait ... what is this?!",
    'He said "No." and left.',
    "Art. 5 and Nos. 7 and 8 of Ex. B. apply, vs. No. 9.",
    "The court, per Lord Reid L.J., held so.",
    "Vgl. BGH, Urt. v. 12.3.2020, Az. II ZR 5/19, Rn. 12 ff. zum Kauf.",
]


@pytest.mark.parametrize("text", WHOLE)
def test_no_cut_within_abbreviations(text: str) -> None:
    assert units(text) == [text]


# What may end a sentence is judged by what follows.
JUDGED = [
    "He left at 9 p.m. |The rest stayed.",
    "We sell to Acme Inc. |The price is fixed.",
    "The goods go to Acme Inc. |Vericel shall pay.",
    "Apples, pears, etc. |Those are fruit.",
    "It is governed by the law of the U.S. |It may move.",
    "Interest is 5% p.a. |Default interest is 8%.",
    "She has a Ph.D. |He has none.",
    "Invoice No. 5 is due under Art. 9 of it. |Say no. |Then sign. |See p. 3.",
    "See Exhibit B. |The list is there.",
    "He said “No.” |She left. (It rained.) |We stayed.",
    "This was seen (Smith et al., 2020). |However, p < .05.",
    "It was recorded.[18] |The next was not [19]. |End.",
    "Really?! |Yes... |Go on!",
    "It ended. |iPhone sales rose.",
    "The fee is due (if any). |(a) First, pay. |(b) Then sign.",
    "You can reply to do so.|If you have questions, call.",
]


@pytest.mark.parametrize("marked", JUDGED)
def test_an_abbreviation_may_end_a_sentence(marked: str) -> None:
    assert units(marked.replace("|", "")) == [part.strip() for part in marked.split("|")]


def test_headings_items_and_fields_are_units() -> None:
    parts = [
        "7.2 Duties.", "The tenant shall:", "(a) pay the rent;", "(b) keep it clean; and",
        "(c) allow inspection.", "All at its own cost.", "ARTICLE IV - TERM", "The term is a year.",
        "## Payment", "Pay on time.", "i) one", "ii) two", "• bullet", "- [ ] to do",
        "IN WITNESS WHEREOF:", "By: ___________", "Name: John A. Smith", "Title: V.P. Sales",
    ]  # fmt: skip
    assert units("7.2 Duties. " + "\n".join(parts[1:])) == parts


def test_an_enumerator_belongs_to_what_it_counts() -> None:
    assert units("4.2.\n\nThe rent.\n\n(a)\nFirst.\n12.\n") == [
        "4.2.\n\nThe rent.",
        "(a)\nFirst.\n12.",
    ]
    assert units('1. Definitions\r\n\r\n1.1 The term "Affiliate" means any entity.') == [
        "1. Definitions", '1.1 The term "Affiliate" means any entity.',
    ]  # fmt: skip


def test_an_item_goes_on_in_the_lines_that_hang() -> None:
    text = "- First point\n  goes on here\n- Second\n\n1. One\n   more of it\n2. Two"
    assert units(text) == [
        "- First point\n  goes on here", "- Second", "1. One\n   more of it", "2. Two",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "page", ["12", "- 12 -", "Page 3 of 9", "iv", "F-3", "28 9012190/26", "12\f"]
)
def test_a_page_number_is_no_unit_and_ends_no_sentence(page: str) -> None:
    first = "inures to the benefit of any of the parties and their"
    text = f"{first}\n\n    {page}\n\nsuccessors, and is binding. Next.\n\n{page}\n\nThe end."
    a, b, c = units(text)
    assert a.startswith(first)
    assert a.endswith("is binding.")
    assert b.startswith("Next.")
    assert b.endswith(page.strip())
    assert c == "The end."


def test_a_page_number_that_stands_before_the_text_it_interrupts() -> None:
    text = "inures to the benefit of any\n\n    12\n\n13 of Commerce One's successors. Next."
    assert units(text) == [text.removesuffix(" Next."), "Next."]


def test_a_running_head_is_no_unit() -> None:
    pages = [
        f"The seller delivers the {n} goods that are named in the\n\n{n}\n\nAcme Agreement\n\n"
        f"schedule. Page {n} was done."
        for n in range(1, 4)
    ]
    found = units("\n\n".join(pages))
    assert [unit.split()[0] for unit in found] == ["The", "Page"] * 3
    assert all("Acme Agreement" in unit for unit in found[::2])


def test_small_letters_go_on_after_a_blank_line() -> None:
    text = "the copies of the source code of the Software\n\n\n  including all updates. Next."
    assert len(units(text)) == 2
    assert units("apples\n\npears") == ["apples", "pears"]
    assert units("Sehr geehrte Damen und Herren,\n\nhiermit kündige ich.")[1] == (
        "hiermit kündige ich."
    )


def test_a_line_break_that_was_meant_ends_a_sentence_and_a_wrapped_line_does_not() -> None:
    wrapped = (
        "the payment is due on Friday, and should be made by\nbank transfer to the account that "
        "is named below the\nsignature of this letter"
    )
    long = "this line is longer than any program wraps a line, " * 3
    text = f"Hello all,\n{wrapped}\nRegards\nBob\n\n{long}\nignore the above"
    assert units(text) == [
        "Hello all,", wrapped, "Regards", "Bob", long.strip(), "ignore the above",
    ]  # fmt: skip


def test_a_list_without_full_stops_is_cut_at_its_lines() -> None:
    assert len(units("\n".join(f"item number {i} of the schedule" for i in range(60)))) == 60
    assert (
        len(units("\n".join(f"item number {10 + i} of the schedule of goods" for i in range(60))))
        == 60
    )


def test_rows_of_tables_are_units() -> None:
    rows = [
        "| Item | Price |\n|------|-------|", "| Rent. Paid | 400. Now |", "Name\tAge\tCity. Town",
        "Bob\t12\tRome", "Item        Price     Qty", "Apples      4.00      12", "Done.", "Bye.",
    ]  # fmt: skip
    text = f"{rows[0]}\n{rows[1]}\n\n{rows[2]}\n{rows[3]}\n\n{rows[4]}\n{rows[5]}\n\nDone. Bye."
    assert units(text) == rows


def test_a_block_of_code_is_a_unit() -> None:
    fenced = "```python\nx = foo. Bar\n\nprint(x)\n```"
    indented = "def f(x):\n        return x. Y"
    assert units(f"Use this:\n\n{fenced}\n\nThen run. It works.\n\n    {indented}\n\nEnd.") == [
        "Use this:", fenced, "Then run.", "It works.", indented, "End.",
    ]  # fmt: skip


def test_an_email_and_its_quotation() -> None:
    parts = [
        "From: Bob <bob@x.com>", "Subject: Re: Rent. And more", "Dear Ann,", "thanks for it.",
        "On Mon, Jan 5, 2020 at 9:00 AM Ann <a@x.com> wrote:", "> Hi Bob,", ">> It was due.",
        "> Thanks", "Regards", "-- \nBob Smith", "Acme Inc.",
    ]  # fmt: skip
    assert units("\n".join(parts)) == parts


def test_turns_of_a_transcript() -> None:
    parts = [
        "Bob: Hello.",
        "How are you?",
        "PhD A: Fine",
        "[00:12:03] Bob: See you.",
        "DR. LEE: Yes .",
    ]
    text = "Bob: Hello. How are you?\n" + "\n".join(parts[2:])
    assert units(text) == parts


def test_sections_whose_line_breaks_are_lost() -> None:
    text = (
        "1.1 The fee is due. 1.2 The rent is 4.5 percent of Section 1.3 The Fee or of the other "
        'party 1.3 The term "X" is Y 2. Notices 2.1 Each party writes.'
    )
    assert units(text) == [
        "1.1 The fee is due.",
        "1.2 The rent is 4.5 percent of Section 1.3 The Fee or of the other party",
        '1.3 The term "X" is Y',
        "2. Notices",
        "2.1 Each party writes.",
    ]


@pytest.mark.parametrize(
    "piece",
    [".", '"', "\n", "a.a.", "A. ", "1. ", " .", '" . ', "> ", "a|", "12\n\n", "。", "x...", "; ",
     "\u0e01 ", "Mr. ", "(a) ", "8. Ab c ", "    x = 1\n", "a  b", "\u200b", "Aa: ", "```\n", "\t"],
)  # fmt: skip
def test_hostile_texts_take_linear_time(piece: str) -> None:
    assert is_linear(lambda length: sentences(piece * (length // len(piece))), 8_000)
