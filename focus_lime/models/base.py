"""The protocol of every model, what it is asked (variants, continuations) and what that costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from focus_lime.inputs.prompt import Prompt
from focus_lime.inputs.units import Span, Units

Floats = NDArray[np.float64]
Ablation = Literal["delete", "placeholder", "attention", "reread"]
ABLATIONS: tuple[Ablation, ...] = ("delete", "placeholder", "attention", "reread")
# Those that answer over the prompt's cached context: near to deletion, not equal.
CACHED_ABLATIONS: tuple[Ablation, ...] = ("attention", "reread")
PLACEHOLDER = "..."  # stands for dropped text where none is given


@dataclass
class Ledger:
    """What was spent. A model adds to it where the cost arises.

    Attributes:
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

    Attributes:
        bytes: working memory beside the model's weights; 0 where the model does not say.
        prompt_tokens: tokens of the full prompt.
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
        """What is left to do once `other` is done."""
        return Estimate(
            self.calls - other.calls,
            self.tokens_asked - other.tokens_asked,
            self.tokens_computed - other.tokens_computed,
            self.bytes,
            self.prompt_tokens,
        )

    def __add__(self, other: Estimate) -> Estimate:
        """Both, one after the other."""
        return Estimate(
            self.calls + other.calls,
            self.tokens_asked + other.tokens_asked,
            self.tokens_computed + other.tokens_computed,
            max(self.bytes, other.bytes),
            max(self.prompt_tokens, other.prompt_tokens),
        )


@dataclass(frozen=True, slots=True)
class Response:
    """A continuation of the prompt. Prompt and response are never tokenised as one string.

    Attributes:
        text: the answer; without the reasoning before it, if there is any.
        ids: the tokens, reasoning and answer, of the model that generated it; without them each
            model uses its own tokens of `text`.
        reasoning: what the model thought before it answered.
        is_cut: whether it ended at the limit of its length, and not by itself.
        n_reasoning: so many of the `ids`, with the mark that ends it, come before the answer.
    """

    text: str
    ids: tuple[int, ...] | None = None
    reasoning: str = ""
    n_reasoning: int = 0
    is_cut: bool = False


def first_token(pieces: Sequence[str], character: int) -> int:
    """The first token of a character, which must be there.

    Args:
        pieces: see `Model.response_pieces`.
    """
    ends = np.cumsum([len(piece) for piece in pieces])
    first = int(np.searchsorted(ends, character, side="right"))
    while first and not pieces[first - 1]:  # a character's first bytes show nothing alone
        first -= 1
    return first


# What a model is asked to score: texts that may follow the prompt; none for a model of scores.
Continuations = tuple[Response, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One perturbed prompt: `prompt` without the spans in `dropped`.

    The spans are maximal runs in reading order; none dropped is the prompt itself. Under the
    ablation `attention` they stay where they are, and what follows the document cannot see them;
    under `reread` the tokens that follow each of them are read anew without it, too.
    """

    prompt: Prompt = field(repr=False)
    dropped: tuple[Span, ...] = ()
    ablation: Ablation = "delete"
    placeholder: str = PLACEHOLDER

    @property
    def filler(self) -> str:
        """What stands in place of each dropped run."""
        return self.placeholder if self.ablation == "placeholder" else ""


@runtime_checkable
class Model(Protocol):
    """A model of any kind: a language model, which scores continuations, or a model of scores (a
    classifier, a regressor, any function). It changes no global state and never truncates silently.
    """

    @property
    def name(self) -> str:
        """The user's name for it."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the weights do: caches and provenance rest on it."""

    @property
    def is_generative(self) -> bool:
        """True for a language model, which scores continuations; False for a model of scores."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes of a model of scores, in order; none for one score or a language model."""

    @property
    def independent_classes(self) -> bool:
        """Whether each class's score is its own log-odds, so that several classes can hold at once
        (multi-label). Otherwise the scores are logits or log-probabilities of classes that exclude
        one another, and one class is compared with all the others.
        """

    def generate(self, prompt: Prompt, max_new_tokens: int, ledger: Ledger) -> Response:
        """The model's own answer, decoded greedily; a model of scores names its best class, or
        gives its score as text.
        """

    def encode_response(self, response: Response) -> tuple[int, ...]:
        """The token ids by which this model scores the response.

        Raises:
            FocusLimeError: there are none, as for a model of scores.
        """

    def response_pieces(self, response: Response) -> tuple[str, ...]:
        """The text of each token of `encode_response`. Joined, they are the response as its tokens
        decode; a character of several tokens belongs to the one that completes it.

        Raises:
            FocusLimeError: a model of scores.
        """

    def score(
        self, variants: Sequence[Variant], continuations: Continuations, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        """Log-probabilities (nats) of the continuations' tokens after each variant of one prompt.

        Yields (index of the variant, row) as soon as a row is known, in any order, each once. A row
        has the tokens of all continuations one after the other, `float64[n_tokens]`; that of a
        model of scores has its scores, `float64[n_classes]` (see `independent_classes`).
        """

    def estimate(self, variants: Sequence[Variant], continuations: Continuations) -> Estimate:
        """What `score` would cost."""

    def clear_kv(self) -> None:
        """Give back what is kept in memory between calls of `score`: keys and values."""

    def count_tokens(self, prompt: Prompt) -> int:
        """Tokens of the full prompt: the unit of FPE."""

    def tokens(self, prompt: Prompt) -> Units:
        """Token-level units that tile the prompt's sources.

        Raises:
            FocusLimeError: the model has no tokens.
        """


@runtime_checkable
class ShowsTokens(Protocol):
    """What a model may have besides: the characters of its tokens, less those that no token shows.
    Without it they are taken to be `Model.tokens`.
    """

    def token_spans(self, prompt: Prompt) -> Units:
        """The characters of each token of the prompt's sources, in order. Tokens that share a
        character are one; white space and other text that belongs to no token is in none.
        """


def score_all(
    model: Model, variants: Sequence[Variant], continuations: Continuations, ledger: Ledger
) -> list[Floats]:
    """The rows of `Model.score`, in the order of the variants."""
    rows = dict(model.score(variants, continuations, ledger))
    return [rows[i] for i in range(len(variants))]
