"""`flag` on real toxic posts: are the words those that people marked?

    python -m focus_lime.benchmarks.experiments.jobs.flag --data DIR --models DIR [--limit N]
        [--out FILE.md]

The posts of SemEval-2021 task 5 (`toxic_spans/tsd_trial.csv`) in which people marked something,
each a conversation of one message; the judge is `jobs.models:toxicity`. Through the public command.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from focus_lime.inputs.cut import words
from focus_lime.inputs.units import Span

from ... import script
from ...datasets import toxic_spans
from ...tables.markdown import markdown
from .job import Measures, bootstrap, command, extent, in_text

METHODS = ("significant words", "smallest edit", "random words", "every word")


def characters(text: str, spans: Iterable[Span]) -> frozenset[int]:
    """The characters of the spans that belong to words: people mark no stops or spaces at ends."""
    offsets: set[int] = set()
    for span in spans:
        inside = [i for i in range(span.start, span.end) if text[i].isalnum()]
        if inside:
            offsets.update(range(inside[0], inside[-1] + 1))
    return frozenset(offsets)


def f1(shown: frozenset[int], marked: frozenset[int]) -> float:
    """The task's score of one post: F1 over characters (Pavlopoulos et al. 2021, section 3)."""
    if not shown or not marked:
        return float(shown == marked)
    return 2 * len(shown & marked) / (len(shown) + len(marked))


def score(
    text: str, marked: Collection[int], judgement: Mapping[str, Any], rng: np.random.Generator
) -> Measures:
    """Character F1 by method. A post that is not flagged has nothing to show.

    Args:
        marked: offsets of the characters that people marked.
        judgement: of the post, as `flag.json` has it.
    """
    all_words = in_text(words(text))
    evidence = judgement["evidence"] if judgement["flagged"] else []
    significant = [extent(e) for e in evidence if e["significant"] and e["weight"] > 0]
    edit = judgement["edit"]["passages"] if judgement["edit"] else []
    drawn = rng.choice(len(all_words), min(len(significant), len(all_words)), replace=False)
    shown = (
        significant,
        [extent(passage) for passage in edit],
        [all_words[int(i)] for i in drawn],
        all_words if significant else [],
    )
    gold = frozenset(marked)
    scores = {
        name: f1(characters(text, spans), gold) for name, spans in zip(METHODS, shown, strict=True)
    }
    return {"flagged": float(judgement["flagged"]), **scores}


def report(rows: Sequence[Measures], command_line: str) -> str:
    flagged = [row for row in rows if row["flagged"]]
    table = [
        [name, *(bootstrap([row[name] for row in group]) for group in (rows, flagged))]
        for name in METHODS
    ]
    return "\n\n".join(
        [
            "# `focus-lime flag` on toxic posts",
            f"```\n{command_line}\n```",
            f"The first {len(rows)} posts of the trial set of SemEval-2021 task 5 in which people "
            f"marked something; the five linear SVMs flag {len(flagged)} of them (threshold 0). "
            "Character F1 against the marked spans, mean over posts; a post that is not flagged "
            "counts 0. Significant words: those with a positive weight whose effect is "
            "significant, of ten at most. Random words: as many, drawn from the post. In brackets: "
            "95 % percentile bootstrap over posts.",
            markdown(("F1", f"all {len(rows)}", f"flagged {len(flagged)}"), table),
        ]
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds toxic_spans/")
    parser.add_argument("--models", required=True, help="folder that holds profanity_svm/")
    parser.add_argument("--limit", type=int, default=200)


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_MODELS"] = options.models
    every = toxic_spans.load(Path(options.data) / "toxic_spans" / "tsd_trial.csv")
    posts = list(islice((post for post in every if post.marked), options.limit))
    with tempfile.TemporaryDirectory() as scratch:
        files = []
        for number, post in enumerate(posts):
            files.append(str(Path(scratch) / f"post-{number:04}.json"))
            Path(files[-1]).write_text(json.dumps([{"role": "user", "content": post.text}]))
        out = Path(scratch) / "out"
        model = "focus_lime.benchmarks.experiments.jobs.models:toxicity"
        command("flag", *files, "--model", model, "--out", str(out))
        judgements = json.loads((out / "flag.json").read_text())["judgements"]
    rng = np.random.default_rng(0)
    rows = [
        score(post.text, post.marked, judgement, rng)
        for post, judgement in zip(posts, judgements, strict=True)
    ]
    yield report(rows, command_line)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.flag", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
