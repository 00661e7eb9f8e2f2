"""`focus-lime models`: what was converted and is kept; where it lies; how it goes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from focus_lime.cli.command import command
from focus_lime.errors import FocusLimeError, suggest
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.models.store import StoredModel


@dataclass(frozen=True, kw_only=True)
class NameOptions:
    """Which model."""

    name: Annotated[
        str, Option("As `models list` prints it: a model or a folder.", is_positional=True)
    ]


@command(config=False)
def list_models() -> None:
    """List the models that were converted from GGUF files and are kept."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from focus_lime.models.store import megabytes, root, stored

    models, console = stored(), Console(highlight=False)
    if not models:
        console.print(f"No converted model in {root()}.", markup=False, soft_wrap=True)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for title in ("model", "dtype", "size", "made", "folder"):
        table.add_column(title, no_wrap=title != "model", overflow="fold")
    for model in models:
        origin = model.origin
        size = megabytes(model.size)
        table.add_row(Text(origin.model), origin.dtype, size, origin.made, model.path.name)
    console.print(table)
    total = megabytes(sum(model.size for model in models))
    console.print(f"{total} in {root()}", markup=False, soft_wrap=True)


@command(config=False)
def path(options: NameOptions) -> None:
    """Print the folder of a converted model, for transformers or any other tool."""
    for model in _named(options.name):
        print(model.path)


@command(config=False)
def remove(options: NameOptions) -> None:
    """Take a converted model from the disk; it is made again when it is asked for."""
    from focus_lime.models import store

    for model in _named(options.name):
        size = store.megabytes(model.size)
        store.remove(model)
        print(f"Removed {model.path} ({size}).")


def _named(name: str) -> list[StoredModel]:
    """All models of a name, one for each dtype; those of a GGUF file, whatever its name was when it
    was converted; or the one in a folder of that name.

    Raises:
        FocusLimeError: there is none, or the name is that of several files' models.
    """
    from focus_lime.models import store

    models = store.stored()
    found = [m for m in models if name in (m.origin.model, m.path.name, str(m.path))]
    file = Path(name.removeprefix("gguf:"))
    if name.startswith("gguf:") and os.path.isfile(file):
        from focus_lime.models.gguf import digest_of

        digest = digest_of(file)
        found = [m for m in models if m.origin.digest == digest]
    if len({m.origin.digest for m in found}) > 1:
        folders = ", ".join(m.path.name for m in found)
        raise FocusLimeError(f"models of several files are called {name!r}: name one of {folders}")
    if not found:
        names = [n for m in models for n in (m.origin.model, m.path.name)]
        near = suggest(name, names) if names else "none is kept"
        raise FocusLimeError(f"no converted model {name!r} in {store.root()}: {near}")
    return found
