"""`audit legal` on real contracts: is the evidence what lawyers marked?

    python -m focus_lime.benchmarks.experiments.jobs.legal --data DIR [--limit N] [--out FILE.md]

DIR holds `cuad/`. Everything goes through the public command: a contract a file, the questions of
configs/legal_cuad.yaml for which lawyers marked something, `jobs.models:clauses` as the model.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from focus_lime.inputs.prompt import Prompt
from focus_lime.workflows.checklist import load_checklist
from focus_lime.workflows.verdicts import EVIDENCE

from ... import script
from ...datasets import cuad
from ...metrics.evidence import ceiling_at, gold_units
from ...tables.markdown import markdown
from .job import Measures, command, extent, in_text, means
from .models import CHECKLIST

_COLUMNS = ("recall", "hit", "random", "ceiling")


@dataclass(frozen=True)
class Audit:
    """One contract: its sentences, and the measures of each question that lawyers marked."""

    contract: str
    n_sentences: int
    questions: Sequence[Measures]


def score(contract: cuad.Contract, verdicts: Sequence[Mapping[str, Any]]) -> Audit:
    """For each question: recall of the lawyers' sentences among the evidence, that of as many
    random sentences (k / n, exactly), and the highest that as many can have.

    Args:
        verdicts: of the contract, as `verdicts.json` has them.
    """
    sentences = Prompt.from_document(contract.text).tree.scored
    questions = []
    for verdict in verdicts:
        gold = gold_units(sentences, in_text(contract.evidence[verdict["name"]].spans))
        spans = [extent(e) for e in verdict["evidence"] if e["weight"] > 0]
        shown = gold_units(sentences, spans)
        measures = {
            "found": float(verdict["found"]),
            "recall": len(gold & shown) / len(gold),
            "hit": float(bool(gold & shown)),
            "random": min(1.0, EVIDENCE / len(sentences)),
            "ceiling": ceiling_at(sorted(gold), EVIDENCE),
        }
        questions.append(measures)
    return Audit(contract.title.partition("_")[0], len(sentences), questions)


def report(audits: Sequence[Audit], command_line: str, budget: int) -> str:
    rows = [row for audit in audits for row in audit.questions]
    groups = {
        "all questions with marked text": rows,
        "those the model finds": [row for row in rows if row["found"]],
    }
    by_contract = [
        [
            audit.contract,
            str(audit.n_sentences),
            str(len(audit.questions)),
            *(f"{sum(q[c] for q in audit.questions) / len(audit.questions):.2f}" for c in _COLUMNS),
        ]
        for audit in audits
        if audit.questions
    ]
    lines = [
        "# `focus-lime audit legal` on real contracts",
        f"```\n{command_line}\n```",
        f"{len(audits)} CUAD contracts, {len(rows)} questions of configs/legal_cuad.yaml for "
        f"which lawyers marked text. The model is TF-IDF and logistic regression over windows "
        f"(`classifiers.clauses`), trained on other companies' clauses; proxy bm25, {budget} "
        f"masks, seed 0. Recall: share of the lawyers' sentences among the at most {EVIDENCE} "
        "spans of evidence that speak for the clause. Hit: at least one of them. Random: the "
        f"expected recall of {EVIDENCE} sentences drawn at random. Ceiling: the highest recall "
        f"that {EVIDENCE} sentences can have. In brackets: 95 % percentile bootstrap over "
        "questions.",
        means("questions", groups, _COLUMNS),
        markdown(("contract", "sentences", "questions", *_COLUMNS), by_contract),
    ]
    return "\n\n".join(line.strip("\n") for line in lines) + "\n"


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds cuad/")
    parser.add_argument("--limit", type=int, help="only the first N contracts")
    parser.add_argument("--budget", type=int, default=64)
    parser.add_argument("--work", help="folder to keep the audits in; a killed run goes on there")


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    ids = {item.name: item.id for item in load_checklist(CHECKLIST)}
    audits: list[Audit] = []
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(options.work or scratch)
        work.mkdir(parents=True, exist_ok=True)
        for number, contract in enumerate(cuad.load(Path(options.data) / "cuad")[: options.limit]):
            file, out = work / f"contract-{number}.txt", work / f"audit-{number}"
            file.write_text(contract.text, encoding="utf-8", newline="")
            items = ",".join(ids[label] for label in contract.evidence)
            command(
                *("audit", "legal", str(file), "--checklist", str(CHECKLIST), "--items", items),
                *("--model", "focus_lime.benchmarks.experiments.jobs.models:clauses"),
                *("--budget", str(options.budget), "--out", str(out)),
            )
            verdicts = json.loads((out / "verdicts.json").read_text())["verdicts"]
            audits.append(score(contract, verdicts))
            yield report(audits, command_line, options.budget)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.legal", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
