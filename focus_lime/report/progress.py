"""Progress bars on standard error; nothing at all where that is not a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from focus_lime.perturb.value import Progress as Callback

_NAMES = {
    "answer": "The target answers",
    "scout": "Proxy scouts",
    "audit": "Target audits",
    "attribute": "Target attributes",
    "sets": "Sets that decide",
    "open": "Words and tokens",
}


@contextmanager
def stage(name: str) -> Iterator[Callback | None]:
    """A bar for one stage of `FocusLime.explain`."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description:<20}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(_NAMES.get(name, name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
