"""The prompt as the user gives it: messages whose text is attributable or protected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a message. Only attributable text is ever perturbed."""

    text: str
    attributable: bool


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    segments: tuple[Segment, ...]

    @property
    def content(self) -> str:
        return "".join(segment.text for segment in self.segments)


@dataclass(frozen=True)
class Prompt:
    """Messages in order. Their attributable segments, in order, are the *sources*.

    Units and every offset in a result index the sources exactly as the user gave them.
    """

    messages: tuple[Message, ...]
    question: str | None = None

    def __post_init__(self) -> None:
        if not self.messages:
            raise FocusLimeError("the prompt has no messages: give at least one")
        if not any(source.strip() for source in self.sources):
            raise FocusLimeError("the prompt has no attributable text: the document is empty")

    @property
    def sources(self) -> tuple[str, ...]:
        """The attributable texts, in the order in which the model reads them."""
        return tuple(s.text for m in self.messages for s in m.segments if s.attributable)

    @classmethod
    def from_document(
        cls, document: str, question: str | None = None, *, system: str | None = None
    ) -> Prompt:
        """One user message: the document (attributable), a blank line, `Question: ...`."""
        segments = [Segment(document, True)]
        if question is not None:
            if not question.strip():
                raise FocusLimeError("the question is empty: leave it out or ask something")
            segments.append(Segment(f"\n\nQuestion: {question}", False))
        messages = [Message("user", tuple(segments))]
        if system is not None:
            messages.insert(0, Message("system", (Segment(system, False),)))
        return cls(tuple(messages), question)

    @classmethod
    def from_messages(
        cls, messages: Iterable[Mapping[str, Any]], question: str | None = None
    ) -> Prompt:
        """A conversation: mappings with `role` and `content`.

        Every message but the system's is attributable unless it says `"attributable": false`
        (or `true`, for a system message). `question` is appended as a last, protected user message.
        """
        parsed: list[Message] = []
        for number, message in enumerate(messages, start=1):
            role, content = _checked(number, message)
            attributable = message.get("attributable", role != "system")
            parsed.append(Message(role, (Segment(content, bool(attributable)),)))
        if not parsed:
            raise FocusLimeError("the conversation has no messages: give at least one")
        if question is not None:
            parsed.append(Message("user", (Segment(f"Question: {question}", False),)))
        return cls(tuple(parsed), question)

    def texts_without(self, dropped: Sequence[tuple[int, int, int]], filler: str) -> list[str]:
        """The content of every message with the spans `(source, start, end)` cut out.

        `dropped` is in reading order; each maximal run of spans is replaced by `filler`.
        """
        contents: list[str] = []
        index = 0
        for message in self.messages:
            parts: list[str] = []
            for segment in message.segments:
                if not segment.attributable:
                    parts.append(segment.text)
                    continue
                position = 0
                for source, start, end in dropped:
                    if source == index:
                        parts += [segment.text[position:start], filler]
                        position = end
                parts.append(segment.text[position:])
                index += 1
            contents.append("".join(parts))
        return contents

    def without(self, dropped: Sequence[tuple[int, int, int]], filler: str) -> Prompt:
        """This prompt with the spans cut out, for an answer to what is left; see `texts_without`.

        Raises:
            FocusLimeError: no attributable text is left.
        """
        attributable = [any(s.attributable for s in message.segments) for message in self.messages]
        texts = self.texts_without(dropped, filler)
        return Prompt(
            tuple(
                Message(message.role, (Segment(text, told),))
                for message, text, told in zip(self.messages, texts, attributable, strict=True)
            ),
            self.question,
        )


def _checked(number: int, message: Any) -> tuple[str, str]:
    if not isinstance(message, Mapping) or not {"role", "content"} <= message.keys():
        raise FocusLimeError(f'message {number} needs "role" and "content", got: {message!r:.80}')
    unknown = message.keys() - {"role", "content", "attributable"}
    if unknown:
        raise FocusLimeError(f"message {number} has an unknown key {sorted(unknown)[0]!r}")
    role, content = message["role"], message["content"]
    if role not in ROLES:
        raise FocusLimeError(f"message {number}: role {role!r} is not one of {', '.join(ROLES)}")
    if not isinstance(content, str):
        raise FocusLimeError(
            f"message {number}: content must be text, got {type(content).__name__}"
        )
    return role, content


def read_document(path: str | Path) -> str:
    """The text of a UTF-8 file, character for character: line ends and a byte order mark, too.

    Raises:
        FocusLimeError: no such file, a directory, binary or other encoding, or empty.
    """
    path = Path(path)
    if path.is_dir():
        raise FocusLimeError(f"{path} is a directory: give one text file")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FocusLimeError(f"{path}: no such file") from None
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FocusLimeError(
            f"{path} is not UTF-8 text (byte {error.start}): convert it, for instance with iconv"
        ) from None
    if "\x00" in text:
        raise FocusLimeError(f"{path} is a binary file: give plain UTF-8 text")
    if not text.strip():
        raise FocusLimeError(f"{path} is empty")
    return text


def read_messages(path: str | Path) -> list[dict[str, Any]]:
    """The messages of a JSON file: a list, or an object with the key `messages`."""
    try:
        data = json.loads(read_document(path).removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise FocusLimeError(f"{path} is not JSON (line {error.lineno}: {error.msg})") from None
    messages = data.get("messages") if isinstance(data, dict) else data
    if not isinstance(messages, list) or not messages:
        raise FocusLimeError(f'{path} has no messages: give a list of {{"role", "content"}} pairs')
    return messages
