"""What is explained: one number, made from what a model says of a prompt.

An objective names the continuations that the model must score, and turns the model's row of scores
into the number. It knows neither units nor masks. One that the user writes is as good as these:
subclass `Objective` and say what `continuations` and `value` are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.models.base import Continuations, Floats, Ledger, Model

# log p is kept this far below 0, so that the log-odds of a certain response stay finite (69).
_CERTAIN = -1e-30


def log1mexp(x: float) -> float:
    """log(1 - exp(x)) for x < 0, to full precision (Maechler 2012, equation 7)."""
    return float(np.log(-np.expm1(x)) if x > -np.log(2.0) else np.log1p(-np.exp(x)))


def log_odds(log_probability: float) -> float:
    """lp - log(1 - exp(lp)) in nats; finite for any lp <= 0."""
    clipped = min(log_probability, _CERTAIN)
    return clipped - log1mexp(clipped)


def logsumexp(values: Floats | Sequence[float]) -> float:
    """log(sum(exp(values))) without overflow."""
    array = np.asarray(values, dtype=np.float64)
    largest = float(array.max())
    if not np.isfinite(largest):
        return largest
    return largest + float(np.log(np.exp(array - largest).sum()))


class Objective(ABC):
    """
    Attributes:
        name: one line for people: what is explained.
        query: words that a retriever may look for in the prompt.
        reasoning: what the model thought before its answer, where it did.
        continuations: what the model must score after the prompt; none for a model of scores.
        is_additive: whether values are log-odds in nats, whose differences mean the same
            everywhere; a score in a unit of its own is not.
        is_decision: whether 0 is where the answer turns: a label or class against the others.
        notes: what a reader of the explanation should know of it.
        is_open: whether the model is asked for its answer before anything can be explained.
    """

    name: str = "the user's objective"
    query: str = ""
    reasoning: str = ""
    continuations: Continuations = ()
    notes: tuple[str, ...] = ()
    is_additive: bool = True
    is_decision: bool = False
    is_open: bool = False

    @abstractmethod
    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        """The number that one row of `Model.score` makes; `spans[i]` are the row's columns of
        continuation i.
        """

    def answer(self, row: Floats, spans: Sequence[slice]) -> str:
        """What the model said, for people: of several continuations the likeliest."""
        if not self.continuations:
            return self.query or f"{self.value(row, spans):.6g}"
        sums = [float(row[span].sum()) for span in spans]
        return self.continuations[int(np.argmax(sums))].text

    def resolve(
        self, model: Model, prompt: Prompt, max_new_tokens: int, ledger: Ledger
    ) -> Objective:
        """The objective as this model can score it: what was left open is asked of the model.

        Raises:
            FocusLimeError: the model cannot score it.
        """
        return self

    def without_token_ids(self) -> Objective:
        """The same objective for another model: texts stay, token ids go."""
        return self

    def expected(self, model: Model, prompt: Prompt, max_new_tokens: int) -> Objective:
        """What costs are counted by before the model was asked: an answer of the greatest length
        stands for the model's own.
        """
        return self.resolve(model, prompt, 0, Ledger()) if model.is_generative else Score()


@dataclass(frozen=True)
class Score(Objective):
    """The one score of a model of scores, as it is."""

    name = "score"
    is_additive = False
    is_decision = True

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        if len(row) != 1:
            raise FocusLimeError(
                f"the model gives {len(row)} classes: say which one to explain (labels)"
            )
        return float(row[0])
