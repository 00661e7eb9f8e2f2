"""`audit code` on real vulnerable functions: are the lines those that the fix deleted?

    python -m focus_lime.benchmarks.experiments.jobs.code --data DIR [--split tune] [--limit N]
        [--work DIR] [--out FILE.md]

DIR holds `sven/`. Every function of a held-out fifth of the commits, or for `--split tune` of
another fifth, is a file, and its own weakness the question; the judge is
`jobs.models:vulnerability`. Through the public command; then by peers at equal calls.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from focus_lime.inputs.source_files import SourceFiles, read_source
from focus_lime.workflows.checklist import Item, load_checklist

from ... import script
from ...datasets import reading, sven
from ...methods.base import Method
from ...tasks.base import Split
from . import models
from .evidence import RULE, check_of, scores
from .job import add_options, audited, in_text, setting
from .models import CODE_CHECKLIST, FOLD, model_name
from .peers import Explained, load_peers
from .records import Outcome, Records
from .table import LEGEND, by_group, checks, page, tables

_MEASURES = ("recall", "hit")
_LEVEL = "line"


@dataclass(frozen=True)
class Audit:
    """How every function is explained, by us and by the peers."""

    split: Split
    peers: Mapping[str, Method]

    def explain(self, item: str, fix: sven.Fix, folder: Path) -> Outcome:
        """Write the function to a file of `folder`, audit it there, then ask the peers."""
        file = folder / f"function{Path(fix.file).suffix}"
        file.write_text(fix.before, encoding="utf-8", newline="")
        question, name = _questions()[fix.cwe], model_name("vulnerability", self.split)
        verdict, explanation = audited(
            "code",
            file,
            *("--checklist", str(CODE_CHECKLIST), "--items", question.id),
            *("--model", name),
        )
        prompt = SourceFiles([read_source(file)], "ablate").prompt(question.question)
        explained = Explained(prompt, models.function(name), _LEVEL, explanation)
        answers = explained.answers(self.peers)
        marked = in_text(fix.deleted)
        return Outcome(
            item=item,
            group=f"CWE-{fix.cwe}",
            cluster=fix.commit,
            found=verdict["found"],
            n_units=len(explained.units),
            scores=scores(explained, verdict["evidence"], marked, answers),
            calls=explained.calls_of(answers),
            check=check_of(explained),
        )


def _questions() -> dict[int, Item]:
    return {item.cwe: item for item in load_checklist(CODE_CHECKLIST) if item.cwe is not None}


def of_split(fixes: Sequence[sven.Fix], split: Split, limit: int | None) -> dict[str, sven.Fix]:
    """The functions by id, at most `limit` of each weakness."""
    held_out = [fix for fix in fixes if fix.deleted and fix.fold == FOLD[split]]
    weaknesses = dict.fromkeys(fix.cwe for fix in held_out)
    return {
        fix.id: fix
        for cwe in weaknesses
        for fix in [fix for fix in held_out if fix.cwe == cwe][:limit]
    }


def report(
    outcomes: Sequence[Outcome], command_line: str, split: Split, missing: Sequence[str] = ()
) -> str:
    right = [outcome for outcome in outcomes if outcome.found]
    return page(
        "# `focus-lime audit code` on real vulnerable functions",
        f"```\n{command_line}\n```",
        f"{len(outcomes)} functions of SVEN (split {split}) from commits that the model has "
        "not seen, before their fix. The model is TF-IDF over one to three tokens and logistic "
        "regression, one a weakness, trained to tell functions before and after their fix: a "
        f"stand-in for a code model, and a weak one: it finds {len(right)}. The target "
        f"searches for itself, default budget, seed 0. Marked are the lines that the fix deleted. "
        f"{RULE} {LEGEND} In brackets: 95 % percentile bootstrap over commits.",
        *(f"Not run: {reason}." for reason in missing),
        tables({"All functions": outcomes, "Those the model finds": right}, _MEASURES),
        checks(outcomes),
        f"## By weakness\n\n{by_group('functions', outcomes, 'recall')}",
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds sven/")
    add_options(parser)
    parser.add_argument("--limit", type=int, help="functions of each weakness, at most")


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_DATA"] = options.data
    folder, (peers, missing) = Path(options.data) / "sven/train", load_peers()
    cases = of_split(list(sven.load(folder)), options.split, options.limit)
    files = reading.files(folder, "*.jsonl")
    records = Records(options.work, setting("code", options, files, peers))
    for outcomes in records.of(cases, Audit(options.split, peers).explain):
        yield report(outcomes, command_line, options.split, missing)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.code", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
