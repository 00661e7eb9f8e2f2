"""SVEN: which lines make a function vulnerable? Those that its fix deleted; see
`focus_lime.benchmarks.datasets.sven`.

Left out are pairs whose fix only added lines, and those whose deleted lines are not in the function
(two of the set's pairs for training).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objectives.labels import LabelLogOdds

from ..datasets import reading, sven
from . import data
from .base import Item

LABELS = ("vulnerable", "safe")
QUESTION = "Is this code vulnerable or safe? Answer vulnerable or safe."


def load(path: str | None = None) -> data.Documents:
    """The task `sven`: one item a function; `vulnerable` is explained against `safe`.

    Functions that one commit fixed are in the same split.

    Args:
        path: an official JSONL, or a folder of `cwe-*.jsonl`; the hub's validation split if None.
    """
    if path is None:
        fixes, mark = sven.from_hub()
        known = list(fixes)
        return data.Documents("sven", mark, lambda seed: _documents(known))
    mark = reading.fingerprint(reading.files(path, "*.jsonl"))
    return data.Documents("sven", mark, lambda seed: _documents(sven.load(path)))


def _documents(fixes: Iterable[sven.Fix]) -> Iterator[tuple[str, Iterator[Item]]]:
    for fix in fixes:
        yield fix.commit, _items(fix)


def _items(fix: sven.Fix) -> Iterator[Item]:
    code, lines = fix.before, zip(fix.deleted, fix.lines, strict=True)
    # A function's last line has lost its end, which the deleted line still has.
    if any(code[start:end].rstrip("\r\n") != line.rstrip("\r\n") for (start, end), line in lines):
        return
    trimmed = [data.trimmed(code, start, end) for start, end in fix.deleted]
    spans = [span for span in trimmed if span is not None]
    if not spans:
        return
    prompt = Prompt.from_document(code, QUESTION)
    yield Item(
        id=fix.id,
        prompt=prompt,
        objective=LabelLogOdds(*LABELS),
        gold=data.gold(fix.where, prompt, spans),
        facts={
            "cwe": fix.weakness,
            "language": "Python" if PurePosixPath(fix.file).suffix == ".py" else "C or C++",
            "lines": code.count("\n") + 1,
        },
    )
