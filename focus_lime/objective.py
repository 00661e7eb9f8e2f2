"""What is explained: one scalar, in nats, made from what a model says of a prompt.

An objective names its target, and turns a model's row of scores into the scalar. It knows
neither prompts nor masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import logsumexp

from focus_lime.errors import FocusLimeError, near
from focus_lime.models.base import Floats, Ledger, Model, Response, Target
from focus_lime.prompt.prompt import Prompt

# What is compared: the first against the others. A label may have several wordings.
Labels = Sequence[str | Sequence[str]]

# log p is kept this far below 0, so that the log-odds of a certain response stay finite (69).
_CERTAIN = -1e-30


def log1mexp(x: float) -> float:
    """log(1 - exp(x)) for x < 0, to full precision (Maechler 2012, equation 7)."""
    return float(np.log(-np.expm1(x)) if x > -np.log(2.0) else np.log1p(-np.exp(x)))


def log_odds(log_probability: float) -> float:
    """lp - log(1 - exp(lp)) in nats; finite for any lp <= 0."""
    clipped = min(log_probability, _CERTAIN)
    return clipped - log1mexp(clipped)


class Objective(Protocol):
    @property
    def name(self) -> str:
        """One line for people: what is explained."""

    @property
    def query(self) -> str:
        """Words that a retriever may look for in the prompt."""

    @property
    def target(self) -> Target:
        """What the model must score."""

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        """The scalar of one row of `Model.score`; `spans` are the target's continuations."""

    def for_other(self) -> Objective:
        """The same objective for another model: texts stay, token ids go."""


@dataclass(frozen=True)
class ResponseLogOdds:
    """Log-odds of one response: log p(R | prompt) - log(1 - p(R | prompt))."""

    response: Response

    @property
    def name(self) -> str:
        return "log-odds of the response"

    @property
    def query(self) -> str:
        return self.response.text

    @property
    def target(self) -> Target:
        return Target((self.response,))

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        return log_odds(float(row[spans[0]].sum()))

    def for_other(self) -> ResponseLogOdds:
        return ResponseLogOdds(self.response.as_text())


@dataclass(frozen=True)
class LabelLogOdds:
    """logsumexp of log p over the positive labels less the same over the negative ones."""

    positive: tuple[Response, ...]
    negative: tuple[Response, ...]

    @property
    def name(self) -> str:
        sides = (", ".join(repr(r.text) for r in side) for side in (self.positive, self.negative))
        return "log-odds of {} against {}".format(*sides)

    @property
    def query(self) -> str:
        return " ".join(response.text for response in self.positive)

    @property
    def target(self) -> Target:
        return Target(self.positive + self.negative)

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        sums = [row[span].sum() for span in spans]
        split = len(self.positive)
        return float(logsumexp(sums[:split]) - logsumexp(sums[split:]))

    def for_other(self) -> LabelLogOdds:
        sides = (tuple(r.as_text() for r in side) for side in (self.positive, self.negative))
        return LabelLogOdds(*sides)


@dataclass(frozen=True)
class ClassLogOdds:
    """A class against all others: its score less the logsumexp of the others' scores.

    Where classes are `independent`, as of a model that gives several labels at once, a score is
    its class's log-odds already.
    """

    index: int
    label: str
    independent: bool = False

    @property
    def name(self) -> str:
        return f"log-odds of the class {self.label!r}"

    @property
    def query(self) -> str:
        return self.label

    @property
    def target(self) -> Target:
        return Target()

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        if self.index >= len(row):
            raise FocusLimeError(f"class {self.index} was asked for; the model has {len(row)}")
        if self.independent:
            return float(row[self.index])
        return float(row[self.index] - logsumexp(np.delete(row, self.index)))

    def for_other(self) -> ClassLogOdds:
        return self


@dataclass(frozen=True)
class Score:
    """The one score of a model of scores, as it is."""

    @property
    def name(self) -> str:
        return "score"

    @property
    def query(self) -> str:
        return ""

    @property
    def target(self) -> Target:
        return Target()

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        if len(row) != 1:
            raise FocusLimeError(
                f"the model gives {len(row)} classes: say which one to explain (labels)"
            )
        return float(row[0])

    def for_other(self) -> Score:
        return self


def choose(
    model: Model,
    prompt: Prompt,
    response: str | Response | None,
    labels: Labels | None,
    max_new_tokens: int,
    ledger: Ledger,
) -> Objective:
    """The objective that the user's wishes mean for this model.

    Labels: the first against the others, in any of their wordings; for a classifier, against all
    other classes. A response: its log-odds. Neither: the model's own answer, the class it
    prefers, or its one score.

    Raises:
        FocusLimeError: labels or a response that the model cannot score.
    """
    if labels is not None and response is not None:
        raise FocusLimeError("a response and labels were given: explain one of them")
    if not model.speaks:
        if response is not None:
            raise FocusLimeError(f"{model.name} gives scores, not text: give labels instead")
        if labels is not None:
            return _class(model, _stripped(labels)[0][0])
        answer = model.generate(prompt, max_new_tokens, ledger)
        return Score() if model.labels == () else _class(model, answer.text)
    if labels is not None:
        return _labels(model, _stripped(labels))
    if response is None:
        return ResponseLogOdds(model.generate(prompt, max_new_tokens, ledger))
    given = Response(response) if isinstance(response, str) else response
    if not given.text.strip() and given.ids is None:
        raise FocusLimeError("the response is empty: give a response with text in it")
    return ResponseLogOdds(given)


def _stripped(labels: Labels) -> list[list[str]]:
    """Each label's wordings. A list of them is taken as it stands: guards begin with line ends."""
    stripped = [[label.strip()] if isinstance(label, str) else list(label) for label in labels]
    texts = [text for wordings in stripped for text in wordings]
    if not stripped or not all(text.strip() for text in texts) or not all(stripped):
        raise FocusLimeError("a label is empty: give labels as A,B")
    if len(set(texts)) < len(texts):
        raise FocusLimeError(f"the labels {', '.join(texts)} are not all different")
    return stripped


def _class(model: Model, label: str) -> ClassLogOdds:
    if label not in model.labels:
        raise FocusLimeError(f"{model.name} has no class {label!r}: {near(label, model.labels)}")
    independent = bool(getattr(model, "independent", False))
    return ClassLogOdds(model.labels.index(label), label, independent)


def _labels(model: Model, labels: list[list[str]]) -> LabelLogOdds:
    if len(labels) < 2:
        raise FocusLimeError("one label has nothing to be compared with: give labels as A,B")
    responses = [Response(text) for wordings in labels for text in wordings]
    if len({model.continuation(response) for response in responses}) < len(responses):
        named = ", ".join(response.text for response in responses)
        raise FocusLimeError(f"the labels {named} have the same tokens")
    split = len(labels[0])
    return LabelLogOdds(tuple(responses[:split]), tuple(responses[split:]))
