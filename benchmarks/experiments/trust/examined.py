"""Figures on what is examined: does Phase I, with its coverage check, miss nothing and find what
decides together?
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from focus_lime.explain import FocusLime
from focus_lime.method.masks import single_drops
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import load_proxy
from focus_lime.method.rescue import check_coverage
from focus_lime.method.scout import scout
from focus_lime.method.settings import Settings, resolve
from focus_lime.models.base import Floats, Ledger

from ...tables.markdown import markdown
from .cases import MIXED, Planted, answered_elsewhere, spans
from .figure import Figure, Rows

PROXIES = (
    "random",
    "bm25",
    "attention",
    "attention:bundled:proxy",
    "small-lm:bundled:proxy",
    "small-lm-drops:bundled:proxy",
    "cached-context",
    "ensemble:bm25+attention",
)
_loaded = cache(load_proxy)


def _misses(case: Planted) -> Rows:
    f = case.value()
    effects = f.full() - f(single_drops(len(f.units)))
    top = f.units[int(np.argmax(np.abs(effects)))]
    tree = case.prompt.tree
    settings = resolve(Settings(), tree, has_proxy=True)
    rows: dict[str, tuple[float, ...]] = {}
    for spec in PROXIES:
        focus = scout(
            case.prompt,
            tree,
            _loaded(spec),
            f.objective,
            target=case.model,
            n_coarse=settings.n_coarse or 1,
            n_scored=settings.n_scored or 1,
            seed=case.seed,
            guarded=True,
        )
        ledger = Ledger()
        case.model.clear_kv()  # the prompt is to be read
        units, report = check_coverage(case.value(ledger), focus.units)
        fpe = ledger.tokens_computed / case.model.count_tokens(case.prompt)
        rows[spec] = (float(top not in focus.units), float(top not in units), report.calls, fpe)
    return rows


def _misses_table(rows: Mapping[str, Floats]) -> str:
    lines = []
    for spec, numbers in rows.items():
        before, after, calls, fpe = numbers.T
        lines.append([
            spec, f"{before.mean():.0%} ({before.sum():.0f}/{len(before)})",
            f"{after.mean():.0%} ({after.sum():.0f}/{len(after)})",
            f"{calls.mean():.0f}", f"{fpe.mean():.1f}",
        ])  # fmt: skip
    header = ["proxy", "missed before", "missed after rescue", "target calls", "target FPE"]
    return markdown(header, lines)


def _sets(case: Planted) -> Rows:
    explanation = FocusLime(case.model, _loaded("bm25")).explain(
        case.prompt, objective=ResponseLogOdds(case.response), **MIXED
    )
    sentences = case.sentences
    members = spans([sentences[i] for i in case.evidence])
    inside = members <= spans(explanation.neighborhood.units)
    assert explanation.sets is not None
    sufficient = {frozenset(spans(group)) for group in explanation.sets.sufficient_sets}
    either = case.task == "twice"
    named = (
        {frozenset([member]) for member in members} if either else {frozenset(members)}
    ) <= sufficient
    # Beside it what single drops see: of the effect, what goes with one member alone, the larger.
    f = case.value()
    alone = np.ones((len(case.evidence), len(sentences)), dtype=bool)
    alone[range(len(case.evidence)), sorted(case.evidence)] = False
    full = f.full()
    share = (full - f(alone)) / (full - float(f(np.zeros((1, len(sentences)), bool))[0]))
    facts = "twice (A or B)" if either else "joined (A and B)"
    fpe = explanation.cost.target.fpe or 0.0
    return {facts: (float(inside), float(named), float(share.max()), fpe)}


def _sets_table(rows: Mapping[str, Floats]) -> str:
    lines = []
    for facts, numbers in rows.items():
        inside, named, share, fpe = numbers.T
        lines.append([
            facts, str(len(numbers)), f"{inside.mean():.0%}", f"{named.mean():.0%}",
            f"{np.median(share):.2f}", f"{share.max():.2f}", f"{fpe.mean():.1f}",
        ])  # fmt: skip
    header = [
        "facts", "documents", "both in S", "named as a set", "goes with one member alone, median",
        "most", "target FPE",
    ]  # fmt: skip
    return markdown(header, lines)


def _context(case: Planted) -> Rows:
    cases = {"half of the document, without the evidence": answered_elsewhere(case)}
    cases["the whole document"] = case
    outcomes = {
        name: check_coverage(planted.value(), planted.sentences[:1])[1]
        for name, planted in cases.items()
    }
    return {name: (float(o.outcome == "not_in_context"),) for name, o in outcomes.items()}


def _context_table(rows: Mapping[str, Floats]) -> str:
    lines = [[name, str(len(called)), f"{called.mean():.0%}"] for name, called in rows.items()]
    return markdown(["attributable", "documents", "called not_in_context"], lines)


MISSES = Figure(
    "Is the target's most important sentence in S, before and after the coverage check?",
    ("recall",), 4000, _misses, _misses_table,
)  # fmt: skip
SETS = Figure(
    "Are both members of a redundant and of a joined fact in S, and named as a set?",
    ("twice", "joined"), 4000, _sets, _sets_table,
)  # fmt: skip
CONTEXT = Figure(
    "Answers that do not need the attributable text, and answers that do (seeds from 60000: the "
    "rule was chosen on the others)",
    ("recall",), 2000, _context, _context_table, first=60_000,
)  # fmt: skip
