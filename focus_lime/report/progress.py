"""Progress on standard error: bars in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_NAMES = {
    "answer": "The target answers",
    "scout": "The proxy scouts",
    "check": "Coverage check",
    "attribute": "The target attributes",
    "sets": "Sets that decide",
    "open": "The finest level",
}
_WIDTH = 40  # of a step's name


@contextmanager
def stage(name: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar for one phase of `FocusLime.explain`, which calls it with (done, total); nothing at all
    where standard error is not a terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with _bar(console) as bar:
        task = bar.add_task(f"{_NAMES.get(name, name):<21}", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Tells how far a run of so many steps is, called with the name of each that is done: a bar in
    a terminal, a line a step elsewhere.
    """
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with _bar(console) as bar:
            task = bar.add_task(" " * _WIDTH, total=total)
            yield lambda name: bar.update(task, advance=1, description=_fixed(name))
        return
    done = 0

    def line(name: str) -> None:
        nonlocal done
        done += 1
        console.print(f"{done}/{total} {name}", markup=False, soft_wrap=True)

    yield line


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)


def _fixed(name: str) -> str:
    """The name in a column of one width, never read as markup."""
    return f"{name:<{_WIDTH}.{_WIDTH}}".replace("[", "\\[")
