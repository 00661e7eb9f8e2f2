"""One label against others: wordings for a language model, or a classifier's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Objective, logsumexp
from focus_lime.models.base import Continuations, Floats, Ledger, Model, Response


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
