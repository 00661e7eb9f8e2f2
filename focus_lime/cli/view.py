"""`focus-lime view`: explanations that were saved, in the terminal, as a page, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from focus_lime.cli.command import command
from focus_lime.cli.options import check_file
from focus_lime.errors import FocusLimeError
from focus_lime.options import Option

if TYPE_CHECKING:
    from focus_lime.explanation.result import Explanation
    from focus_lime.report import Comparison


@dataclass(frozen=True, kw_only=True)
class ViewOptions:
    """What is shown, and where."""

    files: Annotated[
        tuple[str, ...],
        Option("JSON files of explanations; two of one text: compared.", is_positional=True),
    ]
    html: Annotated[str | None, Option("Write the page here.")] = None
    serve: Annotated[
        int | None,
        Option(
            "Show the page at this port, to this machine alone, until Ctrl-C; 0: any that is free.",
            least=0,
            most=65535,
        ),
    ] = None
    redact: Annotated[bool, Option("Leave out all text but the spans that are named.")] = False

    def __post_init__(self) -> None:
        if self.redact and self.html is None and self.serve is None:
            raise FocusLimeError("--redact is for a page: give --html FILE or --serve PORT too")
        check_file("--html", self.html)

    @property
    def names(self) -> tuple[str, ...]:
        """The files' names where these are distinct, else their paths."""
        names = tuple(Path(file).stem for file in self.files)
        return names if len(set(names)) == len(names) else self.files


@command(config=False)
def view(options: ViewOptions) -> None:
    """Show saved explanations: in the terminal, as one page, or served; two are compared."""
    from focus_lime.explanation.result import Explanation
    from focus_lime.files import write_whole
    from focus_lime.report import compare, page

    names = options.names
    explanations = [Explanation.load(file) for file in options.files]
    is_pair = len(explanations) == 2 and explanations[0].sources == explanations[1].sources
    comparison = compare(explanations, names) if is_pair else None
    if options.html is None and options.serve is None:
        _print(explanations, names, comparison)
        return
    titles = names if len(explanations) > 1 else ()
    source = page(explanations, titles=titles, redact=options.redact, comparison=comparison)
    if options.html is not None:
        write_whole(options.html, source)
        print(f"Wrote {options.html}.")
    if options.serve is not None:
        _serve(source, options.serve)


def _print(
    explanations: Sequence[Explanation], names: Sequence[str], comparison: Comparison | None
) -> None:
    from rich.console import Console
    from rich.text import Text

    from focus_lime.report import print_comparison, print_explanation

    console = Console()
    if comparison:
        print_comparison(comparison, console)
        return
    for name, explanation in zip(names, explanations, strict=True):
        if len(explanations) > 1:
            console.rule(Text(name), align="left")
        print_explanation(explanation, console)


def _serve(source: str, port: int) -> None:
    from focus_lime.report import server

    try:
        serving = server(source, port)
    except OSError as error:
        raise FocusLimeError(f"--serve {port}: {error.strerror}; try another, or 0") from None
    with serving:
        print(f"http://127.0.0.1:{serving.server_port}/ until Ctrl-C")
        try:
            serving.serve_forever()
        except KeyboardInterrupt:
            print()
