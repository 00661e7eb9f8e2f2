"""pytest tests/inputs/test_words.py"""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from focus_lime.inputs.cut import words
from tests.scaling import is_linear

_CHARACTERS = st.one_of(
    st.characters(exclude_categories=["Cs"]),
    st.sampled_from(
        "aZé0 9.,:;-_'’/\\@()[]“”$€%\t\r\n\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
        "\u0301\u0308\ufe0e\ufe0f\u20e3👩👧👍🏽🇩🇪❤©葛\U000e0100漢かがカーหำไทกำख्क्षि한ᄒ"
        "ᅡᆫکلאב\u05f4\u0600\u0e33ក្မမ္"
    ),
)
_PIECES = st.sampled_from([
    "$1,000,500.75", " €", "https://a.cn/x?y=1", "b.c@d.org", "7.2(b)(iii)", "C:\\x\\y.txt",
    "don't", "\r\n", "  ", "👩‍👩‍👧", "葛\U000e0100", "ภาษาไทย", "नमस्ते", "(a)(b)", "3 %", "“好。”",
])  # fmt: skip
TEXTS = st.one_of(
    st.text(_CHARACTERS, max_size=60), st.lists(_PIECES | _CHARACTERS, max_size=20).map("".join)
)


def split(text: str) -> list[str]:
    """The words, without the white space after them."""
    return [text[a:b].strip() for a, b in words(text)]


@given(TEXTS)
@settings(max_examples=500, deadline=None)
def test_words_tile_any_text_and_begin_where_unicode_lets_a_word_begin(text: str) -> None:
    found = words(text)
    assert "".join(text[a:b] for a, b in found) == text
    graphemes = {m.start() for m in regex.finditer(r"\X", text)}
    boundaries = {m.start() for m in regex.finditer(r"(?wV1)\b", text)}
    for start, end in found[1:]:
        assert start in graphemes
        # Punctuation and white space make no word, so their edges are none to the oracle.
        assert start in boundaries or not text[start - 1 : start + 1].isalnum()
        assert not text[start:end].isspace()
    assert not found or text[slice(*found[0])].strip() or not text.strip()


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_a_range_is_tiled_by_itself(text: str, begin: int, length: int) -> None:
    begin = min(begin, len(text))
    end = min(begin + length, len(text))
    found = words(text, begin, end)
    assert "".join(text[a:b] for a, b in found) == text[begin:end]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cap of $1,000,500.75 now", "cap|of|$1,000,500.75|now"),
        ("zu 1.000.500,75 € und 4,5 % ab", "zu|1.000.500,75 €|und|4,5 %|ab"),
        ("€ 400 or 5 $10 notes", "€ 400|or|5|$10|notes"),
        ("12:30 on 2024-05-12.", "12:30|on|2024-05-12."),
        ("2024-05-12T10:00:00Z 1'000 ٣٬٠٠٠", "2024-05-12T10:00:00Z|1'000|٣٬٠٠٠"),
        ("§7.2, Section 7.2(b)(iii) or (a)(ii)", "§7.2,|Section|7.2(b)(iii)|or|(a)(ii)"),
        ("mail to bob.x+y@mail.example.com;", "mail|to|bob.x+y@mail.example.com;"),
        ("(https://a.b/c?d=e&f=g#h).", "(https://a.b/c?d=e&f=g#h)."),
        ("www.example.org/x y", "www.example.org/x|y"),
        ("src/main.py ../a/../b C:\\U\\me /etc/x", "src/main.py|../a/../b|C:\\U\\me|/etc/x"),
        ("snake_case, C++ and C#", "snake_case,|C++|and|C#"),
        ("don't l’accord well-known U.S.A.", "don't|l’accord|well-known|U.S.A."),
        ("AT&T's Affiliate(s)", "AT&T's|Affiliate(s)"),
        ("Don't pay (the re-sold) foo(bar,baz) —", "Don't|pay|(the|re-sold)|foo(|bar,|baz)|—"),
        ("适用法律。第二", "适|用|法|律。|第|二"),
        ("他说：“好。”见https://a.cn/x。", "他|说：|“好。”|见|https://a.cn/x。"),
        ("カタカナとひら", "カタカナ|と|ひ|ら"),
        ("葛\U000e0100城", "葛\U000e0100|城"),
        ("ok👩‍👩‍👧👍🏽🇩🇪🇫🇷", "ok|👩‍👩‍👧|👍🏽|🇩🇪|🇫🇷"),
        ("नमस्ते क्षत्रिय!", "नमस्ते|क्षत्रिय!"),
        ("한국어 \u1112\u1161\u11ab\u1100\u1173", "한국어|\u1112\u1161\u11ab\u1100\u1173"),
        ("هل الإشعار ثلاثة أشهر؟", "هل|الإشعار|ثلاثة|أشهر؟"),
        ('می\u200cخواهم צה"ל', 'می\u200cخواهم|צה"ל'),
        ("น้ำดี", "น้ำ|ดี"),
        ("ខ្មែរ\u200bម", "ខ្មែ|រ\u200b|ម"),
        ("  \n a", "a"),
    ],
)  # fmt: skip
def test_what_people_read_as_one_is_one(text: str, expected: str) -> None:
    assert split(text) == expected.split("|")


def test_white_space_alone_is_one_unit_only_where_there_is_nothing_else() -> None:
    assert words(" \n\t ") == [(0, 4)]
    assert words("") == []
    assert [a for a, _ in words(" \u200b a \u200b b ")] == [0, 7]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_or_not_a_word_is_the_same(form: str) -> None:
    text = unicodedata.normalize(form, "Ünïcödé naïve Ελληνικά")  # type: ignore[arg-type]
    assert [unicodedata.normalize("NFC", w) for w in split(text)] == [
        "Ünïcödé",
        "naïve",
        "Ελληνικά",
    ]


@pytest.mark.parametrize(
    "piece",
    ["a", "a+", "a-", "a.", "a@", "(", "(a)", ")(", "a:", "1,", "http://", "\u0301", "👩‍", "🇩",
     "กำ", "$ ", "/.", "5 ", "\u200d", "ᄒ", "é", "w.w@", "“", "\u200b", "\u0600", "क्"],
)  # fmt: skip
def test_time_grows_with_the_text_alone(piece: str) -> None:
    assert is_linear(lambda count: words(piece * count), 4_000)
