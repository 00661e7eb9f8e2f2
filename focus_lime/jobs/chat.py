"""OpenAI-style conversations: every message, tool call and tool result is a turn of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from focus_lime.errors import FocusLimeError, near
from focus_lime.prompt.prompt import read_messages

Kind = Literal["message", "tool call", "tool result"]

_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


@dataclass(frozen=True)
class Turn:
    """What one side says at once.

    Attributes:
        number: of the message in the file, from 1; a message with tool calls is several turns.
        role: system, user, assistant or tool.
        name: of the tool, where there is one.
        attributable: whether it may be what raised the flag: all but the system's, unless the
            message says otherwise.
    """

    number: int
    role: str
    kind: Kind
    text: str
    name: str | None = None
    attributable: bool = True

    @property
    def title(self) -> str:
        what = f"{self.kind} {self.name}" if self.name else self.kind
        return f"{self.number} {self.role}" + ("" if self.kind == "message" else f" ({what})")


@dataclass(frozen=True)
class Chat:
    name: str
    turns: tuple[Turn, ...]

    @property
    def sources(self) -> tuple[Turn, ...]:
        """The turns whose text may be perturbed: source i of the prompt is the i-th."""
        return tuple(turn for turn in self.turns if turn.attributable)


def read_chat(path: str | Path) -> Chat:
    """The conversation in a JSON file: a list of messages, or an object with the key `messages`.

    Raises:
        FocusLimeError: no JSON, an unknown role, an image or other content that is not text, no
            text at all.
    """
    turns: list[Turn] = []
    names: dict[str, str] = {}  # of the tools, by the id of the call
    for number, message in enumerate(read_messages(path), start=1):
        where = f"{path}: message {number}"
        if not isinstance(message, Mapping) or "role" not in message:
            raise FocusLimeError(f"{where} needs a role and content, got: {message!r:.80}")
        said = message["role"]
        if said not in _ROLES:
            raise FocusLimeError(f"{where}: no role {said!r}: {near(str(said), _ROLES)}")
        role = _ROLES[said]
        attributable = bool(message.get("attributable", role != "system"))
        text = _content(where, message.get("content"))
        calls = list(_calls(where, message, names))
        if role == "tool":
            name = names.get(str(message.get("tool_call_id")), message.get("name"))
            turns.append(Turn(number, role, "tool result", text, name, attributable))
            continue
        if text or not calls:
            turns.append(Turn(number, role, "message", text, None, attributable))
        turns += [Turn(number, role, "tool call", t, name, attributable) for name, t in calls]
    chat = Chat(str(path), tuple(turns))
    if not any(turn.text.strip() for turn in chat.sources):
        raise FocusLimeError(f"{path} has no text but the system's: there is nothing to explain")
    return chat


def _content(where: str, content: Any) -> str:
    """Text, or a list of parts that are all text."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise FocusLimeError(f"{where}: content must be text, got {type(content).__name__}")
    texts: list[str] = []
    for part in content:
        kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
        if kind not in ("text", "input_text", "output_text", "refusal"):
            raise FocusLimeError(f"{where} holds {kind}: only text can be explained; take it out")
        texts.append(str(part.get("text", part.get("refusal", ""))))
    return "\n".join(texts)


def _calls(
    where: str, message: Mapping[str, Any], names: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """(name, text) of each tool call; the text is `name(arguments)`, as the file has them."""
    calls = message.get("tool_calls") or []
    if old := message.get("function_call"):
        calls = [{"function": old}]
    for call in calls:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            raise FocusLimeError(f"{where}: a tool call needs a function with a name: {call!r:.80}")
        arguments = function.get("arguments", "")
        if not isinstance(arguments, str):
            arguments = json.dumps(arguments, ensure_ascii=False)
        names[str(call.get("id"))] = function["name"]
        yield function["name"], f"{function['name']}({arguments})"
