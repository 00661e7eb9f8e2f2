"""What a method cost: tokens that went through the target, counted by one meter for all.

A hook on the model sees every forward pass: those of a peer's own code, of `generate` and of our
scoring kernel. Tokens *computed* are all tokens of all rows, padding included, without those that
came from a shared prefix or a cache. Tokens *asked* are those of each perturbed prompt in full:
where our own code scored, its ledger counts them, since one step of the kernel holds parts of many
prompts; elsewhere they are the tokens of the passes without padding.

A backward pass is not counted; only `gradient-input` makes one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from transformers import PreTrainedModel

from focus_lime.models.base import Ledger, Model


@runtime_checkable
class HoldsModule(Protocol):
    """A target that runs a model of transformers."""

    model: PreTrainedModel


@dataclass
class Meter:
    """A context manager around one method on one item.

    Args:
        model: the target. A function of texts is counted by the ledger alone.
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
        if isinstance(self.model, HoldsModule):
            # The inner model: captum calls `forward` of the outer one, where hooks are not run.
            inner = self.model.model.base_model
            self._hook = inner.register_forward_pre_hook(self._count, with_kwargs=True)
        self._started = time.perf_counter()
        return self

    def __exit__(self, *error: object) -> None:
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
        tokens = ids if ids is not None else kwargs["inputs_embeds"][..., 0]
        n_rows, length = tokens.shape
        mask = kwargs.get("attention_mask")
        self.passes += int(n_rows)  # several prompts in one pass: each is a call
        self.computed += int(n_rows * length)
        # Of a mask that reaches back over a cache only the new tokens count.
        if mask is None or mask.ndim != 2:
            self.read += int(n_rows * length)
        else:
            self.read += int(mask[:, -length:].sum())
