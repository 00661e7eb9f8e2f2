"""The prompt as the user gives it: messages whose text is attributable or protected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.chats import Chat
from focus_lime.inputs.document import Document
from focus_lime.inputs.documents import read
from focus_lime.inputs.prose import Prose
from focus_lime.inputs.readers.hygiene import check_whole, unseen_notes
from focus_lime.inputs.spans import joined
from focus_lime.inputs.tree import Splitter, UnitTree
from focus_lime.inputs.units import Span

FILE_ENDINGS = (".pdf", ".docx", ".html", ".htm", ".md", ".txt")


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
    """Messages in order. Their attributable segments, in order, are the *sources*; units and every
    offset in a result index these exactly as the user gave them.

    Args:
        splitter: cuts the sources into units.
        notes: what a reader of a result should know about how the text was made.

    Raises:
        FocusLimeError: no message, or no attributable text.
    """

    messages: tuple[Message, ...]
    question: str | None = None
    splitter: Splitter = field(default_factory=Prose)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.messages:
            raise FocusLimeError("the prompt has no messages: give at least one")
        for number, message in enumerate(self.messages, start=1):
            check_whole(f"message {number}", message.content)
        if not any(source.strip() for source in self.sources):
            raise FocusLimeError("the prompt has no attributable text: the document is empty")

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The attributable texts, in the order in which the model reads them."""
        return tuple(s.text for m in self.messages for s in m.segments if s.attributable)

    @property
    def data(self) -> list[list[Any]]:
        """The messages as plain data, for a digest of all that the model may read."""
        return [[m.role, [[s.text, s.attributable] for s in m.segments]] for m in self.messages]

    @cached_property
    def tree(self) -> UnitTree:
        """The units of the sources; cut once.

        Raises:
            FocusLimeError: what cuts them gives no unit tree.
        """
        # A string has a `split` of its own.
        tree = None if isinstance(self.splitter, str) else self.splitter.split(self.sources)
        if not isinstance(tree, UnitTree):
            raise FocusLimeError(
                f"{self.splitter!r:.60} is no splitter: its split gives no UnitTree"
            )
        return tree

    @classmethod
    def from_document(
        cls,
        document: str | PathLike[str] | Document,
        question: str | None = None,
        *,
        system: str | None = None,
        splitter: Splitter | None = None,
    ) -> Prompt:
        """One user message: the document (attributable), a blank line, `Question: ...`.

        Args:
            document: the text; or the `Path` of a PDF, DOCX, HTML, Markdown or text file; or what
                `inputs.documents.read` gave. A string is never taken for a path: a text that comes
                from others must not name a file to read.

        Raises:
            FocusLimeError: an empty question, or a file that cannot be read.
        """
        text, notes = _read(document)
        return cls.from_text(text, question, system=system, splitter=splitter, notes=notes)

    @classmethod
    def from_text(
        cls,
        text: str,
        question: str | None = None,
        *,
        system: str | None = None,
        splitter: Splitter | None = None,
        notes: tuple[str, ...] = (),
    ) -> Prompt:
        """As `from_document`, of a text that is never taken for a path."""
        segments = [Segment(text, True)]
        if question is not None:
            segments.append(question_segment(question, "\n\n"))
        messages = [Message("user", tuple(segments))]
        if system is not None:
            messages.insert(0, Message("system", (Segment(system, False),)))
        return cls(tuple(messages), question, splitter or Prose(), notes)

    @classmethod
    def from_passages(
        cls,
        passages: Sequence[str | Mapping[str, str]],
        question: str | None = None,
        *,
        system: str | None = None,
        level: str = "passage",
        cuts: tuple[str, ...] = ("sentence", "word"),
    ) -> Prompt:
        """Retrieved passages, few-shot examples or rows, and a question about them. They stand one
        after the other with a blank line between, and keep their names through to results.

        Args:
            passages: texts, or mappings with `text` and, if they have any, `name` and `title`; the
                title is a line of its own above the text. Without a name it is "passage 1", ...
            level: what one of them is called.
            cuts: the levels below, of `cut.CUTS`: ("line",) for examples, ("cell",) for rows.

        Raises:
            FocusLimeError: no passage, or one without text.
        """
        texts, names = [], []
        for number, passage in enumerate(passages, start=1):
            parts = {"text": passage} if isinstance(passage, str) else dict(passage)
            text, title = parts.get("text", ""), parts.get("title")
            if not isinstance(text, str) or not text.strip():
                raise FocusLimeError(f"{level} {number} has no text: give a text, or leave it out")
            check_whole(f"the name of {level} {number}", f"{parts.get('name') or ''}{title or ''}")
            texts.append(f"{title}\n{text}" if title else text)
            names.append(str(parts.get("name") or title or f"{level} {number}"))
        text, splitter = joined(texts, names, level=level, cuts=cuts)
        return cls.from_text(text, question, system=system, splitter=splitter)

    @classmethod
    def from_messages(
        cls, messages: Iterable[Mapping[str, Any]], question: str | None = None
    ) -> Prompt:
        """A conversation in OpenAI's format: every role, content parts of text, tool calls and tool
        results. Each message is a unit, named by its number and role.

        Every message but the system's (or developer's) is attributable unless it says
        `"attributable": false` (or `true`). `question` is appended as a last, protected message.

        Raises:
            FocusLimeError: a message that is none, or holds what is no text.
        """
        return cls.from_chat(Chat.from_messages(messages), question)

    @classmethod
    def from_chat(cls, chat: Chat, question: str | None = None) -> Prompt:
        """A conversation through the model's own chat template. Source i is `chat.sources[i]`."""
        messages: list[Message] = []
        for turn in chat.turns:
            segment = Segment(turn.text, turn.attributable)
            if turn.kind == "tool call" and messages and messages[-1].role == "assistant":
                # What one message says and the tools that it calls are one message to the model.
                before = messages.pop().segments
                messages.append(Message(turn.role, (*before, Segment("\n", False), segment)))
            else:
                messages.append(Message(turn.role, (segment,)))
        if question is not None:
            messages.append(Message("user", (question_segment(question),)))
        notes = tuple(unseen_notes("\n".join(turn.text for turn in chat.turns)))
        return cls(tuple(messages), question, chat.splitter, notes)

    def texts_without(self, dropped: Sequence[Span], filler: str) -> list[str]:
        """The content of every message with the spans cut out.

        `dropped` is in reading order; each maximal run of spans is replaced by `filler`.
        """
        contents: list[str] = []
        index = number = 0  # of the source, and of the next span to drop
        for message in self.messages:
            parts: list[str] = []
            for segment in message.segments:
                if not segment.attributable:
                    parts.append(segment.text)
                    continue
                position = 0
                while number < len(dropped) and dropped[number].source == index:
                    span = dropped[number]
                    parts += [segment.text[position : span.start], filler]
                    position, number = span.end, number + 1
                parts.append(segment.text[position:])
                index += 1
            contents.append("".join(parts))
        return contents

    def without(self, dropped: Sequence[Span], filler: str) -> Prompt:
        """This prompt with the spans cut out, for an answer to what is left; see `texts_without`.

        Raises:
            FocusLimeError: no attributable text is left.
        """
        attributable = [any(s.attributable for s in message.segments) for message in self.messages]
        texts = self.texts_without(dropped, filler)
        return Prompt(
            tuple(
                Message(message.role, (Segment(text, is_attributable),))
                for message, text, is_attributable in zip(
                    self.messages, texts, attributable, strict=True
                )
            ),
            self.question,
        )


def question_segment(question: str, before: str = "") -> Segment:
    """The question as the model reads it, after `before`; it is never perturbed.

    Raises:
        FocusLimeError: an empty question.
    """
    if not question.strip():
        raise FocusLimeError("the question is empty: leave it out or ask something")
    return Segment(f"{before}Question: {question}", False)


def _read(document: str | PathLike[str] | Document) -> tuple[str, tuple[str, ...]]:
    """The text of a document and the notes of its reader."""
    if isinstance(document, str):
        if _names_file(document):
            raise FocusLimeError(
                f"the document {document!r} is the name of a file: give Path({document!r}) to read "
                "it; a string is the text itself"
            )
        return document, tuple(unseen_notes(document))
    read_document = document if isinstance(document, Document) else read(Path(document))
    return read_document.text, read_document.notes


def _names_file(document: str) -> bool:
    """Whether a text is so like a path that somebody meant one."""
    path = Path(document)
    return len(document) < 256 and path.suffix.lower() in FILE_ENDINGS and path.is_file()
