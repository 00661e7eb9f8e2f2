"""`audit code` on real vulnerable functions: are the lines those that the fix deleted?

    python -m focus_lime.benchmarks.experiments.jobs.code --data DIR [--limit N] [--out FILE.md]

DIR holds `sven/`. Every function of a held-out commit is a file, and its own weakness the question;
the judge is `jobs.models:vulnerability`. Through the public command.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from focus_lime.inputs.grammar import cut_code
from focus_lime.inputs.units import Unit, Units
from focus_lime.workflows.checklist import load_checklist
from focus_lime.workflows.verdicts import EVIDENCE

from ... import script
from ...datasets import sven
from ...metrics.evidence import gold_units
from .job import Measures, command, extent, in_text, means
from .models import CODE_CHECKLIST

_COLUMNS = ("recall", "hit", "random")


def score(fix: sven.Fix, name: str, verdict: Mapping[str, Any]) -> Measures:
    """Recall of the deleted lines among the evidence, and that of as many random lines.

    Args:
        name: the function's file, by whose suffix it is cut in lines.
        verdict: of the function, as `verdicts.json` has it.
    """
    starts = cut_code(name, fix.before).lines
    ends = [*starts[1:], len(fix.before)]
    pairs = zip(starts, ends, strict=True)
    lines = Units(Unit(0, start, end, "line") for start, end in pairs)
    gold = gold_units(lines, in_text(fix.deleted))
    shown = gold_units(lines, [extent(e) for e in verdict["evidence"] if e["weight"] > 0])
    return {
        "cwe": fix.cwe,
        "found": float(verdict["found"]),
        "recall": len(gold & shown) / len(gold),
        "hit": float(bool(gold & shown)),
        "random": min(1.0, len(shown) / len(lines)),
    }


def report(rows: Sequence[Measures], command_line: str) -> str:
    right = [row for row in rows if row["found"]]
    groups = {"all functions": rows, "those the model finds": right}
    for cwe in dict.fromkeys(row["cwe"] for row in rows):
        groups[f"CWE-{cwe}"] = [row for row in rows if row["cwe"] == cwe]
    return "\n\n".join(
        [
            "# `focus-lime audit code` on real vulnerable functions",
            f"```\n{command_line}\n```",
            f"{len(rows)} functions of SVEN from commits that the model has not seen, before their "
            "fix. The model is TF-IDF over one to three tokens and logistic regression, one a "
            "weakness, trained to tell functions before and after their fix: a stand-in for a "
            f"code model, and a weak one: it finds {len(right)}. Proxy bm25, default budget, seed "
            f"0. Recall: share of the deleted lines among the at most {EVIDENCE} lines of evidence "
            "that speak for the weakness. Hit: at least one of them. Random: the expected recall "
            "of as many lines drawn at random. In brackets: 95 % percentile bootstrap over "
            "functions.",
            means("functions", groups, _COLUMNS),
        ]
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds sven/")
    parser.add_argument("--limit", type=int, help="functions of each weakness, at most")


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    ids = {item.cwe: item.id for item in load_checklist(CODE_CHECKLIST)}
    fixes = [fix for fix in sven.load(Path(options.data) / "sven/train") if fix.deleted]
    held_out = [fix for fix in fixes if fix.held_out]
    rows: list[Measures] = []
    with tempfile.TemporaryDirectory() as scratch:
        for cwe in dict.fromkeys(fix.cwe for fix in held_out):
            of_cwe = [fix for fix in held_out if fix.cwe == cwe][: options.limit]
            work = Path(scratch) / str(cwe)
            work.mkdir()
            files = [str(work / f"{i:03}{Path(fix.file).suffix}") for i, fix in enumerate(of_cwe)]
            for file, fix in zip(files, of_cwe, strict=True):
                Path(file).write_text(fix.before, encoding="utf-8", newline="")
            command(
                *("audit", "code", *files, "--checklist", str(CODE_CHECKLIST), "--items", ids[cwe]),
                *("--model", "focus_lime.benchmarks.experiments.jobs.models:vulnerability"),
                *("--out", str(work / "out")),
            )
            verdicts = json.loads((work / "out" / "verdicts.json").read_text())["verdicts"]
            rows += [score(*case) for case in zip(of_cwe, files, verdicts, strict=True)]
    yield report(rows, command_line)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.code", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
