"""What an audit leaves: one JSON, one CSV row a finding, one HTML page a file, a table to read."""

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

from focus_lime.explanation import Explanation, write_whole
from focus_lime.jobs.audit import Finding, Results, Subject
from focus_lime.jobs.wording import where
from focus_lime.report.highlight import quote
from focus_lime.report.html import Cell, Summary, page

_COLUMNS = ("question", "verdict", "margin", "effect held", "evidence", "deleting this turns it")
_CSV = (
    "file item name question verdict answer found margin coverage outcome place start end "
    "evidence weight effect flips warnings explanation"
).split()


def write_findings(out: Path, results: Results, model: Mapping[str, Any]) -> None:
    """`findings.json` and `findings.csv`, whole or not at all."""
    data = results.to_dict(model)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    write_whole(out / "findings.json", text)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, _CSV, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_csv_row(finding) for finding in results.findings)
    write_whole(out / "findings.csv", buffer.getvalue())


def _csv_row(finding: Finding) -> dict[str, Any]:
    first = finding.evidence[0] if finding.evidence else {}
    row = {
        **{name: getattr(finding, name) for name in _CSV if hasattr(finding, name)},
        "place": where(first) if first else "",
        **{name: first.get(name) for name in ("start", "end", "weight", "effect")},
        "evidence": quote(first.get("text", ""), 500),
        "flips": _flip(finding, 500),
        "warnings": "; ".join(finding.warnings),
    }
    # A spreadsheet runs a cell that begins so; the text of a contract must not.
    return {
        k: "'" + v if isinstance(v, str) and v[:1] in ("=", "+", "-", "@", "\t") else v
        for k, v in row.items()
    }


def _flip(finding: Finding, length: int) -> str:
    if not finding.flips:
        return ""
    return quote(" + ".join(f"{where(p)}: {p['text']}" for p in finding.flips[0]), length)


def _cells(finding: Finding) -> list[str]:
    first = finding.evidence[0] if finding.evidence else None
    return [
        finding.name,
        quote(finding.verdict, 80),
        f"{finding.margin:+.2f}",
        "" if finding.coverage is None else f"{finding.coverage:.0%}",
        _evidence(first),
        _flip(finding, 160) or "nothing found",
    ]


def _evidence(first: Mapping[str, Any] | None) -> str:
    if first is None:
        return "none"
    doubt = "" if first["sure"] else "unsure: "
    return f"{doubt}{where(first)}: {quote(first['text'], 160)}"


def file_page(
    subject: Subject,
    found: Sequence[tuple[Finding, Explanation]],
    results: Results,
    redact: bool = False,
) -> str:
    """The page of one file: all questions, and the explanation of each over the text."""
    rows = []
    for number, (finding, _) in enumerate(found, start=1):
        first, *others = _cells(finding)
        rows.append([Cell(first, f"#finding-{number}"), *map(Cell, others)])
    failed = [failure for failure in results.failures if failure.file == subject.name]
    return page(
        [explanation for _, explanation in found],
        titles=[f"{finding.name}: {quote(finding.verdict, 60)}" for finding, _ in found],
        layouts=[subject.layout] * len(found),
        title=subject.name,
        summary=Summary(_LEAD, _COLUMNS, rows, failed),
        redact=redact,
    )


def index_page(title: str, results: Results, pages: Mapping[str, str]) -> str:
    """The page over all files; `pages` are the files' own, by file."""
    rows = [
        [Cell(finding.file, pages.get(finding.file)), *map(Cell, _cells(finding))]
        for finding in results.findings
    ]
    summary = Summary(_LEAD, ("file", *_COLUMNS), rows, results.failures)
    return page([], title=title, summary=summary)


_LEAD = (
    "Margins are in nats: above 0 the model finds what the question asks for. Effect held is the "
    "share of the model's answer that goes when the examined sentences go: where it is low, the "
    "evidence is not all of it."
)


def print_findings(results: Results, console: Console) -> None:
    """A short table of verdicts, and what failed. Texts of files are never read as markup."""
    if results.findings:
        table = Table(box=None, pad_edge=False)
        for name in ("file", *_COLUMNS[:5]):
            right = name in ("margin", "effect held")
            table.add_column(name, justify="right" if right else "left", overflow="fold")
        for finding in results.findings:
            cells = _cells(finding)[:5]
            cells[4] = quote(cells[4], 90)
            table.add_row(*(Text(plain(cell)) for cell in (Path(finding.file).name, *cells)))
        console.print(table)
    for failure in results.failures:
        what = f"{failure.item}: " if failure.item else ""
        file = "" if failure.file in failure.reason else f"{failure.file}: "
        console.print(Text.assemble(("failed  ", "red"), plain(f"{what}{file}{failure.reason}")))


def plain(text: str) -> str:
    """Text that cannot move the cursor or change colours."""
    return "".join(c if c.isprintable() else " " for c in text)
