"""Methods that rank the sentences of one prompt by how much they raise a score.

Every method asks the same black box, a function texts -> scores, through a counter; the number
of calls that it may make is part of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from lime.lime_text import LimeTextExplainer

from focus_lime.explain import FocusLime
from focus_lime.models.base import Floats
from focus_lime.models.function import FunctionModel
from focus_lime.neighborhood import Proxy
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.units import Units

from .metrics import rank

Function = Callable[[list[str]], Floats]

_OWN_ANSWER = 2  # of Focus-LIME's calls: the model's own answer, and f of the full prompt


@dataclass(frozen=True)
class Ranking:
    """Sentences, best first: the ones that raise the score most.

    Attributes:
        order: indices of sentences; those that were not examined count 0.
        calls: calls of the black box, `proxy_calls` of the proxy's own model.
        examined: the sentences that could get a weight.
    """

    order: tuple[int, ...]
    calls: int
    proxy_calls: int
    examined: frozenset[int]


@dataclass
class Counted:
    """A function that counts the texts it was asked about."""

    function: Function
    calls: int = 0

    def __call__(self, texts: list[str]) -> Floats:
        self.calls += len(texts)
        return self.function(texts)


def focus_lime(
    function: Function,
    prompt: Prompt,
    sentences: Units,
    proxy: Proxy | None,
    calls: int,
    seed: int,
    *,
    audit: bool = False,
) -> Ranking:
    """FocusLime with a proxy, or plain LIME on its objects where the proxy is None.

    An audit asks as often as it must: a quarter of the calls is set aside for it.
    """
    counted = Counted(function)
    explainer = FocusLime(FunctionModel(counted, name="black box"), proxy)
    # As in the paper: no verified spans, no sets, no early stop, and no audit if not asked for.
    explanation = explainer.explain(
        prompt,
        budget=calls * 3 // 4 if audit else calls - _OWN_ANSWER,
        audit=audit,
        verify=0,
        sets=False,
        confidence=1,
        seed=seed,
    )
    index = {(unit.source, unit.start): i for i, unit in enumerate(sentences)}
    weights = {
        index[unit.source, unit.start]: unit.weight or 0.0 for unit in explanation.attributed
    }
    order = by_weight(weights, len(sentences), seed)
    return Ranking(
        order, counted.calls, int(explanation.cost["proxy"]["calls"]), frozenset(weights)
    )


def lime_sentences(
    function: Function, text: str, sentences: Units, calls: int, seed: int
) -> Ranking:
    """The lime package, its features the same sentences, deleted when hidden; else as it comes.

    All features are kept (`num_features`), so that every sentence has a place in the ranking.
    """
    pieces = sentences.texts([text])
    explainer = LimeTextExplainer(
        split_expression=lambda raw: pieces, bow=False, mask_string="", random_state=seed
    )
    counted = Counted(function)
    found = _lime(explainer, counted, text, len(pieces), calls)
    weights = {int(feature): float(weight) for feature, weight in found.local_exp[0]}
    order = by_weight(weights, len(sentences), seed)
    return Ranking(order, counted.calls, 0, frozenset(range(len(sentences))))


def lime_words(function: Function, text: str, sentences: Units, calls: int, seed: int) -> Ranking:
    """The lime package as it comes: a word type is a feature, hidden wherever it stands.

    A sentence's weight is the sum over its distinct words.
    """
    words = [set(re.split(r"\W+", piece)) - {""} for piece in sentences.texts([text])]
    counted = Counted(function)
    explainer = LimeTextExplainer(random_state=seed)
    found = _lime(explainer, counted, text, len(set().union(*words)), calls)
    weight = dict(found.as_list(label=0))
    weights = {i: sum(weight[word] for word in sorted(mine)) for i, mine in enumerate(words)}
    order = by_weight(weights, len(sentences), seed)
    return Ranking(order, counted.calls, 0, frozenset(range(len(sentences))))


def leave_one_out(rows: Floats, full: float, n_calls: int, seed: int) -> Ranking:
    """By f(x) - f(x without the sentence): exact, for one call a sentence.

    Args:
        rows: f(x without sentence i), `float64[n_sentences]`.
    """
    order = by_weight(dict(enumerate(full - rows)), len(rows), seed)
    return Ranking(order, n_calls, 0, frozenset(range(len(rows))))


def at_random(n_sentences: int, seed: int) -> Ranking:
    """The control: no call, no knowledge."""
    order = np.random.default_rng([seed, n_sentences]).permutation(n_sentences)
    return Ranking(tuple(map(int, order)), 0, 0, frozenset())


def of_evidence(gold: Collection[int], n_sentences: int, seed: int) -> Ranking:
    """The lawyers' sentences first, by chance among themselves: recall's ceiling."""
    order = by_weight(dict.fromkeys(gold, 1.0), n_sentences, seed)
    return Ranking(order, 0, 0, frozenset(gold))


def by_weight(weights: dict[int, float], n_sentences: int, seed: int) -> tuple[int, ...]:
    """Highest weight first, those without one as 0. Chance decides among equals.

    Reading order would not be fair: clauses of a kind stand in like places of all contracts.
    """
    known = np.array([weights.get(i, np.nan) for i in range(n_sentences)])
    return tuple(rank(known, seed))


def _lime(
    explainer: LimeTextExplainer, counted: Counted, text: str, n_features: int, calls: int
) -> Any:
    """lime's own explanation; it wants one column a class."""
    return explainer.explain_instance(
        text,
        lambda texts: counted(list(texts))[:, None],
        labels=(0,),
        num_features=n_features,
        num_samples=calls,
    )
