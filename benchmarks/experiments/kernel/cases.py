"""What the kernel's benchmark scores: a contract, a block of sentences, masks; and how to count."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span, Units
from focus_lime.method.masks import Masks, bernoulli, single_drops
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.value import ValueFunction
from focus_lime.models.base import Ablation, Floats, Ledger, Response, Variant
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.steps import Step
from focus_lime.proxies.bundled.contracts import generate_contract

from ...tasks.planted import evidence_of

_NEW_TOKENS = 24


@dataclass(frozen=True, eq=False)
class Document:
    """A generated contract with a question, the model's answer, and where the answer stands."""

    model: HFCausalLM
    prompt: Prompt
    response: Response
    evidence: Span

    @property
    def tokens(self) -> int:
        return self.model.count_tokens(self.prompt)

    def sentences(self) -> Units:
        return self.prompt.tree.scored

    def spread(self, n: int) -> Units:
        """`n` sentences all over the document, that of the answer among them."""
        sentences = self.sentences()
        chosen = np.linspace(0, len(sentences) - 1, n).astype(int)
        answer = next(i for i, unit in enumerate(sentences) if unit.overlaps(self.evidence))
        chosen[np.abs(chosen - answer).argmin()] = answer
        return sentences.select(map(int, chosen))

    def values(
        self, units: Units, ablation: Ablation = "delete", ledger: Ledger | None = None
    ) -> ValueFunction:
        objective = ResponseLogOdds(self.response)
        return ValueFunction(
            self.model, self.prompt, units, objective, ablation=ablation, ledger=ledger
        )


@dataclass(frozen=True, eq=False)
class Case:
    """Masks over 32 neighbouring sentences, as token sequences.

    Attributes:
        starts: where in the prompt the first of the sentences stands, 0 to 1.
        full: the sequence of the whole prompt.
    """

    document: Document
    starts: float
    variants: list[Variant]
    sequences: list[TokenSequence]
    full: TokenSequence

    @property
    def bound(self) -> int:
        """Tokens to compute: the prefix once, and for each mask what follows its first change."""
        changes = []
        for sequence in self.sequences:
            n = min(len(sequence.fed), len(self.full.fed))
            differ = np.flatnonzero(sequence.fed[:n] != self.full.fed[:n])
            changes.append(int(differ[0]) if len(differ) else n)
        after = sum(len(s.fed) - c for s, c in zip(self.sequences, changes, strict=True))
        return max(changes) + after

    @property
    def naive(self) -> int:
        """Tokens that are computed where nothing is shared."""
        return sum(len(sequence.ids) for sequence in self.sequences)

    def score(self) -> tuple[Floats, float]:
        """log p of the response for each mask, and the seconds that it took."""
        started = time.perf_counter()
        rows = dict(self.document.model.scorer.score(self.sequences, Ledger()))
        seconds = time.perf_counter() - started
        return np.array([rows[i].sum() for i in range(len(self.sequences))]), seconds


def write_document(
    model: HFCausalLM, tokens: int, seed: int, response: Response | None = None
) -> Document:
    """A contract that fills a prompt of so many tokens, but for a few, and a question.

    Args:
        response: the model's own if None.
    """
    words, prompt = tokens, None
    while prompt is None or model.count_tokens(prompt) > tokens:
        contract = generate_contract(np.random.default_rng(seed), words=words)
        prompt = Prompt.from_document(contract.text, question=contract.questions[0].question)
        words = int(words * min(0.99, tokens / model.count_tokens(prompt)))
    answer = response or model.generate(prompt, _NEW_TOKENS, Ledger())
    return Document(model, prompt, answer, evidence_of(contract.questions[0])[0])


def make_case(document: Document, depth: float, design: str, *, n_masks: int, n_units: int) -> Case:
    """`n_units` sentences from `depth` of the prompt on, or the last ones where no room is left.

    `design`: `bernoulli` (half of the units dropped) or `single drops`.
    """
    sentences = document.sentences()
    length = sentences[len(sentences) - 1].end
    late = [i for i, unit in enumerate(sentences) if unit.start >= depth * length]
    first = min(late[0], len(sentences) - n_units)
    units = sentences.select(range(first, first + n_units))
    masks: Masks = (
        bernoulli(n_units, n_masks, 0) if design == "bernoulli" else single_drops(n_units)
    )
    value, encoder = document.values(units), document.model.encoder
    tail = np.array(document.model.encode_response(document.response))

    def sequence(variant: Variant) -> TokenSequence:
        ids = encoder.variant_ids(variant)
        return TokenSequence(np.append(ids, tail), len(ids))

    variants = [value.variant(mask) for mask in masks]
    return Case(
        document,
        units[0].start / length,
        variants,
        [sequence(variant) for variant in variants],
        sequence(Variant(document.prompt)),
    )


@torch.inference_mode()
def plain_forward(model: HFCausalLM, ids: Sequence[int]) -> float:
    """Seconds of one forward pass of the model as it is, which returns the last logits only."""
    row = torch.tensor([list(ids)], device=model.model.device)
    started = time.perf_counter()
    model.model(row, use_cache=False, logits_to_keep=1).logits.cpu()
    return time.perf_counter() - started


@dataclass(frozen=True)
class Work:
    """Floating-point operations of a transformer, counted: two for each multiplication and sum."""

    per_token: int
    per_pair: int
    per_logits: int

    @classmethod
    def of(cls, model: Any) -> Work:
        config = model.config.get_text_config()
        head = model.get_output_embeddings()
        outside = {id(p) for m in (head, model.get_input_embeddings()) for p in m.parameters()}
        matrices = [p for p in model.parameters() if p.ndim == 2 and id(p) not in outside]
        width = (
            getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        )
        pair = 4 * config.num_hidden_layers * config.num_attention_heads * width
        return cls(2 * sum(p.numel() for p in matrices), pair, 2 * head.weight.numel())

    def plain(self, tokens: int) -> int:
        return (
            tokens * self.per_token + tokens * (tokens + 1) // 2 * self.per_pair + self.per_logits
        )

    def steps(self, steps: Sequence[Step]) -> int:
        tokens = sum(len(step.ids) for step in steps)
        read = sum(
            len({read.row + i for read in s.reads for i in range(read.count)}) for s in steps
        )
        pairs = sum(step.pairs for step in steps)
        return tokens * self.per_token + pairs * self.per_pair + read * self.per_logits
