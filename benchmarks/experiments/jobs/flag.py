"""`flag` on real toxic posts: are the words those that people marked?

    python -m focus_lime.benchmarks.experiments.jobs.flag --data DIR --models DIR [--split tune]
        [--limit N] [--work DIR] [--out FILE.md]

The posts of SemEval-2021 task 5 in which people marked something, each a conversation of one
message: those of `toxic_spans/tsd_trial.csv`, or for `--split tune` those of `tsd_train.csv` that
are not among them. The judge is `jobs.models:toxicity`. Through the public command; then by peers
at equal calls.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from focus_lime.inputs.cut import words
from focus_lime.inputs.units import Span

from ... import script
from ...datasets import bipia, toxic_spans
from ...methods.base import Method
from ...tasks.base import Split
from . import models
from .job import OURS, add_options, conversation_of, extent, flagged, in_text, setting
from .peers import Explained, load_peers
from .records import Outcome, Records
from .table import LEGEND, page, tables

_MEASURES = ("F1 of words", "F1 of the edit")
_MODEL = f"{models.__name__}:toxicity"
_LEVEL = "word"
_FILES: dict[Split, str] = {"tune": "tsd_train.csv", "test": "tsd_trial.csv"}


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


@dataclass(frozen=True)
class Flags:
    """How every post is explained, by us and by the peers."""

    peers: Mapping[str, Method]

    def explain(self, item: str, post: toxic_spans.Post, folder: Path) -> Outcome:
        """Write the post to a file of `folder`, have it judged there, then ask the peers. A post
        that is not flagged has nothing to show, by no method.
        """
        text, gold = post.text, frozenset(post.marked)
        file = folder / "post.json"
        file.write_text(json.dumps([{"role": "user", "content": text}]), encoding="utf-8")
        judgement, explanation = flagged(file, "--model", _MODEL)
        prompt, _ = conversation_of(file)
        explained = Explained(prompt, models.function(_MODEL), _LEVEL, explanation)
        answers = explained.answers(self.peers)

        def score(spans: Iterable[Span]) -> float:
            return f1(characters(text, spans), gold) if judgement["flagged"] else 0.0

        evidence = [e for e in judgement["evidence"] if e["significant"] and e["weight"] > 0]
        edit = judgement["edit"]["passages"] if judgement["edit"] else []
        scores = {OURS: _scores(score(map(extent, evidence)), score(map(extent, edit)))}
        for peer, answer in answers.items():
            shown = explained.units.select(answer.supporting[: len(evidence)])
            its_edit = explained.smallest_edit(answer) if judgement["flagged"] else []
            scores[peer] = _scores(
                score(unit.span for unit in shown), score(unit.span for unit in its_edit)
            )
        every = in_text(words(text))
        rng = bipia.generator(0, item)
        drawn = rng.choice(len(every), min(len(evidence), len(every)), replace=False)
        scores["random words"] = {_MEASURES[0]: score(every[int(i)] for i in drawn)}
        scores["every word"] = {_MEASURES[0]: score(every if evidence else [])}
        return Outcome(
            item=item,
            group="",
            cluster=item,
            found=judgement["flagged"],
            n_units=len(explained.units),
            scores=scores,
            calls=explained.calls_of(answers),
        )


def _scores(of_words: float, of_edit: float) -> dict[str, float]:
    return dict(zip(_MEASURES, (of_words, of_edit), strict=True))


def of_split(folder: Path, split: Split, limit: int) -> dict[str, toxic_spans.Post]:
    """The first `limit` posts of the split in which people marked something, by id."""
    posts: Iterable[toxic_spans.Post] = toxic_spans.load(folder / _FILES[split])
    if split == "tune":
        of_test = {post.text for post in toxic_spans.load(folder / _FILES["test"])}
        posts = (post for post in posts if post.text not in of_test)
    return {post.id: post for post in islice((post for post in posts if post.marked), limit)}


def report(
    outcomes: Sequence[Outcome], command_line: str, split: Split, missing: Sequence[str] = ()
) -> str:
    up = [outcome for outcome in outcomes if outcome.found]
    return page(
        "# `focus-lime flag` on toxic posts",
        f"```\n{command_line}\n```",
        f"The first {len(outcomes)} posts of {_FILES[split]} of SemEval-2021 task 5 (split "
        f"{split}) in which people marked something; the five linear SVMs flag {len(up)} of "
        "them (threshold 0). Character F1 against the marked spans, mean over posts; a post "
        "that is not flagged counts 0. Words: those with a positive weight whose effect is "
        f"significant, of ten at most; of the others as many words as {OURS} shows in that "
        "post, the leading ones of positive weight, or random ones. Edit: the smallest that "
        "was found to clear the flag, by the same greedy search for all, in the order of each "
        "method's weights; its calls are not counted, for none. "
        f"{LEGEND} In brackets: 95 % percentile bootstrap over posts.",
        *(f"Not run: {reason}." for reason in missing),
        tables({"All posts": outcomes, "Flagged posts": up}, _MEASURES),
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder that holds toxic_spans/")
    add_options(parser)
    parser.add_argument("--models", required=True, help="folder that holds profanity_svm/")
    parser.add_argument("--limit", type=int, default=200)


def _work(options: argparse.Namespace, command_line: str) -> Iterator[str]:
    os.environ["FOCUS_LIME_MODELS"] = options.models
    folder, (peers, missing) = Path(options.data) / "toxic_spans", load_peers()
    cases = of_split(folder, options.split, options.limit)
    svm = sorted((Path(options.models) / "profanity_svm").glob("*.*"))
    rests_on = setting("flag", options, [folder / _FILES[options.split], *svm], peers)
    for outcomes in Records(options.work, rests_on).of(cases, Flags(peers).explain):
        yield report(outcomes, command_line, options.split, missing)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.jobs.flag", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
