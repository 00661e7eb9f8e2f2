"""What an audit leaves: one JSON, one CSV row a verdict, one HTML page a file, a table to read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from focus_lime.explanation.formats import quote
from focus_lime.explanation.result import Explanation
from focus_lime.files import write_whole
from focus_lime.models.base import Model
from focus_lime.report import Cell, Summary, page, to_sarif
from focus_lime.workflows.verdicts import Subject, Verdict, Verdicts

_COLUMNS = ("question", "verdict", "margin", "effect held", "evidence", "deleting this turns it")
_CSV = (
    "file item name question conclusion answer found margin coverage check place start end "
    "evidence weight effect counterfactual_set warnings explanation"
).split()
_LEAD = (
    "Margins are in nats: above 0 the model finds what the question asks for. Effect held is the "
    "share of the model's answer that goes when the examined units go, as the coverage check "
    "measured it: where it is low, the evidence is not all of it."
)


def write_verdicts(folder: Path, results: Verdicts, model: Model) -> None:
    """`verdicts.json` and `verdicts.csv`, each whole or not at all."""
    data = results.to_dict(model.name, model.fingerprint)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    write_whole(folder / "verdicts.json", text)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _CSV, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_csv_row, results.verdicts))
    write_whole(folder / "verdicts.csv", buffer.getvalue())


def write_sarif(folder: Path, results: Verdicts, model: Model) -> int:
    """`verdicts.sarif`, of verdicts about code; how many results are in it."""
    log = to_sarif(results.verdicts, results.failures, model.name)
    write_whole(folder / "verdicts.sarif", json.dumps(log, ensure_ascii=False, indent=1) + "\n")
    return len(log["runs"][0]["results"])


def _csv_row(verdict: Verdict) -> dict[str, Any]:
    first = verdict.evidence[0] if verdict.evidence else None
    row = {
        **{name: getattr(verdict, name) for name in _CSV if hasattr(verdict, name)},
        "place": str(first.place) if first else "",
        "start": first.place.start if first else None,
        "end": first.place.end if first else None,
        "weight": first.weight if first else None,
        "effect": first.effect if first else None,
        "evidence": quote(first.text, 500) if first else "",
        "counterfactual_set": _counterfactual_set(verdict, 500),
        "warnings": "; ".join(verdict.warnings),
    }
    # A spreadsheet runs a cell that begins so; the text of a contract must not.
    return {
        k: "'" + v if isinstance(v, str) and v[:1] in ("=", "+", "-", "@", "\t") else v
        for k, v in row.items()
    }


def _counterfactual_set(verdict: Verdict, length: int) -> str:
    """The first set that turns the answer."""
    if not verdict.counterfactual_sets:
        return ""
    return quote(" + ".join(map(str, verdict.counterfactual_sets[0])), length)


def _cells(verdict: Verdict) -> list[str]:
    return [
        verdict.name,
        quote(verdict.conclusion, 80),
        f"{verdict.margin:+.2f}",
        "" if verdict.coverage is None else f"{verdict.coverage:.0%}",
        _evidence(verdict),
        _counterfactual_set(verdict, 160) or "nothing found",
    ]


def _evidence(verdict: Verdict) -> str:
    if not verdict.evidence:
        return "none"
    first = verdict.evidence[0]
    return f"{'' if first.significant else 'unsure: '}{first.place}: {quote(first.text, 160)}"


def file_page(
    subject: Subject,
    explained: Sequence[tuple[Verdict, Explanation]],
    results: Verdicts,
    *,
    redact: bool = False,
) -> str:
    """The page of one file: all questions, and the explanation of each over the text."""
    rows = []
    for number, (verdict, _) in enumerate(explained, start=1):
        first, *others = _cells(verdict)
        rows.append([Cell(first, f"#finding-{number}"), *map(Cell, others)])
    failed = [failure for failure in results.failures if failure.file == subject.name]
    return page(
        [explanation for _, explanation in explained],
        titles=[f"{verdict.name}: {quote(verdict.conclusion, 60)}" for verdict, _ in explained],
        layouts=[subject.layout] * len(explained),
        title=subject.name,
        summary=Summary(_LEAD, _COLUMNS, rows, failed),
        redact=redact,
    )


def index_page(title: str, results: Verdicts, pages: Mapping[str, str]) -> str:
    """The page over all files; `pages` are the files' own, by file."""
    rows = [
        [Cell(verdict.file, pages.get(verdict.file)), *map(Cell, _cells(verdict))]
        for verdict in results.verdicts
    ]
    summary = Summary(_LEAD, ("file", *_COLUMNS), rows, results.failures)
    return page([], title=title, summary=summary)


def print_verdicts(results: Verdicts, console: Console) -> None:
    """A short table of verdicts, and what failed. Texts of files are never read as markup."""
    if results.verdicts:
        table = Table(box=None, pad_edge=False)
        for name in ("file", *_COLUMNS[:5]):
            right = name in ("margin", "effect held")
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for verdict in results.verdicts:
            cells = _cells(verdict)[:5]
            cells[4] = quote(cells[4], 90)
            table.add_row(*(Text(plain(cell)) for cell in (Path(verdict.file).name, *cells)))
        console.print(table)
    for failure in results.failures:
        what = f"{failure.item}: " if failure.item else ""
        file = "" if failure.file in failure.reason else f"{failure.file}: "
        console.print(Text.assemble(("failed  ", "red"), plain(f"{what}{file}{failure.reason}")))


def plain(text: str) -> str:
    """Text that cannot move the cursor or change colours."""
    return "".join(c if c.isprintable() else " " for c in text)
