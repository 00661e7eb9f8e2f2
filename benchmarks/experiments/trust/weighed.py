"""Figures on the weights: their quality against their cost, at sentences and at words, and whether
another run gives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from focus_lime.explain import FocusLime
from focus_lime.inputs.units import Units
from focus_lime.method.masks import bernoulli
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.models.base import Floats, Ledger

from ...metrics.evidence import recall_at
from ...tables.bootstrap import bootstrap_mean
from ...tables.markdown import interval, markdown
from .cases import (
    FIRST_SEED,
    MIXED,
    STEPS,
    Planted,
    by_weight,
    content_words,
    ranking,
    value_words,
)
from .figure import Figure, Rows

SEEDS = 10  # of the runs whose reports are compared
PLAIN = 3  # seeds of which plain LIME over all words is asked
ASIDE = 10  # seeds on which the variants of figure 3 are measured
_REFERENCE = "exact, 64 masks"

_Method = Callable[[Planted], tuple[list[int], float]]  # a ranking of the sentences, and its FPE


def _explained(**options: Any) -> _Method:
    def run(case: Planted) -> tuple[list[int], float]:
        explanation = FocusLime(case.model, load_proxy("bm25")).explain(case.prompt, **options)
        return ranking(explanation, case.sentences), explanation.cost.target.fpe or 0.0

    return run


def _context_cite(n_masks: int) -> _Method:
    def run(case: Planted) -> tuple[list[int], float]:
        from context_cite.solver import LassoRegression

        f = case.value(ledger := Ledger())
        masks = bernoulli(len(f.units), n_masks, 0)
        weights, _ = LassoRegression().fit(masks, f(masks), len(case.response.ids or ()))
        # It pays for the whole of each prompt; the tokens that sharing saved are its own to save.
        asked = ledger.tokens_asked / case.model.count_tokens(case.prompt)
        return by_weight(np.asarray(weights)), 1 + asked

    return run


METHODS: dict[str, _Method] = {
    "mixed": _explained(**MIXED),
    _REFERENCE: _explained(confidence=1),
    "ContextCite, 64 masks": _context_cite(64),
}
VARIANTS: dict[str, _Method] = {
    "mixed, no verified spans": _explained(**MIXED, verify=0),
    "mixed, no verified spans, no sets": _explained(**MIXED, verify=0, sets=False),
    "the same, no coverage check": _explained(**MIXED, verify=0, sets=False, coverage_check=False),
    "exact, stops when settled": _explained(),
    "ContextCite, 125 masks": _context_cite(125),
}


def _cost(case: Planted) -> Rows:
    rows = {}
    methods = METHODS if case.seed >= FIRST_SEED + ASIDE else {**METHODS, **VARIANTS}
    for name, method in methods.items():
        order, fpe = method(case)
        precision = recall_at(order, case.evidence, len(case.evidence))
        rows[name] = (precision, case.aopc(order), fpe)
    return rows


def _cost_table(rows: Mapping[str, Floats]) -> str:
    lines = []
    for name, numbers in rows.items():
        recall, area, fpe = numbers.T
        best = rows[_REFERENCE][: len(numbers), 1].mean()  # of the same documents
        lines.append([
            name, str(len(numbers)), f"{fpe.mean():.1f}", f"{fpe.max():.1f}",
            f"{recall.mean():.2f}", interval(bootstrap_mean(area.tolist())),
            f"{area.mean() / best:.3f}",
        ])  # fmt: skip
    header = [
        "explanation", "documents", "target FPE", "most", "R-precision",
        f"AOPC, {STEPS} sentences (nats)", f"of {_REFERENCE}",
    ]  # fmt: skip
    return markdown(header, lines)


WAYS: dict[str, dict[str, Any]] = {
    "deleted": {},
    "replaced by ` _`, one token": {"ablation": "placeholder", "placeholder": " _"},
}


def _words(case: Planted) -> Rows:
    """Beside the explanation, what exact deletion of each of the clause's words alone says: to the
    target a word may weigh more than the value, and the second word of a value that the first gives
    away ("seven percent") weighs nothing. *As deleted alone*: of the words whose deletion matters
    (a fifth of the largest effect, or more), how many lead.
    """
    all_words = case.prompt.tree.units("word")
    rows = {}
    for way, ablation in WAYS.items():
        alone = case.alone(all_words, ablation)
        matter = [word for word, effect in alone.items() if effect > 0.2 * max(alone.values())]
        rankings = {"each word deleted alone": (list(alone), float("nan"))}
        plain = case.seed < FIRST_SEED + PLAIN and way == "deleted"
        for name, proxy, options in (
            ("Focus-LIME", load_proxy("bm25"), MIXED),
            *([("plain LIME, 1,000 calls", None, {"budget": 1000, "confidence": 1})] * plain),
        ):
            explanation = FocusLime(case.model, proxy).explain(
                case.prompt,
                objective=ResponseLogOdds(case.response),
                granularity="word",
                **ablation,
                **options,
            )
            rankings[name] = ranking(explanation, all_words), explanation.cost.target.fpe or 0.0
        for name, (order, fpe) in rankings.items():
            rows[f"{way} | {name}"] = (*_of_words(case, all_words, order, matter), fpe)
    return rows


def _of_words(
    case: Planted, all_words: Units, order: Sequence[int], matter: Sequence[int]
) -> tuple[float, float, float, float]:
    value, content = value_words(case, all_words), content_words(case, all_words)
    return (
        float(order[0] in value),
        float(set(order[: len(value)]) == value),
        len(set(order[: len(content)]) & content) / len(content),
        len(set(order[: len(matter)]) & set(matter)) / len(matter),
    )


def _words_table(rows: Mapping[str, Floats]) -> str:
    lines = []
    for name, numbers in rows.items():
        leads, first, precision, agreed, fpe = numbers.mean(axis=0)
        lines.append([
            *name.split(" | "), str(len(numbers)), f"{leads:.0%}", f"{first:.0%}",
            f"{precision:.2f}", f"{agreed:.2f}", "" if np.isnan(fpe) else f"{fpe:.0f}",
        ])  # fmt: skip
    header = [
        "words are", "ranked by", "documents", "a word of the value first",
        "all its words first", "R-precision on content words", "as deleted alone", "target FPE",
    ]  # fmt: skip
    return markdown(header, lines)


def _stability(case: Planted) -> Rows:
    reported = []
    for run in range(SEEDS):
        explanation = FocusLime(case.model, load_proxy("bm25")).explain(
            case.prompt, objective=ResponseLogOdds(case.response), seed=run, **MIXED
        )
        reported.append(
            {(u.source, u.start): np.sign(u.weight or 0.0) for u in explanation.significant()}
        )
    pairs = list(combinations(reported, 2))
    same = np.mean([len(a.keys() & b) / max(1, len(a.keys() | b)) for a, b in pairs])
    agreed = all(a[k] == b[k] for a, b in pairs for k in a.keys() & b.keys())
    size = np.mean([len(signs) for signs in reported])
    return {str(SEEDS): (float(same), float(agreed), float(size))}


def _stability_table(rows: Mapping[str, Floats]) -> str:
    lines = []
    for seeds, numbers in rows.items():
        same, agreed, size = numbers.T
        lines.append([
            str(len(numbers)), seeds, f"{same.mean():.3f}", f"{same.min():.2f}",
            f"{agreed.mean():.0%}", f"{size.mean():.1f}",
        ])  # fmt: skip
    header = ["documents", "seeds", "mean Jaccard", "least", "signs agree", "units reported"]
    return markdown(header, lines)


COST = Figure(
    "A whole sentence-level explanation at 8k tokens: quality against cost",
    ("recall",), 8000, _cost, _cost_table,
)  # fmt: skip
WORDS = Figure(
    "Words of the planted clause among all words of the prompt, at 8k tokens",
    ("recall",), 8000, _words, _words_table,
)  # fmt: skip
STABILITY = Figure(
    f"The reported sets over {SEEDS} seeds",
    ("recall",), 4000, _stability, _stability_table,
)  # fmt: skip
