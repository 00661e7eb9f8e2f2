"""`audit legal` on real contracts: is the evidence what lawyers marked?

    python -m focus_lime.benchmarks.experiments.jobs.legal --data DIR [--split tune] [--limit N]
        [--work DIR] [--out FILE.md]

DIR holds `cuad/`. Every question of configs/legal_cuad.yaml for which lawyers marked something in a
contract, with `jobs.models:clauses` as the model. `--split tune` is the contracts of the first half
of the companies, the default those of the others. Through the public command; then by peers at
equal calls.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from focus_lime.inputs.prompt import Prompt
from focus_lime.workflows.checklist import Item, load_checklist
from focus_lime.workflows.verdicts import EVIDENCE

from ... import script
from ...datasets import cuad, reading
from ...methods.base import Method
from ...metrics.evidence import ceiling_at
from ...tasks.base import Split
from . import models
from .evidence import RULE, check_of, marked_units, scores
from .job import add_options, audited, in_text, setting
from .models import CHECKLIST
from .peers import Explained, load_peers
from .records import Outcome, Records
from .table import LEGEND, by_group, checks, page, tables

_MEASURES = ("recall", "hit")
_MODEL = f"{models.__name__}:clauses"  # it saw no company of either split
_LEVEL = "sentence"


@dataclass(frozen=True)
class Asked:
    """One question about one contract."""

    contract: cuad.Contract
    question: Item

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """What lawyers marked."""
        return self.contract.evidence[self.question.name].spans


@dataclass(frozen=True)
class Audit:
    """How every question is explained, by us and by the peers."""

    budget: int
    peers: Mapping[str, Method]

    def explain(self, item: str, asked: Asked, folder: Path) -> Outcome:
        """Write the contract to a file of `folder`, audit it there, then ask the peers."""
        file, text = folder / "contract.txt", asked.contract.text
        file.write_text(text, encoding="utf-8", newline="")
        verdict, explanation = audited(
            "legal",
            file,
            *("--checklist", str(CHECKLIST), "--items", asked.question.id),
            *("--model", _MODEL, "--budget", str(self.budget)),
        )
        prompt = Prompt.from_document(text, asked.question.question)
        explained = Explained(prompt, models.function(_MODEL), _LEVEL, explanation)
        answers, marked = explained.answers(self.peers), in_text(asked.spans)
        ceiling = ceiling_at(marked_units(explained, marked), EVIDENCE)
        return Outcome(
            item=item,
            group=asked.contract.title.partition("_")[0],
            cluster=item,
            found=verdict["found"],
            n_units=len(explained.units),
            scores={
                **scores(explained, verdict["evidence"], marked, answers),
                f"the best {EVIDENCE}": {"recall": ceiling, "hit": 1.0},
            },
            calls=explained.calls_of(answers),
            check=check_of(explained),
        )


def of_split(
    contracts: Sequence[cuad.Contract], split: Split, limit: int | None
) -> dict[str, Asked]:
    """The questions of the first `limit` contracts, by contract and question."""
    tune, test = cuad.by_company(contracts)
    questions = load_checklist(CHECKLIST)
    return {
        f"{contract.title} / {question.id}": Asked(contract, question)
        for contract in (tune if split == "tune" else test)[:limit]
        for question in questions
        if question.name in contract.evidence
    }


def report(
    outcomes: Sequence[Outcome],
    command_line: str,
    split: Split,
    budget: int,
    missing: Sequence[str] = (),
) -> str:
    n_contracts = len({outcome.group for outcome in outcomes})
    groups = {
        "All questions with marked text": outcomes,
        "Those the model finds": [outcome for outcome in outcomes if outcome.found],
    }
    per_contract = by_group("questions", outcomes, "recall", with_units="sentences")
    return page(
        "# `focus-lime audit legal` on real contracts",
        f"```\n{command_line}\n```",
        f"{n_contracts} CUAD contracts (split {split}), {len(outcomes)} questions of "
        "configs/legal_cuad.yaml for which lawyers marked text. The model is TF-IDF and "
        "logistic regression over windows (`classifiers.clauses`), trained on other companies' "
        f"clauses; the target searches for itself, {budget} calls, seed 0. Marked are the lawyers' "
        f"sentences. {RULE} The best {EVIDENCE}: the highest that so many can have. {LEGEND} "
        "In brackets: 95 % percentile bootstrap over questions, of these contracts: they are too "
        "few to be resampled.",
        *(f"Not run: {reason}." for reason in missing),
        tables(groups, _MEASURES),
        checks(outcomes),
        f"## By contract\n\n{per_contract}",
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds cuad/")
    add_options(parser)
    parser.add_argument("--limit", type=int, help="only the first N contracts of the split")
    parser.add_argument("--budget", type=int, default=64)


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    folder, (peers, missing) = Path(options.data) / "cuad", load_peers()
    cases = of_split(cuad.load(folder), options.split, options.limit)
    files = reading.files(folder, "CUAD*.json", cuad.EXCERPTS)
    rests_on = setting("legal", options, files, peers, budget=options.budget)
    records = Records(options.work, rests_on)
    for outcomes in records.of(cases, Audit(options.budget, peers).explain):
        yield report(outcomes, command_line, options.split, options.budget, missing)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.legal", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
