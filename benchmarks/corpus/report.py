"""The page of a corpus of explanations: what carries weight, the few that show most, the ones that
differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from focus_lime.errors import FocusLimeError
from focus_lime.explanation.result import Explanation

from ..tables.markdown import markdown
from .carriers import NAMERS, Carrier, carriers
from .outliers import outliers
from .picks import pick


def load_folder(folder: str | Path) -> list[tuple[str, Explanation]]:
    """The explanations of a folder's `*.json`, by name.

    Raises:
        FocusLimeError: there are none, or a file is no explanation.
    """
    paths = sorted(Path(folder).glob("*.json"))
    if not paths:
        raise FocusLimeError(f"{folder} has no explanations: give a folder of *.json")
    named: list[tuple[str, Explanation]] = []
    for path in paths:
        try:
            named.append((path.stem, Explanation.load(path)))
        except FocusLimeError as error:
            message = str(error) if str(path) in str(error) else f"{path}: {error}"
            raise FocusLimeError(message) from None
    return named


def report(
    named: Sequence[tuple[str, Explanation]], *, picks: int = 5, rows: int = 10, title: str = ""
) -> str:
    """Markdown: what carries weight by role, section and clause; the picked; the outliers."""
    explanations = [explanation for _, explanation in named]
    parts = [f"# {len(named)} explanations together{title and f': {title}'}\n"]
    for kind, namer in NAMERS.items():
        carried = carriers(explanations, namer)
        parts.append(f"## Weight by {kind}\n")
        parts.append(_carriers(kind, carried[:rows]))
        if len(carried) > rows:
            parts.append(f"{len(carried) - rows} more.\n")
    chosen = pick(explanations, picks)
    parts.append("## The few that show most (SP-LIME)\n")
    covered = [[named[p.index][0], f"{p.covered:.0%}"] for p in chosen]
    parts.append(markdown(["explanation", "importance covered so far"], covered))
    parts.append("## The ones that differ from the rest\n")
    strange = outliers(explanations)
    table = [
        [
            named[o.index][0],
            f"{o.distance:.1f}",
            "yes" if o.beyond else "no",
            f"{o.feature} ({o.deviation:+.1f})",
        ]
        for o in strange[:rows]
    ]
    header = ["explanation", "robust distance", "beyond 97.5 %", "differs most in"]
    parts.append(markdown(header, table))
    return "\n".join(parts)


def _carriers(kind: str, carried: Iterable[Carrier]) -> str:
    header = [kind, "share of weight", "lift", "mean weight, nats", "units", "explanations"]
    return markdown(
        header,
        [
            [
                _cell(c.name),
                f"{c.share:.1%}",
                f"{c.lift:.2f}",
                f"{c.weight:+.2f}",
                str(c.units),
                str(c.explanations),
            ]
            for c in carried
        ],
    )


def _cell(text: str) -> str:
    short = text if len(text) <= 80 else f"{text[:79]}…"
    return short.replace("|", "\\|") or "(blank)"
