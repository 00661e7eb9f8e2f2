"""The explanations of a run as a corpus: a page for each panel and each method that gives whole
explanations. See `corpus.report` for what stands on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from focus_lime.explanation.result import Explanation
from focus_lime.files import slug, write_whole

from ..corpus.report import report
from ..records import Record

VIEWS = "views"


def write(records: Sequence[Record], folder: Path) -> list[Path]:
    """Write the pages that the records allow; their paths.

    Seeds explain the same prompts again, so a page is over one of them, the first.
    """
    groups: dict[tuple[str, str, str, float, str], list[Record]] = {}
    for record in records:
        if record.explanation:
            panel = record.task, record.model, record.level, record.budget, record.method
            groups.setdefault(panel, []).append(record)
    written = []
    for (task, model, level, budget, method), mine in groups.items():
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
