"""Many explanations, one after the other: each is on disk before the next begins.

A run that was killed goes on: what it finished is found by a key of all that the explanation
depends on, so that nothing stale is ever taken for new.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import regex
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from focus_lime.errors import FocusLimeError
from focus_lime.explain import FocusLime
from focus_lime.explanation import Explanation
from focus_lime.objective import Labels
from focus_lime.prompt.prompt import Prompt


class Run:
    """Args:
    folder: where the explanations go; made if need be.
    how: options of `FocusLime.explain`, and its seed.
    """

    def __init__(self, explainer: FocusLime, folder: Path, how: Mapping[str, Any]) -> None:
        self.explainer, self.how = explainer, dict(how)
        self.folder = folder / "explanations"
        make_folder(self.folder)
        self._model = f"{explainer.model.name} {explainer.model.fingerprint}"

    def labels(self, wanted: Labels | None) -> Labels | None:
        """The labels, where the model has any: one of a single score is asked for that."""
        model = self.explainer.model
        return wanted if wanted and (model.speaks or model.labels) else None

    def explain(
        self, name: str, prompt: Prompt, labels: Labels | None = None
    ) -> tuple[Explanation, Path]:
        """The explanation and its file, made now or by a run before this one.

        Args:
            name: the beginning of the file's name, for people.
            labels: as `FocusLime.explain` takes them; left aside by a model of one score.
        """
        labels = self.labels(labels)
        path = self.folder / f"{slug(name)}-{self._key(prompt, labels)}.json"
        if path.exists():
            return Explanation.load(path), path
        found = self.explainer.explain(prompt, labels=labels, **self.how)
        found.save(path)
        return found, path

    def _key(self, prompt: Prompt, labels: Labels | None) -> str:
        messages = [
            [m.role, [[s.text, s.attributable, _cuts(s.text)] for s in m.segments]]
            for m in prompt.messages
        ]
        proxy = getattr(self.explainer.proxy, "name", None)
        known = [version("focus-lime"), self._model, proxy, sorted(self.how.items())]
        content = json.dumps([known, messages, prompt.question, labels], ensure_ascii=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def _cuts(text: str) -> Any:
    """How a text that brings its own units is cut: another cut is another explanation."""
    return getattr(text, "cuts", None)


class Note(Protocol):
    def __call__(self, name: str) -> None: ...


@contextmanager
def progress(total: int) -> Iterator[Note]:
    """Tells how far a run is, on standard error: a bar in a terminal, a line a step elsewhere."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        columns = (TextColumn("{task.description:<40.40}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
            task = bar.add_task("", total=total)
            yield lambda name: bar.update(task, advance=1, description=name.replace("[", "\\["))
        return
    done = 0

    def line(name: str) -> None:
        nonlocal done
        done += 1
        console.print(f"{done}/{total} {name}", markup=False, soft_wrap=True)

    yield line


def slug(name: str) -> str:
    """A name that any file system takes."""
    return regex.sub(r"[^\w.]+", "-", name).strip("-.")[-80:] or "unnamed"


def unique(names: Sequence[str]) -> list[str]:
    """A slug for each name, no two alike, whatever the case of letters."""
    found: list[str] = []
    for name in names:
        base = short = slug(name)
        number = 2
        while short.lower() in {other.lower() for other in found}:
            short = f"{base}-{number}"
            number += 1
        found.append(short)
    return found


def make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FocusLimeError(f"{path} cannot be made: {error.strerror}") from None
