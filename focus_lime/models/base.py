"""Who answers: the protocol of every model, and the words it shares with the objectives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units

Floats = NDArray[np.float64]
Ablation = Literal["delete", "placeholder", "attention"]
ABLATIONS: tuple[Ablation, ...] = ("delete", "placeholder", "attention")


@dataclass
class Ledger:
    """What was spent. A model adds to it where the cost arises.

    calls: prompts read (one per variant and continuation, one per generation).
    tokens_asked: tokens of those prompts, each read in full.
    tokens_computed: tokens that went through the model, padding included.
    cached: variants answered by a score cache, at no cost.
    unshared: why every variant paid for its whole prompt; empty where prefixes were shared.
    """

    calls: int = 0
    tokens_asked: int = 0
    tokens_computed: int = 0
    cached: int = 0
    seconds: float = 0.0
    unshared: str = ""

    def add(self, other: Ledger) -> None:
        for name in ("calls", "tokens_asked", "tokens_computed", "cached", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.unshared = self.unshared or other.unshared


@dataclass(frozen=True, slots=True)
class Estimate:
    """What `Model.score` would cost, counted before anything runs.

    bytes: working memory beside the model's weights; 0 where the model does not say.
    prompt_tokens: of the full prompt.
    """

    calls: int = 0
    tokens_asked: int = 0
    tokens_computed: int = 0
    bytes: int = 0
    prompt_tokens: int = 0

    @property
    def fpe(self) -> float:
        """Full-prompt equivalents."""
        return self.tokens_computed / self.prompt_tokens

    def __sub__(self, other: Estimate) -> Estimate:
        """What is left to do where `other` was done already."""
        return Estimate(
            self.calls - other.calls,
            self.tokens_asked - other.tokens_asked,
            self.tokens_computed - other.tokens_computed,
            self.bytes,
            self.prompt_tokens,
        )

    def __add__(self, other: Estimate) -> Estimate:
        """One after the other."""
        return Estimate(
            self.calls + other.calls,
            self.tokens_asked + other.tokens_asked,
            self.tokens_computed + other.tokens_computed,
            max(self.bytes, other.bytes),
            max(self.prompt_tokens, other.prompt_tokens),
        )


@dataclass(frozen=True, slots=True)
class Response:
    """A continuation of the prompt.

    `ids` are the tokens that a model generated; without them each model uses its own tokens of
    `text`. Prompt and response are never tokenised as one string.
    """

    text: str
    ids: tuple[int, ...] | None = None

    def as_text(self) -> Response:
        """Without the ids, which mean nothing to another model."""
        return replace(self, ids=None)


@dataclass(frozen=True, slots=True)
class Target:
    """What a model is asked to score: continuations, in order; empty for a model of scores."""

    continuations: tuple[Response, ...] = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """One perturbed prompt: `prompt` without the spans `(source, start, end)` in `dropped`.

    The spans are maximal runs in reading order; none dropped is the prompt itself. Under the
    ablation `attention` they stay where they are, and what follows the document cannot see them.
    """

    prompt: Prompt = field(repr=False)
    dropped: tuple[tuple[int, int, int], ...] = ()
    ablation: Ablation = "delete"
    placeholder: str = "..."

    @property
    def filler(self) -> str:
        """What stands in place of each dropped run."""
        return self.placeholder if self.ablation == "placeholder" else ""


@runtime_checkable
class Model(Protocol):
    """A model of any kind. It never changes a global state, and never truncates in silence."""

    @property
    def name(self) -> str:
        """How the user named it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the weights do: caches and provenance rest on it."""

    @property
    def speaks(self) -> bool:
        """True for a language model, which scores continuations; False for a model of scores."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes of a model of scores, in order; none for one score or a language model."""

    def generate(self, prompt: Prompt, max_new_tokens: int, ledger: Ledger) -> Response:
        """The model's own answer, greedily; a model of scores names its class or score."""

    def continuation(self, response: Response) -> tuple[int, ...]:
        """The token ids by which this model scores the response.

        Raises:
            FocusLimeError: there are none.
        """

    def score(
        self, variants: Sequence[Variant], target: Target, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        """Log-probabilities (nats) of the target's tokens after each variant of one prompt.

        Yields (index of the variant, row) as soon as a row is known, in any order, each once. All
        continuations' tokens stand one after the other. A model of scores gives its scores.
        """

    def estimate(self, variants: Sequence[Variant], target: Target) -> Estimate:
        """What `score` would cost."""

    def release(self) -> None:
        """Give back the memory that is kept between calls of `score`."""

    def length(self, prompt: Prompt) -> int:
        """Tokens of the full prompt: the unit of FPE."""

    def tokens(self, prompt: Prompt) -> Units:
        """Token-level units that tile the prompt's sources.

        Raises:
            FocusLimeError: the model has no tokens.
        """


def score_all(
    model: Model, variants: Sequence[Variant], target: Target, ledger: Ledger
) -> list[Floats]:
    """The rows of `Model.score`, in the order of the variants."""
    rows = dict(model.score(variants, target, ledger))
    return [rows[i] for i in range(len(variants))]
