"""Which sentences of a real contract made a real clause classifier fire?

    python -m focus_lime.benchmarks.real_contracts --data PATH [--limit N] [--calls 100]
        [--seed 0] [--labels A,B] [--out FILE.md]

PATH is a folder with CUAD's JSON and `clause_excerpts.jsonl`, or `hub`. The black box is
`clause_classifier`; what lawyers marked is the evidence; every method has the same number of
calls. The table goes to stdout and to FILE.md, which is whole after every contract.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

import numpy as np

from focus_lime.models.base import Floats
from focus_lime.models.function import FunctionModel
from focus_lime.neighborhood import load_proxy
from focus_lime.prompt.prompt import Prompt
from focus_lime.prompt.split import split
from focus_lime.proxies.small_lm import SmallLM

from . import cuad, rankings, script, tables
from .clause_classifier import LABELS, ClauseClassifier
from .metrics import aopc, gold_units, recall_at
from .rankings import Function, Ranking

KS = (1, 3, 5)
BM25, SMALL = "Focus-LIME, BM25", "Focus-LIME, small classifier"
BM25_AUDIT, SMALL_AUDIT = f"{BM25}, audited", f"{SMALL}, audited"
PLAIN, LIME, LIME_WORDS = "plain LIME (ours)", "lime, sentences", "lime, words summed"
LOO, RANDOM, EVIDENCE = "leave one out", "random", "the evidence itself"
METHODS = (
    BM25, SMALL, BM25_AUDIT, SMALL_AUDIT, PLAIN, LIME, LIME_WORDS, LOO, RANDOM, EVIDENCE
)  # fmt: skip
BUDGETED = (BM25, SMALL, PLAIN, LIME, LIME_WORDS)


@dataclass
class Remembered:
    """A classifier that answers a text once for all labels: methods that draw the same masks for
    every label ask about the same texts. Calls are counted before they come here.
    """

    classifier: ClauseClassifier
    rows: dict[bytes, Floats] = field(default_factory=dict)

    def for_label(self, label: str) -> Function:
        column = self.classifier.labels.index(label)

        def score(texts: list[str]) -> Floats:
            keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
            new = {k: t for k, t in zip(keys, texts, strict=True) if k not in self.rows}
            todo = list(new.items())
            for first in range(0, len(todo), 16):
                batch = todo[first : first + 16]
                scores = self.classifier.scores([text for _, text in batch])
                self.rows.update(zip((key for key, _ in batch), scores, strict=True))
            return np.array([self.rows[key][column] for key in keys])

        return score


@dataclass(frozen=True)
class Benchmark:
    """The black box, the small one, and how they are asked."""

    box: ClauseClassifier
    small: ClauseClassifier
    calls: int
    seed: int

    def run(self, contract: cuad.Contract) -> Iterator[tables.Outcome]:
        """All methods on all labels that the contract has evidence for."""
        box, small = Remembered(self.box), Remembered(self.small)
        for label in self.box.labels:
            if label in contract.evidence:
                evidence = contract.evidence[label]
                functions = box.for_label(label), small.for_label(label)
                yield from self._task(contract, evidence, *functions)

    def _task(
        self, contract: cuad.Contract, evidence: cuad.Evidence, f: Function, small: Function
    ) -> Iterator[tables.Outcome]:
        text, label, calls, seed = contract.text, evidence.label, self.calls, self.seed
        # The proxies may read the question; the classifier is asked about the contract alone.
        prompt = Prompt(Prompt.from_document(text).messages, evidence.query)
        sentences = split(prompt.sources, "sentence")
        pieces = sentences.texts(prompt.sources)
        gold = gold_units(sentences, evidence.spans)
        window = gold_units(sentences, [self.box.best_window(text, label)])
        full = float(f([text])[0])

        def without(dropped: Sequence[int]) -> str:
            gone = set(dropped)
            return "".join(piece for i, piece in enumerate(pieces) if i not in gone)

        def every() -> Ranking:
            rows = f([without([i]) for i in range(len(pieces))])
            return rankings.leave_one_out(rows, full, len(pieces) + 1, seed)

        proxy = SmallLM(FunctionModel(small, name="small classifier"))
        bm25 = load_proxy("bm25")
        methods: dict[str, Callable[[], Ranking]] = {
            BM25: lambda: rankings.focus_lime(f, prompt, sentences, bm25, calls, seed),
            SMALL: lambda: rankings.focus_lime(f, prompt, sentences, proxy, calls, seed),
            BM25_AUDIT: lambda: rankings.focus_lime(
                f, prompt, sentences, bm25, calls, seed, audit=True
            ),
            SMALL_AUDIT: lambda: rankings.focus_lime(
                f, prompt, sentences, proxy, calls, seed, audit=True
            ),
            PLAIN: lambda: rankings.focus_lime(f, prompt, sentences, None, calls, seed),
            LIME: lambda: rankings.lime_sentences(f, text, sentences, calls, seed),
            LIME_WORDS: lambda: rankings.lime_words(f, text, sentences, calls, seed),
            LOO: every,
            RANDOM: lambda: rankings.at_random(len(sentences), seed),
            EVIDENCE: lambda: rankings.of_evidence(gold, len(sentences), seed),
        }
        for method, rank in methods.items():
            ranking = rank()
            steps = f([without(ranking.order[:k]) for k in range(1, max(KS) + 1)])
            yield tables.Outcome(
                contract.title.partition("_")[0],
                label,
                method,
                {k: recall_at(ranking.order, gold, k) for k in KS},
                aopc(full, list(steps)),
                ranking.calls,
                ranking.proxy_calls,
                len(gold),
                len(gold & ranking.examined),
                bool(gold & window),
            )


def report(outcomes: Sequence[tables.Outcome], command: str, benchmark: Benchmark) -> str:
    """Markdown: means with intervals, differences, breakdowns, losses."""
    tasks = {o.task: o.on_evidence for o in outcomes}
    seen = [o for o in outcomes if o.on_evidence]
    n_contracts, k = len({contract for contract, _ in tasks}), max(KS)
    parts = [
        "# Real contracts, a real classifier\n",
        f"```\n{command}\n```\n",
        f"{len(tasks)} tasks: a label with lawyers' spans in one of {n_contracts} CUAD contracts. "
        f"{benchmark.calls} calls of the black box for each method, seed {benchmark.seed}, "
        "sentences. "
        f"focus-lime {version('focus-lime')}, lime {version('lime')}, "
        f"scikit-learn {version('scikit-learn')}.\n",
        "The black box is TF-IDF and logistic regression; a contract scores as its best window "
        f"of {benchmark.box.window} words. Recall: share of the sentences with lawyers' spans "
        f"that are among the first k. AOPC: mean over k = 1..{k} of f(x) - f(x without the "
        "first k), in nats. In brackets: 95 % percentile bootstrap over contracts. "
        "*audited*: the neighborhood is audited and rescued first, for which a "
        "quarter of the calls is set aside; it takes what it needs. "
        "*leave one out* deletes every sentence once, far over the budget; *the evidence itself* "
        "ranks the lawyers' sentences first and is the ceiling of recall.\n",
        "## Mean over contracts\n",
        tables.means(outcomes, METHODS, KS),
        f"## Where the black box looks at the evidence ({sum(tasks.values())} of {len(tasks)})\n",
        "Elsewhere the passage that gives the score is not what the lawyers marked: a faithful "
        "explanation then has low recall.\n",
        tables.means(seen, METHODS, KS) if seen else "None.\n",
        f"## Against the lime package on the same sentences, pairwise, {len(tasks)} tasks\n",
        tables.differences(outcomes, [m for m in METHODS[:-1] if m != LIME], LIME, k),
        f"## recall@{k} by contract\n",
        tables.breakdown(
            outcomes, METHODS, lambda o: o.contract, lambda o: o.recall[k], "contract"
        ),
        "## AOPC by contract\n",
        tables.breakdown(outcomes, METHODS, lambda o: o.contract, lambda o: o.aopc, "contract"),
        f"## recall@{k} by label\n",
        tables.breakdown(outcomes, METHODS, lambda o: o.label, lambda o: o.recall[k], "label"),
        "## AOPC by label\n",
        tables.breakdown(outcomes, METHODS, lambda o: o.label, lambda o: o.aopc, "label"),
        f"## Where {BM25} finds less evidence than the lime package\n",
        tables.losses(outcomes, BM25, LIME, k),
        f"## Where {SMALL} finds less evidence than the lime package\n",
        tables.losses(outcomes, SMALL, LIME, k),
    ]
    return "\n".join(parts)


def prepare(
    data: str, labels: Sequence[str], calls: int, seed: int, limit: int | None
) -> tuple[Benchmark, list[cuad.Contract]]:
    """Load the contracts and train both classifiers on excerpts of other companies' contracts."""
    contracts, excerpts = cuad.with_excerpts(None if data == "hub" else data)
    box = ClauseClassifier.train(excerpts, labels)
    small = ClauseClassifier.train(excerpts[::4], labels, widest=1, max_features=2_000)
    return Benchmark(box, small, calls, seed), contracts[:limit]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", required=True, help="folder with CUAD, or `hub`")
    parser.add_argument("--limit", type=int, help="only the first N contracts")
    parser.add_argument(
        "--calls", type=int, default=100, help="of the black box, a method and task"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--labels", default=",".join(LABELS), help="comma between labels")


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    labels = [label.strip() for label in options.labels.split(",")]
    benchmark, contracts = prepare(options.data, labels, options.calls, options.seed, options.limit)
    outcomes: list[tables.Outcome] = []
    for number, contract in enumerate(contracts, start=1):
        for outcome in benchmark.run(contract):
            outcomes.append(outcome)
            line = f"{number}/{len(contracts)} {outcome.contract}, {outcome.label}"
            print(f"{line}: {outcome.method}", file=sys.stderr, flush=True)
        if outcomes:
            yield report(outcomes, command, benchmark)


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("real_contracts", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
