"""Log-probabilities of token sequences by a causal model: by shared prefixes, or padded batches."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from focus_lime.models.base import Estimate, Ledger
from focus_lime.models.kernel.ablation import plan_ablation
from focus_lime.models.kernel.execution import Kernel
from focus_lime.models.kernel.handover import can_hand_over, past_key_values
from focus_lime.models.kernel.log_probabilities import log_probabilities
from focus_lime.models.kernel.memory import MEMORY, STEP_TOKENS, IndexedScores, MemoryBudget
from focus_lime.models.kernel.padded import PaddedBatches
from focus_lime.models.kernel.prefixes import Ids, TokenSequence, common_prefix
from focus_lime.models.kernel.schedule import plan, plan_context
from focus_lime.models.kernel.sharing import longest_alike, why_not_shared
from focus_lime.models.kernel.steps import Limits, Step


@dataclass(frozen=True, eq=False)
class CachedContext:
    """Token ids, and the kernel with their keys and values on its stack once it has run them."""

    ids: Ids
    kernel: Kernel

    @property
    def is_read(self) -> bool:
        """Whether all of it was: an error may have ended it before."""
        return self.kernel.filled >= len(self.ids)


class Scorer:
    """Scores sequences on one model, on the device where it is, in the dtype that it has.

    Args:
        pad_id: fills padded batches; it is masked.
        memory, step_tokens, call_flops: see `MemoryBudget`.

    Attributes:
        cached: the last context, kept for the next call until `clear_kv`.
    """

    def __init__(
        self,
        model: Any,
        pad_id: int,
        memory: int = MEMORY,
        *,
        step_tokens: int = STEP_TOKENS,
        call_flops: float | None = None,
    ) -> None:
        # A compiled model would be compiled again for the shape of every step.
        self.model = getattr(model, "_orig_mod", model)
        self.memory = memory
        self.cached: CachedContext | None = None
        self._budget = MemoryBudget(self.model, memory, step_tokens, call_flops)
        self._padded = PaddedBatches(self.model, pad_id, self._budget)

    @property
    def limits(self) -> Limits:
        """What a step may hold now: running out of memory lowers it."""
        return self._budget.limits

    def why_not(self, longest: int) -> str:
        """Why prefixes of sequences up to `longest` tokens are not shared; empty if they are."""
        alike = longest_alike(self.model.config.get_text_config())
        if alike is not None and longest > alike:
            return f"its positions mean something else beyond {alike} tokens"
        return self._why_not

    @cached_property
    def _why_not(self) -> str:
        return why_not_shared(self.model, self._padded.run)

    def steps(self, sequences: Sequence[TokenSequence], cached: Ids | None = None) -> list[Step]:
        """The schedule of `score` where prefixes are shared; see `plan`."""
        return plan(sequences, self.limits, cached)

    def estimate(self, sequences: Sequence[TokenSequence], context: Ids | None = None) -> Estimate:
        """What `score` would cost now."""
        lengths = [len(sequence.ids) for sequence in sequences]
        if self.why_not(max(lengths)):
            tokens = self._padded.tokens(sequences)
            return Estimate(len(lengths), sum(lengths), tokens, self.memory)
        context = self._helpful(context, sequences)
        return self._estimate(lengths, self.steps(sequences, context), context)

    def estimate_cached(
        self, context: Ids, tails: Sequence[TokenSequence], kept: NDArray[np.bool_], ahead: int
    ) -> Estimate:
        """What `score_cached` would cost now."""
        lengths = [len(context) + len(tail.ids) for tail in tails] * len(kept)
        return self._estimate(lengths, self._ablation_steps(context, tails, kept, ahead), context)

    def _estimate(self, lengths: Sequence[int], steps: list[Step], context: Ids | None) -> Estimate:
        height = max(step.height for step in steps)
        if context is not None:
            own = len(context) + self.limits.tokens
            height = own + (height if _needs_copy(steps, own) else 0)
            if self._cached_kernel(context) is None:
                steps = [*plan_context(context, self.limits), *steps]
        tokens = sum(len(step.ids) for step in steps)
        memory = self._budget.stack_bytes(height) + self.memory
        return Estimate(len(lengths), sum(lengths), tokens, memory)

    def score(
        self, sequences: Sequence[TokenSequence], ledger: Ledger, context: Ids | None = None
    ) -> IndexedScores:
        """Log-probabilities of each sequence's target, in any order.

        Args:
            context: what the unperturbed prompt begins with. It is read when one of the sequences
                begins with it, and its keys and values are kept for the next call.
        """

        def shared(left: list[int]) -> IndexedScores:
            pending = [sequences[i] for i in left]
            cached = self._helpful(context, pending)
            steps = self.steps(pending, cached)
            if cached is None:
                kernel = Kernel(self.model, max(step.height for step in steps))
            else:
                kernel = self._kernel_over(cached, steps, ledger)
            return _execute(kernel, steps, pending, ledger)

        def padded(left: list[int]) -> IndexedScores:
            return self._padded.score([sequences[i] for i in left], ledger)

        why_not = self.why_not(max(len(s.ids) for s in sequences))
        ledger.unshared = ledger.unshared or why_not
        return self._budget.run(padded if why_not else shared, len(sequences), self.clear_kv)

    def score_cached(
        self,
        context: Ids,
        tails: Sequence[TokenSequence],
        kept: NDArray[np.bool_],
        ahead: int,
        ledger: Ledger,
    ) -> IndexedScores:
        """Each of `tails` after the context, of which it sees `kept[i]`.

        The index of tail j under mask i is `i * len(tails) + j`. The context is read once and
        unmasked, so its later tokens still hold what they took from hidden ones, but for the
        `ahead` tokens after each run of hidden ones, which are read anew. The context's keys and
        values are kept for the next call.
        """

        def cached(left: list[int]) -> IndexedScores:
            masks = sorted({i // len(tails) for i in left})
            steps = self._ablation_steps(context, tails, kept[masks], ahead)
            places = {index: place for place, index in enumerate(left)}
            kernel = self._kernel_over(context, steps, ledger)
            for at, values in _execute(kernel, steps, list(tails) * len(masks), ledger):
                place = places.get(masks[at // len(tails)] * len(tails) + at % len(tails))
                if place is not None:  # else it was yielded before memory ran out
                    yield place, values

        return self._budget.run(cached, len(kept) * len(tails), self.clear_kv)

    def past(self, ids: Ids, context: Ids, ledger: Ledger) -> tuple[Any, int]:
        """Keys and values for `generate`, and how many of the tokens `ids` they hold: what these
        begin with of the kept context, else all of `context`, which is read and kept. None and 0
        where the model does not go on from them, or where they do not fit in the budget.

        Args:
            context: what `ids` begin with, less than all of them.
        """
        cached = self.cached  # once: another thread may put its own in place
        kernel, n = None, len(context)
        if cached is not None and cached.is_read:
            kernel, n = cached.kernel, min(common_prefix(cached.ids, ids), len(ids) - 1)
        too_large = self._budget.stack_bytes(n) > self.memory
        if n < 1 or too_large or self.why_not(len(ids)) or not self._hands_over:
            return None, 0
        return past_key_values(kernel or self._kernel_over(context, [], ledger), n), n

    @cached_property
    def _hands_over(self) -> bool:
        return bool(can_hand_over(self.model))

    def clear_kv(self) -> None:
        """Give back the memory that is kept between calls."""
        self.cached = None

    def _ablation_steps(
        self, context: Ids, tails: Sequence[TokenSequence], kept: NDArray[np.bool_], ahead: int
    ) -> list[Step]:
        room = self._budget.mask_elements
        return plan_ablation(context, tails, kept, ahead, self.limits, room)

    def _helpful(self, context: Ids | None, sequences: Sequence[TokenSequence]) -> Ids | None:
        """The context, if it is cached already or one of the sequences begins with it."""
        if context is None or not len(context) or self.why_not(len(context)):
            return None
        if self._cached_kernel(context) is not None:
            return context
        begins = (np.array_equal(s.fed[: len(context)], context) for s in sequences)
        return context if any(begins) else None

    def _cached_kernel(self, context: Ids) -> Kernel | None:
        """The kernel that has read all of the context, if it is the cached one."""
        cached = self.cached  # once: another thread may put its own in place
        if cached is None or not cached.is_read or not np.array_equal(cached.ids, context):
            return None
        return cached.kernel

    def _kernel_over(self, context: Ids, steps: list[Step], ledger: Ledger) -> Kernel:
        """A kernel with the context on its stack, which is read unless it is cached. Steps that
        push get a copy, as those of another thread may run over the same context.
        """
        kernel = self._cached_kernel(context)
        if kernel is None:
            kernel = Kernel(self.model, len(context) + self.limits.tokens)
            self.cached = CachedContext(context, kernel)
            for _ in _execute(kernel, plan_context(context, self.limits), (), ledger):
                pass
        if _needs_copy(steps, kernel.height):
            kernel = kernel.copy(max(step.height for step in steps))
        return kernel


def _needs_copy(steps: list[Step], height: int) -> bool:
    """Whether the steps would change a kept stack of this height, or need a higher one."""
    return any(step.push or step.height > height for step in steps)


def _execute(
    kernel: Kernel, steps: list[Step], sequences: Sequence[TokenSequence], ledger: Ledger
) -> IndexedScores:
    """Each sequence's values, as soon as the last of its target tokens is read."""
    targets = [sequence.ids[sequence.first :] for sequence in sequences]
    values = [np.full(len(target), np.nan) for target in targets]
    missing = [len(target) for target in targets]
    for step in steps:
        started = time.perf_counter()
        logits, rows = kernel.run(step), step.rows_read
        for read in step.reads:
            at = np.searchsorted(rows, np.arange(read.row, read.row + read.count))
            span = slice(read.offset, read.offset + read.count)
            target = targets[read.sequence][span]
            values[read.sequence][span] = log_probabilities(logits, at, target)
            missing[read.sequence] -= read.count
        ledger.tokens_computed += len(step.ids)
        ledger.seconds += time.perf_counter() - started
        for index in dict.fromkeys(read.sequence for read in step.reads):
            if not missing[index]:
                yield index, values[index]
