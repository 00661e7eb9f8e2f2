"""What a method cost: tokens that went through the target, counted by one meter for all.

A hook on the model sees every forward pass, whoever makes it: a peer's own code, `generate`, or our
scoring kernel. What it counts is what was *computed*: every token of every row, padding included,
and no token that came from a shared prefix or a cache. What was *asked for* is each perturbed
prompt in full. Where our own code scored, its ledger knows that, since one step of the kernel holds
parts of many prompts; elsewhere it is what the passes read, padding left out.

A backward pass is not counted; only `gradient` makes one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from focus_lime.models.base import Ledger, Model


@dataclass
class Meter:
    """A context manager around one method on one item.

    Args:
        model: the target. One without a torch module is counted by the ledger alone.
        ledger: the one that the method's value functions add to.

    Attributes:
        passes, computed, read: forward passes, and tokens in them with and without padding.
        seconds: from entering to leaving.
    """

    model: Model
    ledger: Ledger
    passes: int = 0
    computed: int = 0
    read: int = 0
    seconds: float = 0.0
    _hook: Any = field(default=None, repr=False)
    _started: float = 0.0

    def __enter__(self) -> Meter:
        module = getattr(self.model, "model", None)
        if module is not None:
            # The inner model: captum calls `forward` of the outer one, where hooks are not run.
            self._hook = getattr(module, "base_model", module).register_forward_pre_hook(
                self._count, with_kwargs=True
            )
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds += time.perf_counter() - self._started
        if self._hook is not None:
            self._hook.remove()
            self._hook = None

    @property
    def tokens_computed(self) -> int:
        """Of the target; words, where it is a function of texts."""
        return self.computed if self.computed else self.ledger.tokens_computed

    @property
    def tokens_asked(self) -> int:
        return self.ledger.tokens_asked or self.read

    @property
    def calls(self) -> int:
        """Perturbed prompts, the prompt itself among them."""
        return self.ledger.calls or self.passes

    def _count(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        ids = kwargs.get("input_ids", args[0] if args else None)
        given = ids if ids is not None else kwargs["inputs_embeds"][..., 0]
        computed = int(given.numel())
        mask = kwargs.get("attention_mask")
        # Of a mask that reaches back over a cache only the new tokens count.
        seen = computed if mask is None or mask.ndim != 2 else int(mask[:, -given.shape[1] :].sum())
        # Several prompts in one pass: each is a call.
        self.passes += int(given.shape[0])
        self.computed += computed
        self.read += seen
