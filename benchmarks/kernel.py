"""The scoring kernel against its bound, a plain forward pass, ContextCite and captum.

    pip install 'focus-lime[peers]'
    python -m focus_lime.benchmarks.kernel --out benchmarks/results/kernel-cpu.md

All run in one process, in turn, on the same model, the same token sequences and the same masks; the
values are compared. Nothing but the ratios is meant to be read: seconds are those of the machine.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from focus_lime.explanation import write_whole
from focus_lime.models.base import Floats, Ledger
from focus_lime.models.hf import HFCausalLM
from focus_lime.models.load import load_model
from focus_lime.perturb.masks import bernoulli, single_drops

from .kernel_cases import Case, Work, make_case, plain_forward, write_document
from .tables import markdown

DEPTHS = (0.1, 0.5, 0.9)
GOALS = {0.1: 1.05, 0.5: 1.6, 0.9: 6.0}  # times faster than a peer, by depth
_UNITS, _MASKS = 32, 64
_BATCH_SIZES = (1, 2, 4, 8)
_PEERS = {"bernoulli": "context-cite", "single drops": "captum"}


@dataclass(frozen=True)
class Row:
    """One case: what the kernel did, and what the peer did on the first `peer_masks` masks."""

    case: Case
    depth: float
    design: str
    tokens: int
    rate: float  # floating-point operations a second, over those of a plain forward pass
    seconds: float
    peer_masks: int
    peer_seconds: float
    batch_size: int
    apart: float  # the largest difference of log p, nats

    @property
    def speedup(self) -> float:
        """Seconds a mask, the peer's over ours."""
        ours = self.seconds / len(self.case.sequences)
        return self.peer_seconds / self.peer_masks / ours

    @property
    def most(self) -> float:
        """The speed-up that the bound allows."""
        return self.case.naive / self.case.bound


def measure(case: Case, depth: float, design: str, *, rounds: int, peer_masks: int) -> Row:
    """The kernel, a plain forward pass and the peer in turn, `rounds` times; medians."""
    model, scorer = case.document.model, case.document.model.scorer
    peer = _Peer(case, design, min(peer_masks, len(case.sequences)))
    steps = scorer.steps(case.sequences)
    seconds: dict[str, list[float]] = {"ours": [], "plain": [], "peer": []}
    for _ in range(rounds):
        values, took = case.score()
        seconds["ours"].append(took)
        seconds["plain"].append(plain_forward(model, case.full.ids.tolist()))
        theirs, took = peer.score()
        seconds["peer"].append(took)
    ours, plain, theirs_took = (float(np.median(seconds[k])) for k in ("ours", "plain", "peer"))
    work = Work.of(model.model)
    tokens = sum(len(step.ids) for step in steps)
    apart = float(np.abs(values[: len(theirs)] - theirs).max())
    rate = (work.steps(steps) / ours) / (work.plain(len(case.full.ids)) / plain)
    done = (tokens, rate, ours, peer.n, theirs_took, peer.batch_size, apart)
    return Row(case, depth, design, *done)


class _Peer:
    """ContextCite for Bernoulli masks, captum for single drops, on the first `n` masks."""

    def __init__(self, case: Case, design: str, n: int) -> None:
        from . import peers

        self.peers, self.case, self.design, self.n = peers, case, design, n
        self.prompts = [s.ids[: s.first].tolist() for s in case.sequences[:n]]
        self.response = case.full.ids[case.full.first :].tolist()
        self.batch_size = 1  # captum has no other
        if design == "bernoulli":
            self.tokenizer = peers.left_padding(case.document.model)
            some = self.prompts[:8]
            longest = max(map(len, some))
            sizes = [n for n in _BATCH_SIZES if n == 1 or n * longest <= 1 << 15]
            self.batch_size = peers.best_batch_size(sizes, lambda size: self._cite(some, size))

    def _cite(self, prompts: list[list[int]], batch_size: int) -> Floats:
        return self.peers.context_cite_scores(
            self.case.document.model, self.tokenizer, prompts, self.response, batch_size
        )

    def score(self) -> tuple[Floats, float]:
        """log p of the response, and the seconds."""
        model, full = self.case.document.model, self.case.full
        started = time.perf_counter()
        if self.design == "bernoulli":
            odds = self._cite(self.prompts, self.batch_size)
            return -np.logaddexp(0.0, -odds), time.perf_counter() - started
        ids = full.ids[: full.first].tolist()
        drops = self.peers.captum_scores(model, ids, self.prompts, self.response)
        seconds = time.perf_counter() - started
        whole = dict(model.scorer.score([full], Ledger()))[0].sum()
        return whole - drops, seconds


def exact_table(rows: list[Row]) -> str:
    """Figures 1 to 3, one line a case."""
    header = [
        "prompt", "depth", "S begins at", "masks", "tokens / bound", "FLOP/s / plain forward",
        "seconds", "peer", "its masks", "its seconds", "times faster", "goal", "by the bound",
        "largest gap (nats)",
    ]  # fmt: skip
    lines = []
    for row in rows:
        case = row.case
        peer = _PEERS[row.design] + (f", batches of {row.batch_size}" if row.batch_size > 1 else "")
        lines.append([
            f"{case.document.tokens:,}", f"{row.depth:.0%}", f"{case.starts:.0%}",
            f"{len(case.sequences)} {row.design}", f"{row.tokens / case.bound:.3f}",
            f"{row.rate:.2f}", f"{row.seconds:.2f}", peer, str(row.peer_masks),
            f"{row.peer_seconds:.2f}", f"{row.speedup:.2f}", f"{GOALS[row.depth]}",
            f"{row.most:.2f}", f"{row.apart:.1e}",
        ])  # fmt: skip
    return markdown(header, lines)


def cached_table(model: HFCausalLM, tokens: int, n_masks: int, n_units: int) -> str:
    """Figure 4: many masks over the cached context, and how near they are to exact deletion."""
    document = write_document(model, tokens, 0)
    units = document.spread(n_units)
    masks = bernoulli(len(units), n_masks, 0)
    tail = len(model.continuation(document.response))
    ids = model.encoder.encode(document.prompt)
    after = len(ids.ids) - int(np.flatnonzero(ids.source >= 0)[-1]) - 1
    ledger = Ledger()
    value = document.values(units, "attention", ledger)
    forward = [plain_forward(model, ids.ids.tolist())]
    started = time.perf_counter()
    cached = value(masks)
    seconds = time.perf_counter() - started
    forward.append(plain_forward(model, ids.ids.tolist()))
    expected = len(ids.ids) - after + n_masks * (after + tail - 1)
    exact = document.values(units)
    singles = single_drops(len(units))
    some = masks[:64]
    lines = [
        ["prompt", f"{len(ids.ids):,} tokens"],
        ["masks", f"{n_masks:,} Bernoulli over {len(units)} sentences"],
        ["tokens of question and response, each mask", str(after + tail - 1)],
        ["tokens computed / (prompt once + question and response once a mask)",
         f"{ledger.tokens_computed / expected:.3f}"],
        ["seconds, in full-prompt forward passes (goal: at most 10)",
         f"{seconds / np.median(forward):.1f}"],
        ["correlation with exact deletion, single drops",
         f"{_correlation(value(singles), exact(singles)):.3f}"],
        ["correlation with exact deletion, 64 Bernoulli masks",
         f"{_correlation(cached[: len(some)], exact(some)):.3f}"],
    ]  # fmt: skip
    return markdown(["cached context", ""], lines)


def _correlation(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def memory_table(spec: str, tokens: int, device: str, budget: int) -> str:
    """Figure 5."""
    from .memory import measured

    plain, kernel = (measured(what, spec, tokens, device) for what in ("plain", "kernel"))
    mib = 1 << 20
    return markdown(
        ["peak memory above the loaded model", "MiB"],
        [
            [f"one plain forward pass, {tokens:,} tokens, last logits only", f"{plain / mib:.0f}"],
            ["the kernel, 4 masks", f"{kernel / mib:.0f}"],
            ["allowed: 1.3 x plain + budget", f"{(1.3 * plain + budget) / mib:.0f}"],
        ],
    )


def run(arguments: argparse.Namespace) -> str:
    """The tables in Markdown; progress on standard error."""
    model: Any = load_model(arguments.model, device_map=arguments.device)
    command = f"python -m focus_lime.benchmarks.kernel {' '.join(sys.argv[1:])}"
    device = platform.processor() or platform.machine()
    if arguments.device == "cuda":
        device = torch.cuda.get_device_name()
    parts = [
        f"# The scoring kernel, {arguments.model} on {arguments.device}",
        f"Command: `{command}`",
        f"{device}, {torch.get_num_threads()} threads, torch {torch.__version__}.",
    ]
    rows = []
    for tokens in arguments.lengths:
        document = write_document(model, tokens, 0)
        big = tokens > 16_000
        for depth in DEPTHS:
            for design in _PEERS:
                case = make_case(document, depth, design, _MASKS, _UNITS)
                few = arguments.peer_masks if big else _MASKS
                rounds = 1 if big else 2 if tokens > 4_000 else 3
                rows.append(measure(case, depth, design, rounds=rounds, peer_masks=few))
                print(exact_table(rows[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    parts += [
        exact_table(rows),
        "Depth is where the 32 sentences of S should begin; where less room is left they are the "
        "last 32, and the bound may lie below the goal. The bound is the prefix once and, for each "
        "mask, what follows its first change; masks that go on alike share more, so tokens may be "
        "fewer.",
    ]
    if arguments.cached:
        parts.append(cached_table(model, arguments.cached, 1000, 200))
    if arguments.memory:
        budget = model.scorer.memory
        parts.append(memory_table(arguments.model, arguments.memory, arguments.device, budget))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="bundled:target")
    parser.add_argument("--device", default="cpu", help="as torch names it")
    parser.add_argument("--lengths", type=int, nargs="*", default=[2000, 8000, 32000])
    parser.add_argument("--peer-masks", type=int, default=4, help="for prompts above 16,000 tokens")
    parser.add_argument("--cached", type=int, default=8000, help="tokens; 0 leaves it out")
    parser.add_argument("--memory", type=int, default=32000, help="tokens; 0 leaves it out")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    table = run(arguments)
    print(table)
    if arguments.out is not None:
        write_whole(arguments.out, table)


if __name__ == "__main__":
    main()
