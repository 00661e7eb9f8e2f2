"""Measures the bundled models: greedy answers to prompts exactly as the library renders them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import DynamicCache, LlamaForCausalLM, PreTrainedTokenizerBase

from .chats import QUESTION, answer, generate_chat
from .contracts import Question, generate_contract

TOKENS_PER_WORD = 1.17
"""Of generated contracts, under the bundled tokenizer."""

_QUESTIONS_PER_DOCUMENT = 10


@dataclass(frozen=True)
class Accuracy:
    """`right` of `n` greedy answers hold the value; `size` is prompt tokens, or messages for
    `task` chat.
    """

    task: str
    size: int
    right: int
    n: int

    @property
    def share(self) -> float:
        return self.right / self.n


@torch.no_grad()
def contract_accuracy(
    model: LlamaForCausalLM,
    tokenizer: PreTrainedTokenizerBase,
    task: str,
    size: int,
    n: int,
    seed: int,
) -> Accuracy:
    """Accuracy on `n` questions with held-out facts, in documents of at most about `size` prompt
    tokens.

    Each question is asked alone; the keys and values of its document are computed once for ten
    questions.
    """
    right = asked = 0
    while asked < n:
        rng = np.random.default_rng((seed, size, asked))
        words = int((size - 40) / TOKENS_PER_WORD)
        count = min(_QUESTIONS_PER_DOCUMENT, n - asked)
        contract = generate_contract(rng, words=words, task=task, n_questions=count)
        prompts = [_prompt(tokenizer, contract.text, question) for question in contract.questions]
        shared = _shared_prefix(prompts)
        cache = DynamicCache(config=model.config)
        model(torch.tensor([prompts[0][:shared]]), past_key_values=cache, logits_to_keep=1)
        for prompt, question in zip(prompts, contract.questions, strict=True):
            told = _up_to_value(tokenizer, question)
            logits = model(torch.tensor([prompt[shared:] + told]), past_key_values=cache).logits[0]
            # Greedy decoding gives `told` exactly if each of its tokens is the best after those
            # before it.
            guesses = logits[-len(told) - 1 : -1].argmax(-1).tolist()
            right += guesses == told
            cache.crop(shared - len(prompt) - len(told))  # negative: so many are taken off
        asked += count
    return Accuracy(task, size, right, n)


@torch.no_grad()
def chat_accuracy(
    model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase, messages: int, n: int, seed: int
) -> Accuracy:
    """Accuracy of the verdict on `n` conversations, half of them unsafe by expectation."""
    right = 0
    for i in range(n):
        chat = generate_chat(np.random.default_rng((seed, messages, i)), messages=messages)
        turns = [*chat.messages, {"role": "user", "content": f"Question: {QUESTION}"}]
        prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
        told = tokenizer(answer(chat.verdict), add_special_tokens=False)["input_ids"]
        logits = model(torch.tensor([prompt + told])).logits[0]
        right += logits[-len(told) - 1 : -1].argmax(-1).tolist() == told
    return Accuracy("chat", messages, right, n)


def _prompt(tokenizer: PreTrainedTokenizerBase, text: str, question: Question) -> list[int]:
    content = f"{text}\n\nQuestion: {question.question}"
    ids: list[int] = tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, return_dict=False
    )
    return ids


def _up_to_value(tokenizer: PreTrainedTokenizerBase, question: Question) -> list[int]:
    """The answer's ids up to and with its value; only the verdict for a yes/no question."""
    at = 0 if question.task == "yes_no" else question.answer.rindex(question.value)
    told = question.answer[: at + len(question.value)]
    ids: list[int] = tokenizer(told, add_special_tokens=False)["input_ids"]
    return ids


def _shared_prefix(prompts: Sequence[list[int]]) -> int:
    length = min(map(len, prompts)) - 1
    return next((i for i in range(length) if len({p[i] for p in prompts}) > 1), length)
