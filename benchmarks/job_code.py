"""`audit code` on real vulnerable functions: are the lines those that the fix deleted?

    python -m focus_lime.benchmarks.job_code --data DIR [--limit N] [--out FILE.md]

DIR holds `sven/`. Every function of a held-out commit is a file, and its own weakness the question;
the judge is `job_models:vulnerability`. Through the public command.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from focus_lime.jobs.audit import EVIDENCE
from focus_lime.jobs.checklist import load_checklist
from focus_lime.jobs.grammar import cut

from . import script, sven
from .job_models import CODE_CHECKLIST, bootstrap, command
from .tables import markdown

_COLUMNS = ("recall", "hit", "random")


def score(fix: sven.Fix, name: str, finding: dict[str, Any]) -> dict[str, Any]:
    """Recall of the deleted lines among the evidence, and what as many random lines would find."""
    lines = cut(name, fix.before).lines
    ends = [*lines[1:], len(fix.before)]

    def touched(spans: Sequence[tuple[int, int]]) -> set[int]:
        return {
            i
            for i, (start, end) in enumerate(zip(lines, ends, strict=True))
            if any(a < end and start < b for a, b in spans)
        }

    gold = touched(fix.deleted)
    shown = touched([(e["start"], e["end"]) for e in finding["evidence"] if e["weight"] > 0])
    return {
        "cwe": fix.cwe,
        "found": finding["found"],
        "recall": len(gold & shown) / len(gold),
        "hit": float(bool(gold & shown)),
        "random": min(1.0, len(shown) / len(lines)),
    }


def report(rows: Sequence[dict[str, Any]], said: str) -> str:
    found = [row for row in rows if row["found"]]
    groups = {"all functions": rows, "those the model finds": found}
    for cwe in dict.fromkeys(row["cwe"] for row in rows):
        groups[f"CWE-{cwe}"] = [row for row in rows if row["cwe"] == cwe]
    table = [
        [name, str(len(group)), *(bootstrap([row[c] for row in group]) for c in _COLUMNS)]
        for name, group in groups.items()
        if group
    ]
    return "\n\n".join(
        [
            "# `focus-lime audit code` on real vulnerable functions",
            f"```\n{said}\n```",
            f"{len(rows)} functions of SVEN from commits that the model has not seen, before their "
            "fix. The model is TF-IDF over one to three tokens and logistic regression, one a "
            "weakness, trained to tell functions before and after their fix: a stand-in for a "
            f"code model, and a weak one: it finds {len(found)}. Proxy bm25, default budget, seed "
            f"0. Recall: share of the deleted lines among the at most {EVIDENCE} lines of evidence "
            "that speak for the weakness. Hit: at least one of them. Random: the expected recall "
            "of as many lines drawn at random. In brackets: 95 % percentile bootstrap over "
            "functions.",
            markdown(("", "functions", *_COLUMNS), table),
        ]
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds sven/")
    parser.add_argument("--limit", type=int, help="functions of each weakness, at most")


def _work(options: argparse.Namespace, said: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    ids = {item.cwe: item.id for item in load_checklist(CODE_CHECKLIST)}
    fixes = [fix for fix in sven.load(Path(options.data) / "sven") if fix.held_out]
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for cwe in dict.fromkeys(fix.cwe for fix in fixes):
            mine = [fix for fix in fixes if fix.cwe == cwe][: options.limit]
            work = Path(scratch) / str(cwe)
            work.mkdir()
            files = [str(work / f"{i:03}{Path(fix.file).suffix}") for i, fix in enumerate(mine)]
            for file, fix in zip(files, mine, strict=True):
                Path(file).write_text(fix.before, encoding="utf-8", newline="")
            command(
                *("audit", "code", *files, "--checklist", str(CODE_CHECKLIST), "--items", ids[cwe]),
                *("--model", "focus_lime.benchmarks.job_models:vulnerability"),
                *("--out", str(work / "out")),
            )
            findings = json.loads((work / "out" / "findings.json").read_text())["findings"]
            rows += [score(*case) for case in zip(mine, files, findings, strict=True)]
    yield report(rows, said)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("job_code", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
