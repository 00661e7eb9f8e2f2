"""Toxic Spans: which words make a post toxic? Those that people marked; see
`focus_lime.benchmarks.datasets.toxic_spans`. Posts without a marked character are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.objectives.own_answer import OwnAnswer

from ..datasets import reading, toxic_spans
from . import data
from .base import Item

LABELS = ("toxic", "civil")
QUESTION = "Is this post toxic or civil? Answer toxic or civil."


def load(path: str | None = None, *, classify: bool = False) -> data.Documents:
    """The task `toxic_spans`: one item a post.

    Equal posts are in the same split.

    Args:
        path: an official CSV, or a folder of `tsd_*.csv`; the hub's test split if None.
        classify: for models of one score: the model reads the post alone. Otherwise a language
            model is asked, and `toxic` is explained against `civil`.
    """
    if path is None:
        posts, mark = toxic_spans.from_hub()
        known = list(posts)
        return data.Documents("toxic_spans", mark, lambda seed: _documents(known, classify))
    mark = reading.fingerprint(reading.files(path, "tsd_*.csv"))
    return data.Documents(
        "toxic_spans", mark, lambda seed: _documents(toxic_spans.load(path), classify)
    )


def _documents(
    posts: Iterable[toxic_spans.Post], classify: bool
) -> Iterator[tuple[str, Iterator[Item]]]:
    for post in posts:
        yield post.text, _items(post, classify)


def _items(post: toxic_spans.Post, classify: bool) -> Iterator[Item]:
    if not post.marked:
        return
    prompt = Prompt.from_document(post.text, None if classify else QUESTION)
    gold = data.gold(post.where, prompt, toxic_spans.runs(post.marked))
    yield Item(
        id=post.id,
        prompt=prompt,
        objective=OwnAnswer() if classify else LabelLogOdds(*LABELS),
        gold=gold,
        facts={"characters": len(post.text), "spans": len(gold)},
    )
