"""pytest tests/prompt/test_prompt.py"""

import json
from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.prompt.prompt import Prompt, read_document, read_messages


def test_a_document_prompt_protects_the_question() -> None:
    prompt = Prompt.from_document("The law is Nevada.", question="Which law?", system="Be short.")
    assert prompt.sources == ("The law is Nevada.",)
    assert [m.content for m in prompt.messages] == [
        "Be short.",
        "The law is Nevada.\n\nQuestion: Which law?",
    ]


def test_a_conversation_protects_the_system_message_unless_told_otherwise() -> None:
    messages = [
        {"role": "system", "content": "Rules."},
        {"role": "user", "content": "Hi."},
        {"role": "assistant", "content": "Hello.", "attributable": False},
    ]
    assert Prompt.from_messages(messages).sources == ("Hi.",)
    messages[0]["attributable"] = True
    assert Prompt.from_messages(messages, question="Safe?").sources == ("Rules.", "Hi.")


def test_texts_without_cuts_spans_and_fills_each_run_once() -> None:
    prompt = Prompt.from_messages(
        [{"role": "user", "content": "abcdef"}, {"role": "user", "content": "ghi"}]
    )
    assert prompt.texts_without([(0, 1, 3), (0, 4, 5), (1, 0, 3)], "_") == ["a_d_f", "_"]
    assert prompt.texts_without([], "_") == ["abcdef", "ghi"]


def test_a_prompt_without_spans_keeps_its_roles_and_its_question() -> None:
    prompt = Prompt.from_messages(
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "abcdef"}], "Why?"
    )
    left = prompt.without([(0, 1, 3)], "_")
    assert [(m.role, m.content) for m in left.messages] == [
        ("system", "Be brief."), ("user", "a_def"), ("user", "Question: Why?"),
    ]  # fmt: skip
    assert left.sources == ("a_def",)
    assert left.question == "Why?"
    with pytest.raises(FocusLimeError, match="no attributable text"):
        prompt.without([(0, 0, 6)], "")


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "no messages"),
        ([{"role": "user"}], 'needs "role" and "content"'),
        (["hi"], 'needs "role" and "content"'),
        ([{"role": "judge", "content": "x"}], "role 'judge' is not one of"),
        ([{"role": "user", "content": None}], "content must be text"),
        ([{"role": "user", "content": "x", "weight": 1}], "unknown key 'weight'"),
        ([{"role": "system", "content": "only rules"}], "no attributable text"),
        ([{"role": "user", "content": " \n"}], "no attributable text"),
    ],
)
def test_bad_conversations_are_named(messages: list[dict[str, object]], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        Prompt.from_messages(messages)


def test_a_file_is_read_character_for_character(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\tthree\n")
    assert read_document(path) == "one\r\ntwo\tthree\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe\x00a", "not UTF-8"),
        (b"caf\xe9", "not UTF-8 text .byte 3."),
        (b"a\x00b", "binary"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    with pytest.raises(FocusLimeError, match=complaint):
        read_document(path)


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    with pytest.raises(FocusLimeError, match="no such file"):
        read_document(tmp_path / "none.txt")
    with pytest.raises(FocusLimeError, match="is a directory"):
        read_document(tmp_path)


def test_messages_come_as_a_list_or_under_a_key(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    messages = [{"role": "user", "content": "x"}]
    for mark, data in (("", messages), ("\ufeff", {"messages": messages})):
        path.write_text(mark + json.dumps(data), encoding="utf-8")
        assert read_messages(path) == messages


@pytest.mark.parametrize("text", ["{}", "[]", '{"messages": []}', '{"messages": 3}', "3"])
def test_a_chat_file_without_messages_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "chat.json"
    path.write_text(text)
    with pytest.raises(FocusLimeError, match="has no messages"):
        read_messages(path)


def test_broken_json_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_text('[\n{"role": user}]')
    with pytest.raises(FocusLimeError, match=r"is not JSON \(line 2"):
        read_messages(path)
