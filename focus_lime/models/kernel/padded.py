"""Padded batches: how sequences are scored by models whose prefixes cannot be shared."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch

from focus_lime.models.base import Floats, Ledger
from focus_lime.models.kernel.execution import LOCK, device_of
from focus_lime.models.kernel.log_probabilities import log_probabilities
from focus_lime.models.kernel.memory import IndexedScores, MemoryBudget
from focus_lime.models.kernel.prefixes import TokenSequence
from focus_lime.models.kernel.sharing import longest_alike, reads_padding, takes_logits_to_keep


class PaddedBatches:
    """Scores whole sequences with the model as it is, in batches within a memory budget.

    Args:
        pad_id: fills the batches; it is masked.
    """

    def __init__(self, model: Any, pad_id: int, budget: MemoryBudget) -> None:
        self.model, self.pad_id, self.budget = model, pad_id, budget

    @cached_property
    def _one_by_one(self) -> bool:
        """Whether each sequence needs its own batch, as its values depend on the longest one."""
        stretches = longest_alike(self.model.config.get_text_config()) is not None
        return stretches or reads_padding(self.model, self.run)

    def score(self, sequences: Sequence[TokenSequence], ledger: Ledger) -> IndexedScores:
        for batch in self._batches(sequences):
            started = time.perf_counter()
            values = self.run([sequences[i] for i in batch])
            ledger.tokens_computed += _computed(sequences, batch)
            ledger.seconds += time.perf_counter() - started
            yield from zip(batch, values, strict=True)

    def tokens(self, sequences: Sequence[TokenSequence]) -> int:
        """Tokens that `score` would compute, padding included."""
        return sum(_computed(sequences, batch) for batch in self._batches(sequences))

    def _batches(self, sequences: Sequence[TokenSequence]) -> Iterator[list[int]]:
        """Indices, the longest sequences first, so that running out of memory shows at once."""
        lengths = [len(sequence.ids) for sequence in sequences]
        target = max(len(s.ids) - s.first for s in sequences) + 1
        order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
        while order:
            longest = lengths[order[0]]
            reads = target if takes_logits_to_keep(self.model) else longest
            tokens = 1 if self._one_by_one else self.budget.batch_tokens
            size = max(1, min(tokens // longest, self.budget.limits.reads // reads))
            yield order[:size]
            order = order[size:]

    @torch.inference_mode()
    def run(self, sequences: Sequence[TokenSequence]) -> list[Floats]:
        """The log-probabilities of each target, from one batch that is padded on the left, so that
        the targets end together.
        """
        longest = max(len(sequence.ids) for sequence in sequences)
        keep = max(len(sequence.ids) - sequence.first for sequence in sequences) + 1
        ids = torch.full((len(sequences), longest), self.pad_id, dtype=torch.long)
        attention = torch.zeros_like(ids)
        for i, sequence in enumerate(sequences):
            ids[i, longest - len(sequence.ids) :] = torch.from_numpy(sequence.ids)
            attention[i, longest - len(sequence.ids) :] = 1
        device = device_of(self.model)
        options = {"logits_to_keep": keep} if takes_logits_to_keep(self.model) else {}
        with LOCK:
            logits = self.model(
                input_ids=ids.to(device),
                attention_mask=attention.to(device),
                position_ids=(attention.cumsum(1) - 1).clamp(min=0).to(device),
                use_cache=False,
                **options,
            ).logits[:, -keep:]
        targets = [sequence.ids[sequence.first :] for sequence in sequences]
        return [
            log_probabilities(row, np.arange(keep - 1 - len(target), keep - 1), target)
            for row, target in zip(logits, targets, strict=True)
        ]


def _computed(sequences: Sequence[TokenSequence], batch: Sequence[int]) -> int:
    return len(batch) * max(len(sequences[i].ids) for i in batch)
