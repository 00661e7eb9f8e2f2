"""`audit legal` on real contracts: is the evidence what lawyers marked?

    python -m focus_lime.benchmarks.job_legal --data DIR [--limit N] [--out FILE.md]

DIR holds `cuad/`. Everything goes through the public command: a contract a file, the questions of
configs/legal_cuad.yaml for which lawyers marked something, `job_models:clauses` as the model.
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
from focus_lime.prompt.split import split

from . import cuad, script
from .job_models import CHECKLIST, bootstrap, command
from .metrics import ceiling_at, gold_units
from .tables import markdown


def rows_of(contract: cuad.Contract, findings: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each question: recall of the lawyers' sentences among the evidence, and what as many
    random sentences would find (k / n, exactly), and what any could.
    """
    sentences = split([contract.text], "sentence")
    rows = []
    for finding in findings:
        gold = gold_units(sentences, contract.evidence[finding["name"]].spans)
        spans = [(e["start"], e["end"]) for e in finding["evidence"] if e["weight"] > 0]
        shown = gold_units(sentences, spans)
        rows.append(
            {
                "contract": contract.title.partition("_")[0],
                "question": finding["name"],
                "found": finding["found"],
                "recall": len(gold & shown) / len(gold),
                "hit": float(bool(gold & shown)),
                "random": min(1.0, EVIDENCE / len(sentences)),
                "ceiling": ceiling_at(sorted(gold), EVIDENCE),
                "sentences": len(sentences),
                "coverage": finding["coverage"],
            }
        )
    return rows


def report(rows: Sequence[dict[str, Any]], said: str, budget: int) -> str:
    contracts = dict.fromkeys(row["contract"] for row in rows)
    found = [row for row in rows if row["found"]]
    groups = {"all questions with marked text": rows, "those the model finds": found}
    columns = ("recall", "hit", "random", "ceiling")
    means = [
        [name, str(len(of)), *(bootstrap([row[c] for row in of]) for c in columns)]
        for name, of in groups.items()
        if of
    ]
    by_contract = []
    for name in contracts:
        mine = [row for row in rows if row["contract"] == name]
        by_contract.append(
            [
                name,
                str(mine[0]["sentences"]),
                str(len(mine)),
                *(f"{sum(row[c] for row in mine) / len(mine):.2f}" for c in columns),
            ]
        )
    lines = [
        "# `focus-lime audit legal` on real contracts",
        f"```\n{said}\n```",
        f"{len(contracts)} CUAD contracts, {len(rows)} questions of configs/legal_cuad.yaml for "
        f"which lawyers marked text. The model is TF-IDF and logistic regression over windows "
        f"(`clause_classifier`), trained on other companies' clauses; proxy bm25, {budget} masks, "
        f"seed 0. Recall: share of the lawyers' sentences among the at most {EVIDENCE} spans of "
        "evidence that speak for the clause. Hit: at least one of them. Random: the expected "
        f"recall of {EVIDENCE} sentences drawn at random. Ceiling: the highest recall that "
        f"{EVIDENCE} sentences can have. In brackets: 95 % percentile bootstrap over questions.",
        markdown(("", "questions", *columns), means),
        markdown(("contract", "sentences", "questions", *columns), by_contract),
    ]
    return "\n\n".join(line.strip("\n") for line in lines) + "\n"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds cuad/")
    parser.add_argument("--limit", type=int, help="only the first N contracts")
    parser.add_argument("--budget", type=int, default=64)
    parser.add_argument("--work", help="folder to keep the audits in; a killed run goes on there")


def _work(options: argparse.Namespace, said: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    ids = {item.name: item.id for item in load_checklist(CHECKLIST)}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(options.work or scratch)
        work.mkdir(parents=True, exist_ok=True)
        for number, contract in enumerate(cuad.load(Path(options.data) / "cuad")[: options.limit]):
            file, out = work / f"contract-{number}.txt", work / f"audit-{number}"
            file.write_text(contract.text, encoding="utf-8", newline="")
            items = ",".join(ids[label] for label in contract.evidence)
            command(
                *("audit", "legal", str(file), "--checklist", str(CHECKLIST), "--items", items),
                *("--model", "focus_lime.benchmarks.job_models:clauses"),
                *("--budget", str(options.budget), "--out", str(out)),
            )
            rows += rows_of(contract, json.loads((out / "findings.json").read_text())["findings"])
            yield report(rows, said, options.budget)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("job_legal", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
