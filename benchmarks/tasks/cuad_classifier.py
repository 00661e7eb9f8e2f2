"""A clause classifier on real contracts: which sentences make it fire? See
`focus_lime.benchmarks.classifiers.clauses`; the clauses that lawyers marked are the evidence.

The classifier learns from clauses of other companies' contracts, and what is explained is its
score of one category. It is paid by the call, as such a service is: budgets are in calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objectives.own_answer import OwnAnswer
from focus_lime.models.base import Continuations, Estimate, Floats, Ledger, Variant
from focus_lime.models.function import FunctionModel

from ..classifiers.clauses import LABELS, ClauseClassifier
from ..datasets import cuad
from . import data
from .base import Item
from .cuad import items_of

NAME = "clause classifier"
_BATCH = 16  # contracts at once: each has hundreds of windows


class PaidByCall(FunctionModel):
    """A function of texts to which every text costs the same: an FPE is a call.

    Args:
        fingerprint: of what the function learned from.
    """

    def __init__(
        self, function: Callable[[list[str]], Floats], *, name: str, fingerprint: str
    ) -> None:
        super().__init__(function, name=name, batch_size=_BATCH)
        self._fingerprint = fingerprint

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def score(
        self, variants: Sequence[Variant], continuations: Continuations, ledger: Ledger
    ) -> Iterator[tuple[int, Floats]]:
        own = Ledger()
        try:
            yield from super().score(variants, continuations, own)
        finally:
            own.tokens_computed = own.calls
            ledger.add(own)

    def estimate(self, variants: Sequence[Variant], continuations: Continuations) -> Estimate:
        estimate = super().estimate(variants, continuations)
        return replace(estimate, tokens_computed=estimate.calls, prompt_tokens=1)

    def count_tokens(self, prompt: Prompt) -> int:
        return 1


def load(path: str | None = None, *, labels: Sequence[str] = LABELS) -> data.Documents:
    """The task `cuad-classifier`: one item for each of the labels that a contract has spans of.

    Args:
        path: a folder with CUAD's JSON and `clause_excerpts.jsonl`; the hub's copy if None, the
            test split explained and the train split learned from.
        labels: categories of CUAD.

    Raises:
        FocusLimeError: another format, a label without excerpts.
    """
    contracts, excerpts = cuad.with_excerpts(path)
    classifier = ClauseClassifier.train(excerpts, labels)
    learned = [[excerpt.file, excerpt.category, excerpt.text] for excerpt in excerpts]
    mark = cuad.digest(contracts, list(labels), learned)
    models = {
        label: PaidByCall(classifier.for_label(label), name=NAME, fingerprint=f"{mark}-{number}")
        for number, label in enumerate(labels)
    }

    def documents(seed: int) -> Iterator[tuple[str, Iterator[Item]]]:
        for contract in contracts:
            yield contract.title, _items(contract, models)

    return data.Documents("cuad-classifier", mark, documents)


def _items(contract: cuad.Contract, models: dict[str, PaidByCall]) -> Iterator[Item]:
    length = 2 ** round(math.log2(max(1, len(contract.text.split()))))  # words
    for item in items_of(contract, list(models), classify=True):
        label = str(item.facts["label"])
        yield replace(
            item, objective=OwnAnswer(), model=models[label], facts={**item.facts, "length": length}
        )
