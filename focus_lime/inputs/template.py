"""Rendering: the one text that a model reads, and where every source stands in it.

The text is made once per prompt by the model's own chat template. A base model has none and
gets the plain form of `plain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a source stands: its character `c` is at `offset + c` for `low <= c < high`.

    `low` and `high` leave out the white space that a template trimmed off the message.
    """

    offset: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Rendered:
    text: str
    sources: tuple[Placed, ...]


def plain(prompt: Prompt) -> tuple[str, list[int]]:
    """The form for a base model, and where each message's content starts in it.

    A single user message stands as it is, followed by "\\nAnswer:" if the prompt asks a question;
    a conversation is a list of "User: ..." blocks that ends in "Assistant:".
    """
    if len(prompt.messages) == 1:
        content = prompt.messages[0].content
        return content + ("\nAnswer:" if prompt.question is not None else ""), [0]
    text, starts = "", []
    for message in prompt.messages:
        text += f"{message.role.capitalize()}: "
        starts.append(len(text))
        text += f"{message.content}\n\n"
    return text + "Assistant:", starts


def render(prompt: Prompt, tokenizer: Any) -> Rendered:
    """The prompt through the tokenizer's chat template, or the plain form if it has none.

    Raises:
        FocusLimeError: the template refuses the conversation, or rewrites a message so that
            its text cannot be found again.
    """
    if not getattr(tokenizer, "chat_template", None):
        text, starts = plain(prompt)
        trims = [(0, len(message.content)) for message in prompt.messages]
    else:
        contents = [message.content for message in prompt.messages]
        text = _through_template(contents, prompt, tokenizer)
        starts, trims = _locate(prompt, text, tokenizer)
    placed: list[Placed] = []
    for message, start, (low, high) in zip(prompt.messages, starts, trims, strict=True):
        position = 0  # of the segment within the message's content
        for segment in message.segments:
            length = len(segment.text)
            if segment.attributable:
                visible_low = min(max(low - position, 0), length)
                visible_high = max(min(high - position, length), visible_low)
                placed.append(Placed(start - low + position, visible_low, visible_high))
            position += length
    return Rendered(text, tuple(placed))


def _through_template(contents: list[str], prompt: Prompt, tokenizer: Any) -> str:
    conversation = [
        {"role": message.role, "content": content}
        for message, content in zip(prompt.messages, contents, strict=True)
    ]
    try:
        return str(
            tokenizer.apply_chat_template(conversation, tokenize=False, add_generation_prompt=True)
        )
    except Exception as error:  # jinja2's many, raised by templates as they please
        raise FocusLimeError(f"the model's chat template refuses this prompt: {error}") from error


def _locate(prompt: Prompt, text: str, tokenizer: Any) -> tuple[list[int], list[tuple[int, int]]]:
    """Where each message's content starts in `text`, and which part of the content it shows.

    A second rendering with marks in place of the contents gives the template's own text, so that
    a content which also occurs in the template ("user") is not looked for in the wrong place.
    """
    marks = [f"\ue000{number}\ue001" for number in range(len(prompt.messages))]
    skeleton = _through_template(marks, prompt, tokenizer)
    starts: list[int] = []
    trims: list[tuple[int, int]] = []
    position = 0
    for number, (message, mark) in enumerate(zip(prompt.messages, marks, strict=True)):
        before, separator, skeleton = skeleton.partition(mark)
        position += len(before)
        following = skeleton.partition(marks[number + 1])[0] if marks[number + 1 :] else skeleton
        content = message.content
        for shown in (content, content.strip()):
            if separator and text.startswith(shown + following, position):
                low = content.index(shown)
                starts.append(position)
                trims.append((low, low + len(shown)))
                position += len(shown)
                break
        else:
            raise FocusLimeError(
                f"the model's chat template rewrites message {number + 1} ({message.role}), "
                "so its text cannot be attributed"
            )
    return starts, trims
