"""pytest tests/inputs/readers/test_hygiene.py"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from focus_lime import FocusLimeError, Prompt
from focus_lime.inputs.chats import read_chat
from focus_lime.inputs.documents import read
from focus_lime.inputs.readers.hygiene import check_whole, unseen_notes

HALF = "a refund \ud83d"


def test_half_a_character_is_refused_with_its_place() -> None:
    with pytest.raises(FocusLimeError, match=r"x holds half of a character \(U\+D83D at 9\)"):
        check_whole("x", HALF)
    check_whole("x", "a refund 😀")
    for make in (
        lambda: Prompt.from_text(HALF),
        lambda: Prompt.from_document(HALF),
        lambda: Prompt.from_text("a text", HALF),
        lambda: Prompt.from_text("a text", system=HALF),
        lambda: Prompt.from_passages([{"text": "a", "name": HALF}]),
        lambda: Prompt.from_messages([{"role": "user", "content": HALF}]),
    ):
        with pytest.raises(FocusLimeError, match=r"half of a character \(U\+D83D"):
            make()


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": HALF},
        {"role": "user", "content": [{"type": "text", "text": HALF}]},
        {"role": "tool", "name": HALF, "content": "a"},
        {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": HALF}}]},
    ],
)
def test_a_chat_with_half_a_character_is_named(tmp_path: Path, message: object) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"role": "user", "content": "hi"}, message]))
    with pytest.raises(FocusLimeError, match=r"a\.json: message 2.*half of a character"):
        read_chat(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pay \u202eecneg\u202c now", "2 of: control of the direction of writing"),
        ("a\U000e0041\U000e0042", "2 of: invisible tag"),
        ("a\x1b[31m", "1 of: control character"),
        ("a \ufffd", "U+FFFD"),
        ("li\u200ba\u200bb\u200ble", "3 of: character without width"),
    ],
)
def test_what_nobody_sees_is_noted(tmp_path: Path, text: str, said: str) -> None:
    (note,) = unseen_notes(text)
    assert said in note
    (tmp_path / "a.txt").write_text(text, encoding="utf-8", newline="")
    document = read(tmp_path / "a.txt")
    assert (document.text, document.notes) == (text, (note,))


def test_usual_text_has_no_note_and_keeps_its_line_ends(tmp_path: Path) -> None:
    text = "a\r\nb\rc\td\f\n می‌خواهم 👩‍👩‍👧 e\u00a0f " + "long " * 100_000
    (tmp_path / "a.txt").write_text(text, encoding="utf-8", newline="")
    assert read(tmp_path / "a.txt").text == text
    assert read(tmp_path / "a.txt").notes == ()
