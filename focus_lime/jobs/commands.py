"""`focus-lime audit`: its commands."""

from __future__ import annotations

import typer

from focus_lime.jobs.code import code
from focus_lime.jobs.legal import legal

audit = typer.Typer(no_args_is_help=True, help="Ask a checklist of contracts or of code.")
audit.command()(legal)
audit.command()(code)


@audit.callback()
def _root() -> None:
    """Ask a checklist of contracts or of code, and show what made the model answer so."""
