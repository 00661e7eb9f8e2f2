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

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt
from focus_lime.models.base import Continuations, Floats, Ledger, Model, Response

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
        continuations: what the model must score after the prompt; none for a model of scores.
        is_additive: whether values are log-odds in nats, whose differences mean the same
            everywhere; a score in a unit of its own is not.
        is_decision: whether 0 is where the answer turns: a label or class against the others.
        is_open: whether the model is asked for its answer before anything can be explained.
    """

    name: str = "the user's objective"
    query: str = ""
    continuations: Continuations = ()
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
class ResponseLogOdds(Objective):
    """Log-odds of a response, log p(R | prompt) - log(1 - p(R | prompt)), or of a part of it given
    what stands before that in the response.

    Args:
        response: a text, or a `Response` with the model's own token ids; None asks the model.
        part: words of the response, such as one value in it; None explains all of it.
    """

    response: Response | str | None = None
    part: str | None = None
    columns: tuple[int, int] | None = None  # of the part's tokens in the response

    @property
    def name(self) -> str:  # type: ignore[override]
        return "log-odds of the response" if self.part is None else f"log-odds of {self.part!r}"

    @property
    def query(self) -> str:  # type: ignore[override]
        return self.part or self._response.text

    @property
    def continuations(self) -> Continuations:  # type: ignore[override]
        return (self._response,)

    @property
    def _response(self) -> Response:
        if isinstance(self.response, str):
            return Response(self.response)
        return self.response or Response("")

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        tokens = row[spans[0]]
        if self.columns is not None:
            tokens = tokens[slice(*self.columns)]
        return log_odds(float(tokens.sum()))

    def resolve(
        self, model: Model, prompt: Prompt, max_new_tokens: int, ledger: Ledger
    ) -> ResponseLogOdds:
        if not model.is_generative:
            raise FocusLimeError(f"{model.name} gives scores, not text: give labels instead")
        response = self._response
        if self.response is None:
            response = model.generate(prompt, max_new_tokens, ledger)
        elif not response.text.strip() and response.ids is None:
            raise FocusLimeError("the response is empty: give a response with text in it")
        model.encode_response(response)  # a response that it cannot score shows here
        columns = None if self.part is None else _columns(model, response, self.part)
        return ResponseLogOdds(response, self.part, columns)

    def without_token_ids(self) -> ResponseLogOdds:
        return ResponseLogOdds(self._response.as_text())

    @property
    def is_open(self) -> bool:  # type: ignore[override]
        return self.response is None

    def expected(self, model: Model, prompt: Prompt, max_new_tokens: int) -> Objective:
        if self.response is not None or not model.is_generative:
            return super().expected(model, prompt, max_new_tokens)
        return ResponseLogOdds(Response("", (0,) * max_new_tokens))


def _columns(model: Model, response: Response, part: str) -> tuple[int, int]:
    """The tokens of the response that hold a character of the part, where it first stands."""
    pieces = model.response_pieces(response)
    start = "".join(pieces).find(part) if part.strip() else -1
    if start < 0:
        raise FocusLimeError(
            f"the part {part!r} does not stand in the response {response.text!r}: give words of it"
        )
    ends = np.cumsum([len(piece) for piece in pieces])
    first = int(np.searchsorted(ends, start, side="right"))
    while first and not pieces[first - 1]:  # a character's first bytes show nothing by themselves
        first -= 1
    return first, int(np.searchsorted(ends, start + len(part), side="left")) + 1


@dataclass(frozen=True, init=False)
class LabelLogOdds(Objective):
    """One label against others: logsumexp of log p over the wordings of the first, less the same
    over those of all others, in nats. On a classifier, the label's class against all others.

    Args:
        labels: two or more, each a text or several wordings of it.
    """

    positive: tuple[Response, ...]
    negative: tuple[Response, ...]
    is_decision = True

    def __init__(self, *labels: str | Sequence[str]) -> None:
        # A list of wordings is taken as it stands: guards begin with line ends.
        wordings = [[x.strip()] if isinstance(x, str) else list(x) for x in labels]
        texts = [text for label in wordings for text in label]
        if not wordings or not all(wordings) or not all(text.strip() for text in texts):
            raise FocusLimeError("a label is empty: give labels as A,B")
        if len(set(texts)) < len(texts):
            raise FocusLimeError(f"the labels {', '.join(texts)} are not all different")
        first, *others = wordings
        object.__setattr__(self, "positive", tuple(map(Response, first)))
        object.__setattr__(self, "negative", tuple(Response(x) for label in others for x in label))

    @property
    def name(self) -> str:  # type: ignore[override]
        sides = (", ".join(repr(r.text) for r in side) for side in (self.positive, self.negative))
        return "log-odds of {} against {}".format(*sides)

    @property
    def query(self) -> str:  # type: ignore[override]
        return " ".join(response.text for response in self.positive)

    @property
    def continuations(self) -> Continuations:  # type: ignore[override]
        return self.positive + self.negative

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        sums = [float(row[span].sum()) for span in spans]
        split = len(self.positive)
        return logsumexp(sums[:split]) - logsumexp(sums[split:])

    def resolve(
        self, model: Model, prompt: Prompt, max_new_tokens: int, ledger: Ledger
    ) -> Objective:
        if not model.is_generative:
            return ClassLogOdds(self.positive[0].text).resolve(
                model, prompt, max_new_tokens, ledger
            )
        if not self.negative:
            raise FocusLimeError(
                "one label has nothing to be compared with: give two or more, as A,B"
            )
        ids = {model.encode_response(response) for response in self.continuations}
        if len(ids) < len(self.continuations):
            texts = ", ".join(response.text for response in self.continuations)
            raise FocusLimeError(f"the labels {texts} have the same tokens")
        return self


@dataclass(frozen=True)
class ClassLogOdds(Objective):
    """A class against all others: its score less the logsumexp of the others' scores. Where the
    model's classes are independent, a score is its class's log-odds already.

    Args:
        label: the class; None is the one that the model prefers.
    """

    label: str | None = None
    index: int = -1
    independent: bool = False
    is_decision = True

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"log-odds of the class {self.label!r}"

    @property
    def query(self) -> str:  # type: ignore[override]
        return self.label or ""

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        if self.index >= len(row):
            raise FocusLimeError(f"class {self.index} was asked for; the model has {len(row)}")
        if self.independent:
            return float(row[self.index])
        return float(row[self.index]) - logsumexp(np.delete(row, self.index))

    def resolve(
        self, model: Model, prompt: Prompt, max_new_tokens: int, ledger: Ledger
    ) -> ClassLogOdds:
        label = self.label
        if label is None:
            label = model.generate(prompt, max_new_tokens, ledger).text
        if label not in model.labels:
            raise FocusLimeError(
                f"{model.name} has no class {label!r}: {suggest(label, model.labels)}"
            )
        return ClassLogOdds(label, model.labels.index(label), model.independent_classes)


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


@dataclass(frozen=True)
class OwnAnswer(Objective):
    """Whatever the model answers: its own response, the class it prefers, or its one score."""

    name = "the model's own answer"
    is_open = True

    def value(self, row: Floats, spans: Sequence[slice]) -> float:
        raise FocusLimeError("the model's own answer is not known before it is asked: resolve it")

    def resolve(
        self, model: Model, prompt: Prompt, max_new_tokens: int, ledger: Ledger
    ) -> Objective:
        if model.is_generative:
            return ResponseLogOdds().resolve(model, prompt, max_new_tokens, ledger)
        label = model.generate(prompt, max_new_tokens, ledger).text  # tells how many classes
        if not model.labels:
            return Score()
        return ClassLogOdds(label).resolve(model, prompt, max_new_tokens, ledger)

    def expected(self, model: Model, prompt: Prompt, max_new_tokens: int) -> Objective:
        return ResponseLogOdds().expected(model, prompt, max_new_tokens)
