"""Turns generated contracts and chats into training rows: token ids, and which of them are learned.

One row is one document followed by many questions, each answered; so the cost of reading the
document is shared. Later questions see the earlier answers, the first one stands as it will in
use.
"""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from .chats import QUESTION, Chat, answer
from .contracts import Contract, Question

_OTHER_WEIGHT = 0.25  # weight of an answer token that the question already tells


@dataclass(frozen=True)
class Row:
    """`ids[i]` is to be predicted with weight `weights[i]`; `values` are (task, [positions of
    the value]).
    """

    ids: list[int]
    weights: list[float]
    values: list[tuple[str, list[int]]]


class RowMaker:
    """Encodes rows exactly as the chat template renders them."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        names = ("<s>", "<|user|>", "<|assistant|>", "<|end|>")
        self._bos, self._user, self._assistant, self._end = tokenizer.convert_tokens_to_ids(
            list(names)
        )

    def contract(self, text: str, questions: list[Question]) -> Row:
        """The document with the first question in one message, the others in one message each."""
        row = Row([self._bos], [0.0], [])
        for k, question in enumerate(questions):
            asked = f"Question: {question.question}"
            self._message(row, "user", asked if k else f"{text}\n\n{asked}")
            self._answer(row, question.task, question.answer, question.value)
        return row

    def chat(self, chat: Chat) -> Row:
        """The conversation, then the question whether it is safe."""
        row = Row([self._bos], [0.0], [])
        for message in chat.messages:
            self._message(row, message["role"], message["content"])
        self._message(row, "user", f"Question: {QUESTION}")
        self._answer(row, "chat", answer(chat.verdict), chat.verdict)
        return row

    def _message(self, row: Row, role: str, content: str) -> None:
        ids = self._tokenizer(content, add_special_tokens=False)["input_ids"]
        opening = self._user if role == "user" else self._assistant
        row.ids.extend((opening, *ids, self._end))
        row.weights.extend([0.0] * (len(ids) + 2))

    def _answer(self, row: Row, task: str, sentence: str, value: str) -> None:
        encoded = self._tokenizer(sentence, add_special_tokens=False, return_offsets_mapping=True)
        start = sentence.rindex(value) if task != "yes_no" else 0
        row.ids.append(self._assistant)
        row.weights.append(0.0)
        inside = [
            end > start and begin < start + len(value) for begin, end in encoded["offset_mapping"]
        ]
        row.values.append((task, [len(row.ids) + i for i, hit in enumerate(inside) if hit]))
        row.ids.extend((*encoded["input_ids"], self._end))
        row.weights.extend([1.0 if hit else _OTHER_WEIGHT for hit in inside] + [_OTHER_WEIGHT])


def thin(rng: np.random.Generator, contract: Contract) -> str:
    """The text with random sentences or words taken out, never from a sentence that is evidence."""
    needed = {span for question in contract.questions for span in question.evidence}
    share = float(rng.random()) * 0.6
    whole = rng.random() < 0.7
    parts, position = [], 0
    for span in contract.sentences:
        parts.append(contract.text[position : span[0]])
        sentence, position = contract.text[span[0] : span[1]], span[1]
        if span in needed:
            parts.append(sentence)
        elif whole:
            parts.append("" if rng.random() < share else sentence)
        else:
            words = sentence.split(" ")
            parts.append(
                " ".join(w for w, d in zip(words, rng.random(len(words)), strict=True) if d > share)
            )
    return "".join(parts) + contract.text[position:]


def collate(
    rows: list[Row], pad: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """`ids[b, length]`, and for each learned token: the place before it, its id, its weight,
    `[b, n]` each.
    """
    length = max(len(row.ids) for row in rows)
    learned = [[i for i, weight in enumerate(row.weights) if weight] for row in rows]
    n = max(map(len, learned))
    ids = torch.full((len(rows), length), pad)
    places, labels = (
        torch.zeros(len(rows), n, dtype=torch.long),
        torch.zeros(len(rows), n, dtype=torch.long),
    )
    weights = torch.zeros(len(rows), n)
    for b, row in enumerate(rows):
        ids[b, : len(row.ids)] = torch.tensor(row.ids)
        at = torch.tensor(learned[b])
        places[b, : len(at)] = at - 1
        labels[b, : len(at)] = ids[b, at]
        weights[b, : len(at)] = torch.tensor(row.weights)[at]
    return ids, places, labels, weights
