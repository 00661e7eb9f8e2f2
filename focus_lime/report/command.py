"""`focus-lime view`: explanations that were saved, in the terminal, as a page, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from focus_lime.errors import FocusLimeError


def view(
    files: Annotated[
        list[str], typer.Argument(help="JSON files of explanations; two of one text: compared.")
    ],
    html: Annotated[str | None, typer.Option(help="Write the page here.")] = None,
    serve: Annotated[
        int | None,
        typer.Option(help="Show the page at this port of this machine alone, until Ctrl-C."),
    ] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="Leave out all text but the spans that are named.")
    ] = False,
) -> None:
    """Show saved explanations: in the terminal, as one page, or served; two are compared."""
    from focus_lime.explanation import Explanation, write_whole
    from focus_lime.report.compare import compare
    from focus_lime.report.html import page
    from focus_lime.report.terminal import print_comparison, print_explanation

    if serve is not None and not 0 <= serve <= 65535:
        raise FocusLimeError(f"--serve {serve}: give a port from 0 (any) to 65535")
    found = [Explanation.load(file) for file in files]
    names = _names(files)
    two = len(found) == 2 and found[0].sources == found[1].sources
    comparison = compare(found, names) if two else None
    titles = names if len(found) > 1 else ()
    if html is None and serve is None:
        if redact:
            raise FocusLimeError("--redact is for a page: give --html FILE or --serve PORT too")
        console = Console()
        if comparison:
            print_comparison(comparison, console)
            return
        for name, explanation in zip(names, found, strict=True):
            if len(found) > 1:
                console.rule(Text(name), align="left")
            print_explanation(explanation, console)
        return
    source = page(found, titles=titles, redact=redact, comparison=comparison)
    if html is not None:
        write_whole(html, source)
        typer.echo(f"Wrote {html}.")
    if serve is not None:
        _serve(source, serve)


def _names(files: list[str]) -> list[str]:
    """The files' names where these are distinct, else their paths."""
    names = [Path(file).stem for file in files]
    return names if len(set(names)) == len(names) else files


def _serve(source: str, port: int) -> None:
    from focus_lime.report.serve import server

    try:
        serving = server(source, port)
    except OSError as error:
        raise FocusLimeError(f"--serve {port}: {error.strerror}; try another, or 0") from None
    with serving:
        typer.echo(f"http://127.0.0.1:{serving.server_port}/ until Ctrl-C")
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            typer.echo()
