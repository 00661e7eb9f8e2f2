"""`focus-lime explain`: what in a document or a conversation made the model answer so?"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from focus_lime.cli.command import command
from focus_lime.cli.options import AnswerOptions, ModelOptions, PromptOptions, check_file
from focus_lime.errors import FocusLimeError
from focus_lime.method.settings import Settings
from focus_lime.options import Option


@dataclass(frozen=True, kw_only=True)
class ExplanationOptions:
    """What is made of it."""

    json: Annotated[str | None, Option("Write the explanation here.")] = None
    html: Annotated[str | None, Option("Write the report here.")] = None
    redact: Annotated[
        bool, Option("Leave out of the report all text but the spans that it names.")
    ] = False
    dry_run: Annotated[bool, Option("Say what it would cost, and ask nothing.")] = False

    def __post_init__(self) -> None:
        if self.redact and self.html is None:
            raise FocusLimeError("--redact is for the report: give --html FILE too")
        check_file("--json", self.json)
        check_file("--html", self.html)

    def check_against(self, inputs: Iterable[str | None]) -> None:
        """
        Raises:
            FocusLimeError: an output would take the place of an input, or of the other output.
        """
        known = {os.path.realpath(path): f"{path} is read" for path in inputs if path}
        for flag, path in (("--json", self.json), ("--html", self.html)):
            if path is None or not (os.path.isfile(path) or not os.path.exists(path)):
                continue  # a pipe or a terminal takes both
            real = os.path.realpath(path)
            if real in known:
                raise FocusLimeError(f"{flag} {path}: {known[real]}: give another file")
            known[real] = f"{flag} is written there"


@command()
def explain(
    prompt: PromptOptions,
    model: ModelOptions,
    answer: AnswerOptions,
    settings: Settings,
    output: ExplanationOptions,
) -> None:
    """Explain a model's answer to a document, to passages, or to a conversation."""
    from rich.console import Console

    from focus_lime.report import print_estimate, print_explanation, stage

    output.check_against((prompt.document, prompt.messages, prompt.passages))
    asked, objective = prompt.prompt(), answer.objective()
    explainer = model.explainer(has_cache=not output.dry_run)
    if output.dry_run:
        estimate = explainer.estimate(asked, objective=objective, **vars(settings))
        print_estimate(estimate, Console())
        return
    explainer.stage = stage
    explanation = explainer.explain(asked, objective=objective, **vars(settings))
    try:
        if output.json is not None:
            explanation.save(output.json)
        if output.html is not None:
            explanation.save_html(output.html, redact=output.redact)
    finally:  # a disk that is full loses no result
        print_explanation(explanation, Console())
