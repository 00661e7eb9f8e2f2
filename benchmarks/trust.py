"""Can an explanation be trusted? Miss rates, sets, cost, words, stability, answers without context.

    pip install 'focus-lime[peers]'
    python -m focus_lime.benchmarks.trust --figure 1 --documents 50 --out FILE

Everything is measured on the bundled target, on contracts of its own generator with held-out facts,
whose answers are right; seeds count from 50000. The figures are those of the table's titles.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from focus_lime.audit import audit
from focus_lime.explain import FocusLime
from focus_lime.explanation import write_whole
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.load import load_model
from focus_lime.neighborhood import load_proxy, scout
from focus_lime.perturb.masks import bernoulli, single_drops
from focus_lime.prompt.split import split
from focus_lime.prompt.units import Units
from focus_lime.settings import resolve

from .metrics import bootstrap_mean, recall_at
from .tables import interval, markdown
from .trust_cases import (
    STEPS,
    Planted,
    answered_elsewhere,
    by_weight,
    content_words,
    planted,
    ranking,
    spans,
    value_words,
)

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
MIXED: dict[str, Any] = {"fidelity": "mixed"}
_PLAIN = 3  # documents that plain LIME over all words is asked of


def misses(model: HFCausalLM, n: int) -> Iterator[str]:
    """1. Is the target's most important sentence in S, before and after the audit?"""
    rows: dict[str, list[tuple[bool, bool, int, float]]] = {spec: [] for spec in PROXIES}
    loaded = {spec: load_proxy(spec) for spec in PROXIES}
    settings = resolve(has_proxy=True)
    for seed, case in planted(model, "recall", 4000, n):
        f = case.value()
        effects = f.full()[0] - f(single_drops(len(f.units)))
        top = f.units[int(np.argmax(np.abs(effects)))]
        for spec, proxy in loaded.items():
            focus = scout(
                case.prompt,
                proxy,
                f.objective,
                model,
                n_chunks=settings.chunks,
                n_sentences=settings.sentences,
                seed=seed,
                guarded=True,
            )
            ledger = Ledger()
            whole, report = audit(case.value(ledger), focus.units)
            fpe = ledger.tokens_computed / model.length(case.prompt)
            rows[spec].append((top not in focus.units, top not in whole, report.calls, fpe))
        _progress(seed, {spec: row[-1] for spec, row in rows.items()})
        lines = []
        for spec, found in rows.items():
            before, after, calls, fpe = np.array(found, dtype=float).T
            lines.append([
                spec, f"{before.mean():.0%} ({before.sum():.0f}/{len(before)})",
                f"{after.mean():.0%} ({after.sum():.0f}/{len(after)})",
                f"{calls.mean():.0f}", f"{fpe.mean():.1f}",
            ])  # fmt: skip
        header = ["proxy", "missed before", "missed after rescue", "target calls", "target FPE"]
        yield markdown(header, lines)


def sets(model: HFCausalLM, n: int) -> Iterator[str]:
    """2. Are both members of a redundant and of a joined fact in S, and named as a set?

    Beside it what single drops see: of the effect, what goes with one member alone, the larger.
    """
    header = [
        "facts", "documents", "both in S", "named as a set", "goes with one member alone, median",
        "most", "target FPE",
    ]  # fmt: skip
    lines: list[list[str]] = []
    explainer = FocusLime(model, load_proxy("bm25"))
    for task, relation in (("twice", "or"), ("joined", "and")):
        outcomes = []
        for seed, case in planted(model, task, 4000, n):
            found = explainer.explain(case.prompt, response=case.response, **MIXED)
            sentences = case.sentences
            members = spans([sentences[i] for i in case.evidence])
            inside = members <= {tuple(span) for span in found.neighborhood["sentences"]}
            assert found.sets is not None
            enough = {frozenset(map(tuple, group)) for group in found.sets["enough"]}
            apart = {frozenset([member]) for member in members}
            named = (apart if relation == "or" else {frozenset(members)}) <= enough
            f = case.value()
            alone = np.ones((len(case.evidence), len(sentences)), dtype=bool)
            alone[range(len(case.evidence)), sorted(case.evidence)] = False
            full = f.full()[0]
            share = (full - f(alone)) / (full - float(f(np.zeros((1, len(sentences)), bool))[0]))
            outcomes.append((inside, named, share.max(), found.cost["target"]["fpe"]))
            _progress(seed, outcomes[-1])
            in_s, by_name, shares, fpe = np.array(outcomes, dtype=float).T
            row = [
                f"{task} (A {relation} B)", str(len(outcomes)), f"{in_s.mean():.0%}",
                f"{by_name.mean():.0%}", f"{np.median(shares):.2f}", f"{shares.max():.2f}",
                f"{fpe.mean():.1f}",
            ]  # fmt: skip
            yield markdown(header, [*lines, row])
        lines.append(row)


def cost(model: HFCausalLM, n: int) -> Iterator[str]:
    """3. A whole sentence-level explanation at 8k tokens: quality against cost."""
    from context_cite.solver import LassoRegression

    def explained(**options: Any) -> Callable[[Planted], tuple[list[int], float]]:
        def run(case: Planted) -> tuple[list[int], float]:
            found = FocusLime(model, load_proxy("bm25")).explain(case.prompt, **options)
            return ranking(found, case.sentences), found.cost["target"]["fpe"]

        return run

    def context_cite(case: Planted) -> tuple[list[int], float]:
        f = case.value(ledger := Ledger())
        masks = bernoulli(len(f.units), 64, 0)
        weights, _ = LassoRegression().fit(masks, f(masks), len(case.response.ids or ()))
        # It pays for the whole of each prompt; the tokens that sharing saved are its own to save.
        return by_weight(np.asarray(weights)), 1 + ledger.tokens_asked / model.length(case.prompt)

    methods = {
        "mixed": explained(**MIXED),
        "mixed, no verified spans": explained(**MIXED, verify=0),
        "mixed, no verified spans, no sets": explained(**MIXED, verify=0, sets=False),
        "the same, no audit": explained(**MIXED, verify=0, sets=False, audit=False),
        "exact, stops when settled": explained(),
        "exact, 64 masks": explained(confidence=1),
        "ContextCite, 64 masks": context_cite,
    }
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in methods}
    for seed, case in planted(model, "recall", 8000, n):
        gold = case.evidence
        for name, run in methods.items():
            order, fpe = run(case)
            rows[name].append((recall_at(order, gold, len(gold)), case.aopc(order), fpe))
        _progress(seed, {name: row[-1] for name, row in rows.items()})
        lines = []
        for name, found in rows.items():
            recall, area, fpe = np.array(found).T
            best = np.array(rows["exact, 64 masks"])[:, 1]
            lines.append([
                name, str(len(fpe)), f"{fpe.mean():.1f}", f"{fpe.max():.1f}",
                f"{recall.mean():.2f}",
                interval(bootstrap_mean(area.tolist())),
                f"{area.mean() / best.mean():.3f}",
            ])  # fmt: skip
        header = [
            "explanation", "documents", "target FPE", "most", "evidence recall at |E|",
            f"AOPC, {STEPS} sentences (nats)", "of exact, 64 masks",
        ]  # fmt: skip
        yield markdown(header, lines)


def words(model: HFCausalLM, n: int) -> Iterator[str]:
    """4. Words of the planted clause among all words of the prompt, at 8k tokens.

    Beside it what exact deletion of each of the clause's words alone says, under the same ablation:
    to the target a word may weigh more than the value. *As deleted alone*: of the words whose
    deletion matters (a fifth of the largest effect, or more), how many lead. Plain LIME, a thousand
    calls a document, is asked of the first few documents only.
    """
    ways: dict[str, dict[str, Any]] = {
        "deleted": {},
        "replaced by `...`": {"ablation": "placeholder"},
        "replaced by ` _`, one token": {"ablation": "placeholder", "placeholder": " _"},
    }
    header = [
        "words are", "ranked by", "documents", "value's words first",
        "R-precision on content words", "as deleted alone", "target FPE",
    ]  # fmt: skip
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for done, (seed, case) in enumerate(planted(model, "recall", 8000, n)):
        everything = split(case.prompt.sources, "word")
        for way, ablation in ways.items():
            alone = case.alone(everything, ablation)
            matter = [word for word, effect in alone.items() if effect > 0.2 * max(alone.values())]
            rankings = {"each word deleted alone": (list(alone), float("nan"))}
            for name, proxy, options in (
                ("Focus-LIME", load_proxy("bm25"), MIXED),
                ("plain LIME, 1,000 calls", None, {"budget": 1000, "confidence": 1}),
            ):
                if proxy is None and (done >= _PLAIN or way != "deleted"):
                    continue
                found = FocusLime(model, proxy).explain(
                    case.prompt, response=case.response, granularity="word", **ablation, **options
                )
                rankings[name] = ranking(found, everything), found.cost["target"]["fpe"]
            for name, (order, fpe) in rankings.items():
                measured = (*_of_words(case, everything, order, matter), fpe)
                rows.setdefault((way, name), []).append(measured)
                _progress(seed, (way, name, *measured))
        lines = []
        for (way, name), outcomes in rows.items():
            first, precision, agreed, fpe = np.array(outcomes).T.mean(axis=1)
            lines.append([
                way, name, str(len(outcomes)), f"{first:.0%}", f"{precision:.2f}",
                f"{agreed:.2f}", "" if np.isnan(fpe) else f"{fpe:.0f}",
            ])  # fmt: skip
        yield markdown(header, lines)


def _of_words(
    case: Planted, everything: Units, order: Sequence[int], matter: Sequence[int]
) -> tuple[float, float, float]:
    value, content = value_words(case, everything), content_words(case, everything)
    return (
        float(set(order[: len(value)]) == value),
        len(set(order[: len(content)]) & content) / len(content),
        len(set(order[: len(matter)]) & set(matter)) / len(matter),
    )


def stability(model: HFCausalLM, n: int) -> Iterator[str]:
    """5. The reported sets over ten seeds."""
    jaccards, agreed, sizes = [], [], []
    for seed, case in planted(model, "recall", 4000, n):
        reported = []
        for run in range(10):
            found = FocusLime(model, load_proxy("bm25")).explain(
                case.prompt, response=case.response, seed=run, **MIXED
            )
            reported.append(
                {(u.source, u.start): np.sign(u.weight or 0.0) for u in found.reported()}
            )
        pairs = list(combinations(reported, 2))
        jaccards.append(np.mean([len(a.keys() & b) / max(1, len(a.keys() | b)) for a, b in pairs]))
        agreed.append(all(a[k] == b[k] for a, b in pairs for k in a.keys() & b.keys()))
        sizes.append(np.mean([len(one) for one in reported]))
        _progress(seed, (jaccards[-1], agreed[-1], sizes[-1]))
        header = ["documents", "seeds", "mean Jaccard", "least", "signs agree", "units reported"]
        row = [
            str(len(sizes)), "10", f"{np.mean(jaccards):.3f}", f"{np.min(jaccards):.2f}",
            f"{np.mean(agreed):.0%}", f"{np.mean(sizes):.1f}",
        ]  # fmt: skip
        yield markdown(header, [row])


def context(model: HFCausalLM, n: int) -> Iterator[str]:
    """6. Answers that do not need the attributable text, and answers that do.

    Seeds from 60000: the rule was chosen on the others.
    """
    called = {"half of the document, without the evidence": 0, "the whole document": 0}
    cases = planted(model, "recall", 2000, n, seed=60_000)
    for done, (seed, case) in enumerate(cases, start=1):
        for name, one in zip(called, (answered_elsewhere(case), case), strict=True):
            _, report = audit(one.value(), one.sentences[:1])
            called[name] += report.outcome == "not_in_context"
        _progress(seed, called)
        lines = [[name, str(done), f"{count / done:.0%}"] for name, count in called.items()]
        yield markdown(["attributable", "documents", "called not_in_context"], lines)


# A figure gives its table anew after every document.
FIGURES: dict[int, Callable[[HFCausalLM, int], Iterator[str]]] = {
    1: misses,
    2: sets,
    3: cost,
    4: words,
    5: stability,
    6: context,
}


def _progress(seed: int, what: object) -> None:
    print(seed, what, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--figure", type=int, choices=FIGURES, required=True)
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--model", default="bundled:target")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    assert isinstance(model, HFCausalLM)
    figure = FIGURES[arguments.figure]
    title = (figure.__doc__ or "").strip().splitlines()[0]
    command = f"python -m focus_lime.benchmarks.trust {' '.join(sys.argv[1:])}"
    parts = [f"# {title}", f"Command: `{command}`"]
    text = ""
    for table in figure(model, arguments.documents):
        text = "\n\n".join([*parts, table])
        if arguments.out is not None:
            write_whole(arguments.out, text)
    print(text)


if __name__ == "__main__":
    main()
