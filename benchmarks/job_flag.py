"""`flag` on real toxic posts: are the words those that people marked?

    python -m focus_lime.benchmarks.job_flag --data DIR --models DIR [--limit N] [--out FILE.md]

The posts of SemEval-2021 task 5 (`toxic_spans/tsd_trial.csv`) in which people marked something,
each a conversation of one message; the judge is `job_models:toxicity`. Through the public command.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from focus_lime.prompt.split import words

from . import script
from .job_models import bootstrap, command
from .tables import markdown

METHODS = ("sure words", "smallest edit", "random words", "every word")


def load(path: Path, limit: int | None) -> list[tuple[str, frozenset[int]]]:
    """(post, marked characters), without the posts in which nobody marked anything."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], ast.literal_eval(row["spans"])) for row in csv.DictReader(file)]
    return [(text, frozenset(marked)) for text, marked in rows if marked][:limit]


def characters(text: str, spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """The characters of the spans that belong to words: people mark no stops or spaces at ends."""
    found: set[int] = set()
    for start, end in spans:
        inside = [i for i in range(start, end) if text[i].isalnum()]
        if inside:
            found.update(range(inside[0], inside[-1] + 1))
    return frozenset(found)


def f1(found: frozenset[int], marked: frozenset[int]) -> float:
    """The task's score of one post: F1 over characters (Pavlopoulos et al. 2021, section 3)."""
    if not found or not marked:
        return float(found == marked)
    return 2 * len(found & marked) / (len(found) + len(marked))


def score(
    text: str, marked: frozenset[int], judged: Mapping[str, Any], rng: np.random.Generator
) -> dict[str, Any]:
    """Character F1 by method. A post that is not flagged has nothing to show."""
    all_words = words(text)
    sure = [(s["start"], s["end"]) for s in judged["spans"] if s["sure"] and s["weight"] > 0]
    sure = sure if judged["flagged"] else []
    edit = [(s["start"], s["end"]) for s in judged["edit"]["spans"]] if judged["edit"] else []
    drawn = rng.choice(len(all_words), min(len(sure), len(all_words)), replace=False)
    chosen = (sure, edit, [all_words[int(i)] for i in drawn], all_words if sure else [])
    return {
        "flagged": judged["flagged"],
        **{
            name: f1(characters(text, spans), marked)
            for name, spans in zip(METHODS, chosen, strict=True)
        },
    }


def report(rows: Sequence[Mapping[str, Any]], said: str) -> str:
    flagged = [row for row in rows if row["flagged"]]
    table = [
        [name, *(bootstrap([row[name] for row in group]) for group in (rows, flagged))]
        for name in METHODS
    ]
    return "\n\n".join(
        [
            "# `focus-lime flag` on toxic posts",
            f"```\n{said}\n```",
            f"The first {len(rows)} posts of the trial set of SemEval-2021 task 5 in which people "
            f"marked something; the five linear SVMs flag {len(flagged)} of them (threshold 0). "
            "Character F1 against the marked spans, mean over posts; a post that is not flagged "
            "counts 0. Sure words: those with a positive weight whose effect is sure, of ten at "
            "most. Random words: as many, drawn from the post. In brackets: 95 % percentile "
            "bootstrap over posts.",
            markdown(("F1", f"all {len(rows)}", f"flagged {len(flagged)}"), table),
        ]
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds toxic_spans/")
    parser.add_argument("--models", required=True, help="folder that holds profanity_svm/")
    parser.add_argument("--limit", type=int, default=200)


def _work(options: argparse.Namespace, said: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_MODELS"] = options.models
    posts = load(Path(options.data) / "toxic_spans" / "tsd_trial.csv", options.limit)
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for number, (text, _) in enumerate(posts):
            files.append(str(Path(scratch) / f"post-{number:04}.json"))
            Path(files[-1]).write_text(json.dumps([{"role": "user", "content": text}]))
        out = Path(scratch) / "out"
        model = "focus_lime.benchmarks.job_models:toxicity"
        command("flag", *files, "--model", model, "--out", str(out))
        judged = json.loads((out / "flag.json").read_text())["judgements"]
    rng = np.random.default_rng(0)
    rows = [score(*post, found, rng) for post, found in zip(posts, judged, strict=True)]
    yield report(rows, said)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("job_flag", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
