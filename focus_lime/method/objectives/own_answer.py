"""Whatever the model answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from focus_lime.errors import FocusLimeError
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Objective, Score
from focus_lime.method.objectives.labels import ClassLogOdds
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.models.base import Floats, Ledger, Model


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
