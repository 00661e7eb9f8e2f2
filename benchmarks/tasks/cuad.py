"""CUAD: which sentences of a contract hold a clause? Those that lawyers marked; see
`focus_lime.benchmarks.datasets.cuad`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from focus_lime.errors import FocusLimeError, suggest
from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objectives.labels import LabelLogOdds
from focus_lime.method.objectives.own_answer import OwnAnswer

from ..datasets import cuad, reading
from . import data
from .base import Item


def load(
    path: str | None = None, *, labels: Sequence[str] | None = None, classify: bool = False
) -> data.Documents:
    """The task `cuad`: one item for each category that a contract has marked spans of.

    Args:
        path: the official JSON, or a folder with one `CUAD*.json`; the hub's test split if None.
        labels: only these categories.
        classify: for classifiers whose classes are the categories: the model reads the contract
            alone, and the category's class is explained. Otherwise a language model is asked the
            set's own question, and its own answer is explained.

    Raises:
        FocusLimeError: another format, an answer that is not where it says, unknown categories.
    """
    from_hub = cuad.from_hub("test") if path is None else []
    if path is None:
        mark = cuad.digest(from_hub)
    else:
        mark = reading.fingerprint(reading.files(path, "CUAD*.json"))
    asked = None if labels is None else tuple(labels)

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        contracts = from_hub if path is None else cuad.load(path)
        known = {label for contract in contracts for label in contract.evidence}
        for label in asked or ():
            if label not in known:
                raise FocusLimeError(
                    f"no contract has the category {label!r}: {suggest(label, known)}"
                )
        for contract in contracts:
            yield contract.title, items_of(contract, asked, classify)

    return data.Documents("cuad", mark, documents)


def items_of(
    contract: cuad.Contract, asked: Sequence[str] | None, classify: bool
) -> Iterator[Item]:
    """See `load`."""
    for label, evidence in contract.evidence.items():
        if asked is not None and label not in asked:
            continue
        prompt = Prompt.from_document(contract.text, evidence.question)
        if classify:  # proxies may read what is looked for, the classifier may not
            alone = Prompt.from_document(contract.text)
            prompt = Prompt(alone.messages, evidence.query)
        yield Item(
            id=f"{contract.title}/{label}",
            prompt=prompt,
            objective=LabelLogOdds(label) if classify else OwnAnswer(),
            gold=data.gold(f"CUAD, {contract.title}, {label}", prompt, evidence.spans),
            facts={"label": label, "characters": len(contract.text)},
        )
