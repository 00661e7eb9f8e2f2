"""Reports of explanations: a page, a terminal, a notebook, a comparison, SARIF.

This is the one door: other rooms import from here. Each name is loaded when it is first used, so
that a page needs no rich and a terminal no jinja2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from focus_lime.lazy import lazy

if TYPE_CHECKING:
    from focus_lime.report.comparison import Comparison, compare
    from focus_lime.report.html.page import page, render_html
    from focus_lime.report.notebook import compact, frame
    from focus_lime.report.plot import figure
    from focus_lime.report.progress import stage, steps
    from focus_lime.report.sarif import Evidence, Verdict, to_sarif
    from focus_lime.report.serve import server
    from focus_lime.report.summary import Cell, Failure, Summary
    from focus_lime.report.terminal.comparison import print_comparison
    from focus_lime.report.terminal.estimate import print_estimate
    from focus_lime.report.terminal.explanation import print_explanation

# No submodule has the name of a function: importing it would hide that.
_HOMES = {
    "comparison": ["Comparison", "compare"],
    "plot": ["figure"],
    "html.page": ["page", "render_html"],
    "notebook": ["compact", "frame"],
    "progress": ["stage", "steps"],
    "sarif": ["Evidence", "Verdict", "to_sarif"],
    "serve": ["server"],
    "summary": ["Cell", "Failure", "Summary"],
    "terminal.comparison": ["print_comparison"],
    "terminal.estimate": ["print_estimate"],
    "terminal.explanation": ["print_explanation"],
}

__getattr__ = lazy(__name__, _HOMES)

__all__ = [
    "Cell",
    "Comparison",
    "Evidence",
    "Failure",
    "Summary",
    "Verdict",
    "compact",
    "compare",
    "figure",
    "frame",
    "page",
    "print_comparison",
    "print_estimate",
    "print_explanation",
    "render_html",
    "server",
    "stage",
    "steps",
    "to_sarif",
]


def __dir__() -> list[str]:
    return __all__
