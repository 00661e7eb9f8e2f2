"""A page that a real small model is asked about: once it is right, once it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from focus_lime.explanation.result import Explanation

if TYPE_CHECKING:
    from focus_lime.explain import Stage
    from focus_lime.models.base import Model

PAGE = Path(__file__).with_name("agreement.txt")
_ANSWER = 24  # tokens of an answer, at most


@dataclass(frozen=True)
class Asked:
    """A question about the page.

    Attributes:
        value: what the page says, as it stands there.
    """

    question: str
    value: str


QUESTIONS = (
    Asked("What is the limit of liability?", "200,000 pounds"),
    Asked("How long is the notice period?", "sixty days"),
)


@dataclass(frozen=True)
class Explained:
    """An answer to one of these, explained."""

    asked: Asked
    explanation: Explanation

    @property
    def is_right(self) -> bool:
        return self.asked.value in self.explanation.response


def explain(model: Model, proxy: str, asked: Asked, stage: Stage | None = None) -> Explained:
    """The model's own answer, explained word by word."""
    from focus_lime.explain import FocusLime
    from focus_lime.inputs.prompt import Prompt
    from focus_lime.method.proxy import chosen_proxy

    explainer = FocusLime(model, chosen_proxy(proxy), stage=stage)
    prompt = Prompt.from_document(PAGE, question=asked.question)
    explanation = explainer.explain(prompt, granularity="word", max_new_tokens=_ANSWER)
    return Explained(asked, explanation)
