"""What proxies find and what they cost, on generated contracts with planted facts.

    python -m focus_lime.benchmarks.proxies random bm25 attention cached-context \\
        --seeds 4 --out benchmarks/results/proxies.md

Each question that the bundled target answers right is scouted for with the defaults of
`FocusLime.explain`: six chunks, then sixteen of their sentences.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

from focus_lime.explanation import write_whole
from focus_lime.models.base import Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.load import load_model
from focus_lime.neighborhood import Neighborhood, Proxy, load_proxy, scout
from focus_lime.objective import ResponseLogOdds
from focus_lime.prompt.prompt import Prompt
from focus_lime.proxies.bundled.contracts import TASKS, Question, generate_contract

from .tables import markdown

_CHUNKS, _SENTENCES = 6, 16


@dataclass(frozen=True)
class Case:
    """A question about a generated contract, which the target answered right."""

    asked: Question
    prompt: Prompt
    objective: ResponseLogOdds
    tokens: int


@dataclass(frozen=True)
class Found:
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
            told = asked.answer[: asked.answer.rindex(asked.value) + len(asked.value)]
            if answer.text.strip().startswith(told):
                yield Case(asked, prompt, ResponseLogOdds(answer), target.length(prompt))


def measure(proxy: Proxy, case: Case, target: HFCausalLM, seed: int = 0) -> Found:
    started = time.perf_counter()
    focus = scout(
        case.prompt,
        proxy,
        case.objective,
        target,
        n_chunks=_CHUNKS,
        n_sentences=_SENTENCES,
        seed=seed,
    )
    seconds = time.perf_counter() - started
    chunk_ranks, ranks = (_ranks(focus, level, case.asked) for level in ("chunk", "sentence"))
    evidence = case.asked.evidence
    kept = sum(any(u.start < end and start < u.end for u in focus.units) for start, end in evidence)
    return Found(
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
    scored = [one for one in focus.scored if one.unit.level == level]
    ranks = rankdata([-one.score for one in scored])
    return [
        float(rank)
        for rank, one in zip(ranks, scored, strict=True)
        if any(one.unit.start < end and start < one.unit.end for start, end in asked.evidence)
    ]


def table(specs: Sequence[str], n_seeds: int, words: int) -> str:
    """The results in Markdown; progress on standard error."""
    target = load_model("bundled:target")
    assert isinstance(target, HFCausalLM)
    asked = list(cases(target, n_seeds, words))
    rows = []
    for spec in specs:
        proxy = load_proxy(spec)
        found = [measure(proxy, case, target) for case in asked]
        mean = {
            name: float(np.mean([getattr(one, name) for one in found]))
            for name in ("chunk_rank", "fpe", "proxy_calls", "proxy_tokens", "seconds")
        }
        rows.append(
            [
                f"`{spec}`",
                f"{sum(one.complete for one in found)} of {len(found)}",
                f"{sum(one.on_top for one in found)} of {len(found)}",
                f"{mean['chunk_rank']:.1f}",
                f"{mean['fpe']:.2f}",
                f"{mean['proxy_calls']:.0f}",
                f"{mean['proxy_tokens']:,.0f}",
                f"{mean['seconds']:.1f}",
            ]
        )
        print(" ".join(rows[-1]), file=sys.stderr, flush=True)
    header = [
        "proxy",
        "evidence all in S",
        "and ranked first",
        "rank of its chunk",
        "target FPE",
        "proxy calls",
        "proxy tokens",
        "seconds",
    ]
    tokens = float(np.mean([case.tokens for case in asked]))
    return (
        f"{len(asked)} questions on generated contracts of {tokens:,.0f} tokens on average, all "
        f"answered right by `bundled:target`; S has {_SENTENCES} sentences.\n\n"
        f"{markdown(header, rows)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("proxies", nargs="+", help="as --proxy takes them")
    parser.add_argument("--seeds", type=int, default=4, help="contracts of each task")
    parser.add_argument("--words", type=int, default=3000)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    found = table(arguments.proxies, arguments.seeds, arguments.words)
    command = (
        f"python -m focus_lime.benchmarks.proxies {' '.join(arguments.proxies)} "
        f"--seeds {arguments.seeds} --words {arguments.words} --out {arguments.out}"
    )
    text = f"# Proxies\n\nCommand: `{command}`\n\n{found}"
    print(text)
    if arguments.out is not None:
        write_whole(arguments.out, text)


if __name__ == "__main__":
    main()
