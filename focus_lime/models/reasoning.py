"""The reasoning that some models write before their answer, kept apart from it."""

from __future__ import annotations

from collections.abc import Sequence

from focus_lime.models.base import Response, first_token

# What opens the reasoning, and what ends it: of DeepSeek-R1, Qwen3, SmolLM3 and most others; of
# models that spell it out; of Magistral; of gpt-oss.
_MARKS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("[THINK]", "[/THINK]"),
    (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
)


def begun(prompt: str) -> tuple[str, str] | None:
    """The marks of the reasoning that a rendered prompt has opened in the model's place; None where
    the model begins with what it likes.
    """
    prompt = prompt.rstrip()
    return next((marks for marks in _MARKS if prompt.endswith(marks[0])), None)


def find(text: str, is_begun: bool = False) -> tuple[str, int] | None:
    """The reasoning that a response begins with, and the character where the answer begins, the end
    of the text where there is none yet. None of a response without reasoning.

    Where its first mark is missing it is what stands before the mark that ends it: many chat
    templates write the first one in the prompt.

    Args:
        is_begun: the prompt has opened it.
    """
    before = len(text) - len(text.lstrip())
    for mark, end in _MARKS:
        is_marked = text.startswith(mark, before)
        start = before + len(mark) if is_marked else 0
        stop = text.find(end, start)
        # Where nothing opened it, both marks in the text are an answer that quotes them.
        if stop >= 0 and (is_marked or is_begun or mark not in text[:stop]):
            after = text[stop + len(end) :]
            return text[start:stop].strip(), len(text) - len(after.lstrip())
        if is_marked:
            return text[start:].strip(), len(text)
    return (text.strip(), len(text)) if is_begun else None


def apart(ids: Sequence[int], pieces: Sequence[str], is_begun: bool = False) -> Response:
    """The response of these tokens, its reasoning apart: see `find`.

    Args:
        pieces: the text of each of the ids.
    """
    text = "".join(pieces)
    reasoning, answer = find(text, is_begun) or ("", 0)
    n_reasoning = first_token(pieces, answer) if answer < len(text) else len(pieces)
    return Response(text[answer:], tuple(ids), reasoning, n_reasoning)
