"""Many explanations, one after the other: each is on disk before the next begins.

A run that was killed goes on: what it finished is found by a key of all that the explanation
depends on, so that nothing stale is ever taken for new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from focus_lime.explain import FocusLime
from focus_lime.explanation.result import Explanation
from focus_lime.files import make_folder, slug
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objective import Objective
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.settings import Settings


class Run:
    """
    Args:
        folder: where the explanations go; made if need be.
        settings: of all explanations.
    """

    def __init__(self, explainer: FocusLime, folder: Path, settings: Settings) -> None:
        self.explainer, self.settings = explainer, settings
        self.folder = folder / "explanations"
        make_folder(self.folder)

    def objective(self, labels: Sequence[str | Sequence[str]]) -> Objective | None:
        """Labels against each other, where the model has any: one of a single score is asked for
        that. None is the model's own answer.
        """
        model = self.explainer.model
        return LabelLogOdds(*labels) if labels and (model.is_generative or model.labels) else None

    def explain(
        self, name: str, prompt: Prompt, objective: Objective | None
    ) -> tuple[Explanation, Path]:
        """The explanation and its file, made now or by a run before this one.

        Args:
            name: the beginning of the file's name, for people.
        """
        path = self.folder / f"{slug(name)}-{self._key(prompt, objective)}.json"
        if path.exists():
            return Explanation.load(path), path
        explanation = self.explainer.explain(prompt, objective=objective, **vars(self.settings))
        explanation.save(path)
        return explanation, path

    def _key(self, prompt: Prompt, objective: Objective | None) -> str:
        explainer = self.explainer
        parts = [
            version("focus-lime"),
            explainer.model.name,
            explainer.model.fingerprint,
            explainer.proxy.name if explainer.proxy is not None else None,
            repr(explainer.surrogate),
            sorted(vars(self.settings).items()),
            repr(objective),
            prompt.data,
            prompt.question,
            prompt.tree.digest,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
