"""What an explanation would cost, in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from focus_lime.explanation.formats import count
from focus_lime.models.base import Estimate


def print_estimate(estimate: Estimate, console: Console) -> None:
    """The estimate on one screen, with what it assumes."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("prompt", f"{estimate.prompt_tokens:,} tokens")
    grid.add_row("calls", f"{estimate.calls:,}, {estimate.tokens_asked:,} tokens asked")
    grid.add_row(
        "computed", f"{estimate.tokens_computed:,} tokens, {count(estimate.fpe)} full prompts"
    )
    if estimate.bytes:
        grid.add_row("memory", f"{estimate.bytes / 2**20:,.0f} MiB beside the model's weights")
    grid.add_row("assumed", "S spread evenly over the prompt, an answer of full length")
    grid.add_row(
        "not counted",
        "what the proxy asks, of the target too (cached-context, attention, target-alone); the "
        "search of the proxy target is counted",
    )
    console.print(grid)
