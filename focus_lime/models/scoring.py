"""Log-probabilities of token sequences by a causal model: by shared prefixes, or padded batches.

Both halve what they run at once when memory runs out, and go on with what is not done yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size
from numpy.typing import NDArray

from focus_lime.errors import FocusLimeError
from focus_lime.models.base import Estimate, Floats, Ledger
from focus_lime.models.kernel import LOCK, Kernel, device_of, rows_read
from focus_lime.models.prefixes import Ids, Scored
from focus_lime.models.schedule import Limits, Step, plan, plan_cached, plan_context
from focus_lime.models.sharing import (
    longest_alike,
    reads_padding,
    takes_logits_to_keep,
    why_not_shared,
)

Known = Iterator[tuple[int, Floats]]

MEMORY = 256 << 20  # bytes

_STEP_TOKENS = 2048  # enough to keep a processor busy; more only costs memory
_BATCH_TOKENS = 4096  # of a padded batch
_ROWS = 16  # of logits that are in float32 at once
# What an attention call costs beside its work, in floating-point operations that could have been
# done meanwhile: some 20 microseconds.
_CALL, _CALL_ELSEWHERE = {"cpu": 3e6}, 1e9


class Scorer:
    """Scores sequences on one model, on the device where it is, in the dtype that it has.

    Args:
        pad_id: fills padded batches; it is masked.
        memory: bytes that a step may need beside the stack of keys and values.
    """

    def __init__(self, model: Any, pad_id: int, memory: int = MEMORY) -> None:
        # A compiled model would be compiled again for the shape of every step.
        self.model = getattr(model, "_orig_mod", model)
        self.pad_id, self.memory = pad_id, memory
        self._config = model.config.get_text_config()
        self._halvings = 0  # what running out of memory has taught
        self._kept: tuple[bytes, Kernel] | None = None  # the last context, and its stack

    def why_not(self, longest: int) -> str:
        """Why prefixes of sequences up to `longest` tokens are not shared; empty if they are."""
        alike = longest_alike(self._config)
        if alike is not None and longest > alike:
            return f"its positions mean something else beyond {alike} tokens"
        return self._why_not

    @cached_property
    def _why_not(self) -> str:
        return why_not_shared(self.model, self._padded)

    @cached_property
    def _alone(self) -> bool:
        """Whether each sequence needs a batch of its own: its values depend on the longest."""
        return longest_alike(self._config) is not None or reads_padding(self.model, self._padded)

    @property
    def limits(self) -> Limits:
        """What a step may hold, by the memory that it needs."""
        config, size = self._config, self.model.dtype.itemsize
        inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
        attention = config.num_attention_heads * _head_width(config)
        inner = int(np.max(inner))  # some have one for each layer
        token = size * (8 * config.hidden_size + 4 * inner) + 12 * attention  # 12: float32 sums
        tokens = min(_STEP_TOKENS, self.memory // (2 * token))
        reads = self.memory // (4 * size * config.vocab_size)
        call = _CALL.get(self.model.device.type, _CALL_ELSEWHERE) / (4 * attention)
        return Limits(max(1, tokens >> self._halvings), max(1, reads >> self._halvings), int(call))

    def steps(self, sequences: Sequence[Scored], known: Ids | None = None) -> list[Step]:
        """The schedule of `score` where prefixes are shared; see `plan`."""
        return plan(sequences, self.limits, known)

    def steps_cached(
        self, context: Ids, tails: Sequence[Scored], kept: NDArray[np.bool_]
    ) -> list[Step]:
        """The schedule of `score_cached`, once the context is read."""
        room = (self.memory // (4 * self.model.dtype.itemsize)) >> self._halvings
        return plan_cached(context, tails, kept, self.limits, room)

    def estimate(self, sequences: Sequence[Scored], context: Ids | None = None) -> Estimate:
        """What `score` would cost now."""
        lengths = [len(sequence.ids) for sequence in sequences]
        if self.why_not(max(lengths)):
            target = max(len(s.ids) - s.first for s in sequences) + 1
            padded = sum(len(b) * lengths[b[0]] for b in self._batches(lengths, target))
            return Estimate(len(lengths), sum(lengths), padded, self.memory)
        context = self._helpful(context, sequences)
        return self._estimate(lengths, self.steps(sequences, context), context)

    def estimate_cached(
        self, context: Ids, tails: Sequence[Scored], kept: NDArray[np.bool_]
    ) -> Estimate:
        """What `score_cached` would cost now."""
        lengths = [len(context) + len(tail.ids) for tail in tails] * len(kept)
        return self._estimate(lengths, self.steps_cached(context, tails, kept), context)

    def _estimate(
        self, lengths: Sequence[int], steps: list[Step], context: Ids | None = None
    ) -> Estimate:
        config, height = self._config, max(step.height for step in steps)
        if context is not None:
            own = len(context) + self.limits.tokens
            height = own + (height if _needs_copy(steps, own) else 0)
            if self._read(context) is None:
                steps = [*plan_context(context, self.limits), *steps]
        heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
        per_token = 2 * config.num_hidden_layers * heads * _head_width(config)
        stack = int(height * per_token * self.model.dtype.itemsize)
        tokens = sum(len(step.ids) for step in steps)
        return Estimate(len(lengths), sum(lengths), tokens, stack + self.memory)

    def score(
        self, sequences: Sequence[Scored], ledger: Ledger, context: Ids | None = None
    ) -> Known:
        """(index, log-probabilities of the target) of each sequence, as soon as it is known.

        Args:
            context: what the unperturbed prompt begins with. Once one of the sequences has made it
                be read, its keys and values are kept for the next call, until `release`.
        """

        def shared(left: list[int]) -> Known:
            some = [sequences[i] for i in left]
            known = self._helpful(context, some)
            steps = self.steps(some, known)
            kernel = None if known is None else self._over(known, steps, ledger)
            return self._execute(steps, some, ledger, kernel)

        def padded(left: list[int]) -> Known:
            return self._in_batches([sequences[i] for i in left], ledger)

        why_not = self.why_not(max(len(s.ids) for s in sequences))
        ledger.unshared = ledger.unshared or why_not
        return self._halving(padded if why_not else shared, len(sequences))

    def score_cached(
        self, context: Ids, tails: Sequence[Scored], kept: NDArray[np.bool_], ledger: Ledger
    ) -> Known:
        """Attention ablation: each of `tails` after the context, of which it sees `kept[i]`.

        The index of tail j under mask i is `i * len(tails) + j`. The context is read once, whole:
        what a later part of it has taken up from a part that is hidden stays. Its keys and values
        are kept for the next call, until `release`.
        """

        def cached(left: list[int]) -> Known:
            masks = sorted({i // len(tails) for i in left})
            steps = self.steps_cached(context, tails, kept[masks])
            places = {index: place for place, index in enumerate(left)}
            kernel = self._over(context, steps, ledger)
            for at, values in self._execute(steps, list(tails) * len(masks), ledger, kernel):
                place = places.get(masks[at // len(tails)] * len(tails) + at % len(tails))
                if place is not None:  # else it was known before memory ran out
                    yield place, values

        return self._halving(cached, len(kept) * len(tails))

    def release(self) -> None:
        """Give back the memory that is kept between calls."""
        self._kept = None

    def _helpful(self, context: Ids | None, sequences: Sequence[Scored]) -> Ids | None:
        """The context, if sequences are to be scored over it: it was read, or must be now."""
        if context is None or not len(context) or self.why_not(len(context)):
            return None
        wanted = any(np.array_equal(s.fed[: len(context)], context) for s in sequences)
        return context if wanted or self._read(context) is not None else None

    def _read(self, context: Ids) -> Kernel | None:
        """The kept kernel, if it is that of the context and has read all of it."""
        if self._kept is None or self._kept[0] != context.tobytes():
            return None
        kernel = self._kept[1]
        return kernel if kernel.filled >= len(context) else None

    def _over(self, context: Ids, steps: list[Step], ledger: Ledger) -> Kernel:
        """A kernel for steps over the context, which is read if it was not. It is kept for the next
        call; steps that push have a copy, since those of another thread would mix with them.
        """
        kernel = self._read(context)
        if kernel is None:
            kernel = Kernel(self.model, len(context) + self.limits.tokens)
            self._kept = context.tobytes(), kernel
            for _ in self._execute(plan_context(context, self.limits), (), ledger, kernel):
                pass
        if _needs_copy(steps, kernel.height):
            kernel = kernel.copy(max(step.height for step in steps))
        return kernel

    # -- running --------------------------------------------------------------------------------

    def _halving(self, run: Callable[[list[int]], Known], n: int) -> Known:
        """`run` what is left of `n`, each time with half the size, until memory is enough."""
        left = list(range(n))
        while left:
            done = set()
            try:
                for place, values in run(left):
                    done.add(place)
                    yield left[place], values
            except RuntimeError as error:
                if not should_reduce_batch_size(error):
                    raise
                self.release()
                self._halvings += 1
                if _STEP_TOKENS >> self._halvings == 0:
                    self._halvings = 0
                    raise FocusLimeError(
                        "out of memory even when one token runs at a time: take a device with more "
                        "memory, a smaller dtype, or a shorter document"
                    ) from error
            left = [i for place, i in enumerate(left) if place not in done]
            if left:  # not before the error is gone, which holds what was in memory
                clear_device_cache(garbage_collection=True)

    def _execute(
        self,
        steps: list[Step],
        sequences: Sequence[Scored],
        ledger: Ledger,
        kernel: Kernel | None = None,
    ) -> Known:
        kernel = kernel or Kernel(self.model, max(step.height for step in steps))
        targets = [sequence.ids[sequence.first :] for sequence in sequences]
        found = [np.full(len(target), np.nan) for target in targets]
        missing = [len(target) for target in targets]
        for step in steps:
            started = time.perf_counter()
            logits, rows = kernel.run(step), rows_read(step)
            for read in step.reads:
                at = np.searchsorted(rows, np.arange(read.row, read.row + read.count))
                span = slice(read.offset, read.offset + read.count)
                target = targets[read.sequence][span]
                found[read.sequence][span] = log_probabilities(logits, at, target)
                missing[read.sequence] -= read.count
            ledger.tokens_computed += len(step.ids)
            ledger.seconds += time.perf_counter() - started
            for index in dict.fromkeys(read.sequence for read in step.reads):
                if not missing[index]:
                    yield index, found[index]

    def _in_batches(self, sequences: Sequence[Scored], ledger: Ledger) -> Known:
        lengths = [len(sequence.ids) for sequence in sequences]
        for batch in self._batches(lengths, max(len(s.ids) - s.first for s in sequences) + 1):
            started = time.perf_counter()
            values = self._padded([sequences[i] for i in batch])
            ledger.tokens_computed += len(batch) * lengths[batch[0]]
            ledger.seconds += time.perf_counter() - started
            yield from zip(batch, values, strict=True)

    def _batches(self, lengths: Sequence[int], target: int) -> Iterator[list[int]]:
        """Indices, the longest first, so that running out of memory shows at once. `target` are the
        tokens at the end of each that logits are wanted of.
        """
        order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
        most = 1 if self._alone else _BATCH_TOKENS >> self._halvings
        while order:
            longest = lengths[order[0]]
            reads = target if takes_logits_to_keep(self.model) else longest
            size = max(1, min(most // longest, self.limits.reads // reads))
            yield order[:size]
            order = order[size:]

    @torch.inference_mode()
    def _padded(self, sequences: Sequence[Scored]) -> list[Floats]:
        """One batch, padded on the left so that the targets end together."""
        longest = max(len(sequence.ids) for sequence in sequences)
        keep = max(len(sequence.ids) - sequence.first for sequence in sequences) + 1
        given = torch.full((len(sequences), longest), self.pad_id, dtype=torch.long)
        attention = torch.zeros_like(given)
        for i, sequence in enumerate(sequences):
            given[i, longest - len(sequence.ids) :] = torch.from_numpy(sequence.ids)
            attention[i, longest - len(sequence.ids) :] = 1
        device = device_of(self.model)
        options = {"logits_to_keep": keep} if takes_logits_to_keep(self.model) else {}
        with LOCK:
            logits = self.model(
                input_ids=given.to(device),
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


def _needs_copy(steps: list[Step], height: int) -> bool:
    """Whether the steps would change a kept stack, or need a higher one."""
    return any(step.push or step.height > height for step in steps)


def log_probabilities(logits: torch.Tensor, rows: NDArray[np.intp], ids: Ids) -> Floats:
    """log p of `ids[n]` under the rows `rows[n]` of `logits[m, vocabulary]`, in float64.

    Where p is near 1, float32 has log p = 0. There it is log1p(-q) with q the probability of all
    other tokens, which float32 holds to full relative precision.
    """
    values = []
    for first in range(0, len(ids), _ROWS):
        some = logits[torch.from_numpy(rows[first : first + _ROWS]).to(logits.device)].float()
        index = torch.from_numpy(ids[first : first + _ROWS]).to(logits.device)[:, None]
        total = some.logsumexp(-1)
        direct = (some.gather(-1, index)[:, 0] - total).double()
        others = some.scatter(-1, index, float("-inf")).logsumexp(-1) - total
        precise = torch.log1p(-others.double().exp())
        values.append(torch.where(direct > -0.7, precise, direct).cpu().numpy())
    return np.concatenate(values)


def _head_width(config: Any) -> int:
    return int(
        getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    )
