"""OpenAI-style conversations: every message, tool call and tool result is a turn of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.files import load_json
from focus_lime.inputs.messages import Messages
from focus_lime.inputs.places import TurnPlace
from focus_lime.inputs.readers.hygiene import check_whole
from focus_lime.inputs.units import Span

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

    def place(self, start: int, end: int) -> TurnPlace:
        return TurnPlace(number=self.number, role=self.role, kind=self.kind, start=start, end=end)


@dataclass(frozen=True)
class Chat:
    """A conversation as the turns that it is made of.

    Args:
        name: for messages and results; of a file, its path.
    """

    name: str
    turns: tuple[Turn, ...]

    def __post_init__(self) -> None:
        if not any(turn.text.strip() for turn in self.sources):
            raise FocusLimeError(
                f"{self.name} has no attributable text, none but the system's: there is nothing to "
                "explain"
            )

    @property
    def sources(self) -> tuple[Turn, ...]:
        """The turns whose text may be perturbed: source i of the prompt is the i-th."""
        return tuple(turn for turn in self.turns if turn.attributable)

    def place(self, span: Span) -> TurnPlace:
        """Where a span of the sources stands in the conversation."""
        return self.sources[span.source].place(span.start, span.end)

    @classmethod
    def from_messages(
        cls, messages: Iterable[Mapping[str, Any]], name: str = "the conversation"
    ) -> Chat:
        """
        Args:
            messages: as OpenAI's chat completions take them.

        Raises:
            FocusLimeError: no message, an unknown role, an image or other content that is not text,
                no text at all.
        """
        turns: list[Turn] = []
        tools: dict[str, str] = {}  # names, by the id of the call
        for number, message in enumerate(messages, start=1):
            turns += _turns(f"{name}: message {number}", number, message, tools)
        if not turns:
            raise FocusLimeError(f"{name} has no messages: give at least one")
        return cls(name, tuple(turns))

    @property
    def splitter(self) -> Messages:
        """Each source a message with its title as its name."""
        return Messages(tuple(turn.title for turn in self.sources))


def read_chat(path: str | Path) -> Chat:
    """The conversation in a JSON file: a list of messages, or an object with the key `messages`.

    Raises:
        FocusLimeError: no JSON, or no conversation; see `Chat.from_messages`.
    """
    data = load_json(path)
    messages = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(messages, list) or not messages:
        raise FocusLimeError(f'{path} has no messages: give a list of {{"role", "content"}} pairs')
    return Chat.from_messages(messages, str(path))


def _turns(where: str, number: int, message: Any, tools: dict[str, str]) -> Iterator[Turn]:
    """The turns of one message; `tools` learns the names of the tools that it calls."""
    if not isinstance(message, Mapping) or "role" not in message:
        raise FocusLimeError(f'{where} needs "role" and "content", got: {message!r:.80}')
    if message["role"] not in _ROLES:
        raise FocusLimeError(
            f"{where}: no role {message['role']!r}: {suggest(str(message['role']), _ROLES)}"
        )
    role = _ROLES[message["role"]]
    attributable = bool(message.get("attributable", role != "system"))
    calls = list(_calls(where, message, tools))
    if not calls and message.get("content") is None:
        raise FocusLimeError(f'{where} needs "role" and "content", got: {message!r:.80}')
    text = _content(where, message.get("content"))
    check_whole(where, text)
    if role == "tool":
        name = tools.get(str(message.get("tool_call_id")), message.get("name"))
        check_whole(f"{where}: the tool's name", str(name or ""))
        yield Turn(number, role, "tool result", text, name, attributable)
        return
    if text or not calls:
        yield Turn(number, role, "message", text, None, attributable)
    for name, call in calls:
        check_whole(where, call)
        yield Turn(number, role, "tool call", call, name, attributable)


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
