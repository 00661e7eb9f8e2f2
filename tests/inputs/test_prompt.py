"""pytest tests/inputs/test_prompt.py"""

import json
from pathlib import Path

import pytest

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.chats import read_chat
from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span


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
    assert prompt.texts_without([Span(0, 1, 3), Span(0, 4, 5), Span(1, 0, 3)], "_") == [
        "a_d_f",
        "_",
    ]
    assert prompt.texts_without([], "_") == ["abcdef", "ghi"]


def test_a_prompt_without_spans_keeps_its_roles_and_its_question() -> None:
    prompt = Prompt.from_messages(
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "abcdef"}], "Why?"
    )
    left = prompt.without([Span(0, 1, 3)], "_")
    assert [(m.role, m.content) for m in left.messages] == [
        ("system", "Be brief."), ("user", "a_def"), ("user", "Question: Why?"),
    ]  # fmt: skip
    assert left.sources == ("a_def",)
    assert left.question == "Why?"
    with pytest.raises(FocusLimeError, match="no attributable text"):
        prompt.without([Span(0, 0, 6)], "")


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "no messages"),
        ([{"role": "user"}], 'needs "role" and "content"'),
        (["hi"], 'needs "role" and "content"'),
        ([{"role": "judge", "content": "x"}], "no role 'judge'"),
        ([{"role": "user", "content": None}], 'needs "role" and "content"'),
        ([{"role": "user", "content": 3}], "content must be text"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "holds image_url: only text"),
        ([{"role": "system", "content": "only rules"}], "no attributable text"),
        ([{"role": "user", "content": " \n"}], "no attributable text"),
    ],
)
def test_bad_conversations_are_named(messages: list[dict[str, object]], complaint: str) -> None:
    with pytest.raises(FocusLimeError, match=complaint):
        Prompt.from_messages(messages)


def test_passages_keep_their_names() -> None:
    prompt = Prompt.from_passages(
        [
            "One fact. Another.",
            {"text": "Second.", "title": "Malta"},
            {"text": "Third", "name": "id7"},
        ],
        question="Which?",
    )
    (text,) = prompt.sources
    assert text == "One fact. Another.\n\nMalta\nSecond.\n\nThird"
    assert prompt.messages[0].content == f"{text}\n\nQuestion: Which?"
    assert prompt.tree.coarse is not None
    assert [unit.name for unit in prompt.tree.coarse] == ["passage 1", "Malta", "id7"]
    assert [unit.name for unit in prompt.tree.scored][:2] == ["passage 1", "passage 1"]
    with pytest.raises(FocusLimeError, match="passage 2 has no text"):
        Prompt.from_passages(["x", " "])


def test_examples_and_rows_are_passages_of_another_level() -> None:
    shots = Prompt.from_passages(["Q: 1\nA: 2", "Q: 3\nA: 4"], level="example", cuts=("line",))
    assert shots.tree.levels == ("example", "line")
    assert len(shots.tree.scored) == 4
    rows = Prompt.from_passages(["a | b", "c | d"], level="row", cuts=("cell",))
    assert [(u.name, u.text(rows.sources)) for u in rows.tree.scored] == [
        ("row 1", "a | "), ("row 1", "b\n\n"), ("row 2", "c | "), ("row 2", "d"),
    ]  # fmt: skip


def test_a_conversation_in_the_format_of_openai() -> None:
    prompt = Prompt.from_messages(
        [
            {"role": "developer", "content": "Rules."},
            {"role": "user", "content": [{"type": "text", "text": "Hi."}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "find", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "Found. Twice."},
        ]
    )  # fmt: skip
    assert [message.role for message in prompt.messages] == ["system", "user", "assistant", "tool"]
    assert prompt.sources == ("Hi.", "find({})", "Found. Twice.")
    assert [unit.name for unit in prompt.tree.units("message")] == [
        "2 user", "3 assistant (tool call find)", "4 tool (tool result find)",
    ]  # fmt: skip


def test_a_document_is_a_text_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "lease.html"
    path.write_text("<p>The rent is 400.</p>")
    prompt = Prompt.from_document(path)
    assert "The rent is 400." in prompt.sources[0]
    assert "<p>" not in prompt.sources[0]
    assert Prompt.from_document("lease.html").sources == ("lease.html",)
    with pytest.raises(FocusLimeError, match=r"is the name of a file: give Path"):
        Prompt.from_document(str(path))
    with pytest.raises(FocusLimeError, match="no such file"):
        Prompt.from_document(tmp_path / "none.txt")


def test_messages_come_as_a_list_or_under_a_key(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    messages = [{"role": "user", "content": "x"}]
    for mark, data in (("", messages), ("\ufeff", {"messages": messages})):
        path.write_text(mark + json.dumps(data), encoding="utf-8")
        assert Prompt.from_chat(read_chat(path)).sources == ("x",)


@pytest.mark.parametrize("text", ["{}", "[]", '{"messages": []}', '{"messages": 3}', "3"])
def test_a_chat_file_without_messages_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "chat.json"
    path.write_text(text)
    with pytest.raises(FocusLimeError, match="has no messages"):
        read_chat(path)


def test_broken_json_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "chat.json"
    path.write_text('[\n{"role": user}]')
    with pytest.raises(FocusLimeError, match=r"is not JSON \(line 2"):
        read_chat(path)
