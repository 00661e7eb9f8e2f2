"""What the explanations of a run say together: a page for each panel and each method that gives
whole explanations. See `corpus` for what stands on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from focus_lime.explanation import Explanation, write_whole

from .corpus import report
from .records import Record, slug

VIEWS = "views"


def write(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the pages that the records allow; their paths.

    Seeds explain the same prompts again, so a page is over one of them, the first.
    """
    found: dict[tuple[str, str, str, float, str], list[Record]] = {}
    for record in records:
        if record.explanation:
            panel = record.task, record.model, record.level, record.budget, record.method
            found.setdefault(panel, []).append(record)
    written = []
    for (task, model, level, budget, method), mine in found.items():
        seed = min(record.seed for record in mine)
        mine = [record for record in mine if record.seed == seed]
        if len(mine) < 2:
            continue
        named = [(record.item, Explanation.load(folder / record.explanation)) for record in mine]
        title = f"{task}, {level}, {budget:g} FPE, by {method}, seed {seed}"
        path = folder / VIEWS / f"{slug(f'{task}-{model}-{level}-{budget:g}-{method}')}.md"
        path.parent.mkdir(exist_ok=True)
        write_whole(path, report(named, title=title))
        written.append(path)
    return written
