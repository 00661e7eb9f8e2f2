"""What proxies find and what they cost, on generated contracts with planted facts.

    python -m focus_lime.benchmarks.experiments.scouting random bm25 attention cached-context \\
        --seeds 4 --out benchmarks/results/proxies.md

Each question that the bundled target answers right is scouted for with the defaults of
`FocusLime.explain`: six chunks, then sixteen of their sentences.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from focus_lime.inputs.prompt import Prompt
from focus_lime.method.objectives.response import ResponseLogOdds
from focus_lime.method.proxy import Proxy, load_proxy
from focus_lime.method.scout import Neighborhood, scout
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.loading import load_model
from focus_lime.proxies.bundled.contracts import TASKS, Question, generate_contract

from .. import script
from ..tables.markdown import markdown
from ..tasks.planted import evidence_of

_CHUNKS, _SENTENCES = 6, 16


@dataclass(frozen=True)
class Case:
    """A question about a generated contract, which the target answered right."""

    asked: Question
    prompt: Prompt
    objective: ResponseLogOdds
    tokens: int


@dataclass(frozen=True)
class Outcome:
    """One proxy on one case.

    Attributes:
        complete: every planted sentence of the answer is in S.
        on_top: they are ranked above all other sentences.
        chunk_rank: of the worst of their chunks; the mean rank where scores are equal. NaN
            where all chunks were kept unscored.
        fpe: what the target computed, in readings of the prompt.
    """

    complete: bool
    on_top: bool
    chunk_rank: float
    fpe: float
    proxy_calls: int
    proxy_tokens: int
    seconds: float


def cases(target: HFCausalLM, n_seeds: int, words: int) -> Iterator[Case]:
    """`n_seeds` contracts of each task, less those that the target answers wrong."""
    for task in TASKS:
        for seed in range(n_seeds):
            contract = generate_contract(np.random.default_rng(seed), words=words, task=task)
            asked = contract.questions[0]
            prompt = Prompt.from_document(contract.text, question=asked.question)
            answer = target.generate(prompt, 64, Ledger())
            beginning = asked.answer[: asked.answer.rindex(asked.value) + len(asked.value)]
            if answer.text.strip().startswith(beginning):
                yield Case(asked, prompt, ResponseLogOdds(answer), target.count_tokens(prompt))


def measure(proxy: Proxy, case: Case, target: HFCausalLM, seed: int = 0) -> Outcome:
    started = time.perf_counter()
    focus = scout(
        case.prompt,
        case.prompt.tree,
        proxy,
        case.objective,
        target=target,
        n_coarse=_CHUNKS,
        n_scored=_SENTENCES,
        seed=seed,
    )
    seconds = time.perf_counter() - started
    chunk_ranks, ranks = (_ranks(focus, level, case.asked) for level in ("chunk", "sentence"))
    evidence = evidence_of(case.asked)
    kept = sum(any(unit.overlaps(span) for unit in focus.units) for span in evidence)
    return Outcome(
        complete=kept == len(evidence),
        on_top=kept == len(evidence) and max(ranks, default=np.nan) <= len(ranks),
        chunk_rank=max(chunk_ranks, default=np.nan),
        fpe=focus.target_cost.tokens_computed / case.tokens,
        proxy_calls=focus.cost.calls,
        proxy_tokens=focus.cost.tokens_computed,
        seconds=seconds,
    )


def _ranks(focus: Neighborhood, level: str, asked: Question) -> list[float]:
    """Ranks of the scored units that hold evidence; 1 is the best."""
    scored = [(entry.unit, entry.score) for entry in focus.scored if entry.unit.level == level]
    ranks = rankdata([-score for _, score in scored])
    return [
        float(rank)
        for rank, (unit, _) in zip(ranks, scored, strict=True)
        if any(unit.overlaps(span) for span in evidence_of(asked))
    ]


def line(spec: str, outcomes: Sequence[Outcome]) -> list[str]:
    """A proxy's line of the table: sums and means over cases."""

    def mean(values: Iterable[float]) -> float:
        return float(np.mean(list(values)))

    return [
        f"`{spec}`",
        f"{sum(o.complete for o in outcomes)} of {len(outcomes)}",
        f"{sum(o.on_top for o in outcomes)} of {len(outcomes)}",
        f"{mean(o.chunk_rank for o in outcomes):.1f}",
        f"{mean(o.fpe for o in outcomes):.2f}",
        f"{mean(o.proxy_calls for o in outcomes):.0f}",
        f"{mean(o.proxy_tokens for o in outcomes):,.0f}",
        f"{mean(o.seconds for o in outcomes):.1f}",
    ]


HEADER = (
    "proxy",
    "evidence all in S",
    "and ranked first",
    "rank of its chunk",
    "target FPE",
    "proxy calls",
    "proxy tokens",
    "seconds",
)


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("proxies", nargs="+", help="as --proxy takes them")
    parser.add_argument("--seeds", type=int, default=4, help="contracts of each task")
    parser.add_argument("--words", type=int, default=3000)


def _work(options: argparse.Namespace, command: str) -> Iterator[str]:
    """The table after every proxy."""
    target = load_model("bundled:target")
    assert isinstance(target, HFCausalLM)
    answered = list(cases(target, options.seeds, options.words))
    tokens = float(np.mean([case.tokens for case in answered]))
    lines = []
    for spec in options.proxies:
        proxy = load_proxy(spec)
        lines.append(line(spec, [measure(proxy, case, target) for case in answered]))
        yield (
            f"# Proxies\n\nCommand: `{command}`\n\n{len(answered)} questions on generated "
            f"contracts of {tokens:,.0f} tokens on average, all answered right by "
            f"`bundled:target`; S has {_SENTENCES} sentences.\n\n{markdown(HEADER, lines)}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    return script.run("experiments.scouting", arguments, _options, _work)


if __name__ == "__main__":
    sys.exit(main())
