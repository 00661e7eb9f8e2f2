"""The figures of the kernel's benchmark: exact masks against peers, the cached context, memory."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from focus_lime.method.masks import bernoulli, single_drops
from focus_lime.models.base import Floats, Ledger
from focus_lime.models.hf import HFCausalLM

from ...metrics.formulas import log_probability
from ...tables.markdown import markdown
from .cases import Case, Work, plain_forward, write_document
from .memory import measured

GOALS = {0.1: 1.05, 0.5: 1.6, 0.9: 6.0}  # times faster than a peer, by depth
_BATCH_SIZES = (1, 2, 4, 8)
PEERS = {"bernoulli": "context-cite", "single drops": "captum"}


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
    return Row(
        case=case,
        depth=depth,
        design=design,
        tokens=tokens,
        rate=rate,
        seconds=ours,
        peer_masks=peer.n,
        peer_seconds=theirs_took,
        batch_size=peer.batch_size,
        apart=apart,
    )


class _Peer:
    """ContextCite for Bernoulli masks, captum for single drops, on the first `n` masks."""

    def __init__(self, case: Case, design: str, n: int) -> None:
        from ...methods import peers

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
            return log_probability(odds), time.perf_counter() - started
        ids = full.ids[: full.first].tolist()
        drops = self.peers.captum_scores(model, ids, self.prompts, self.response)
        seconds = time.perf_counter() - started
        log_p = dict(model.scorer.score([full], Ledger()))[0].sum()
        return log_p - drops, seconds


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
        peer = PEERS[row.design] + (f", batches of {row.batch_size}" if row.batch_size > 1 else "")
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
    tail = len(model.encode_response(document.response))
    ids = model.encoder.encode(document.prompt)
    after = len(ids.ids) - int(np.flatnonzero(ids.source >= 0)[-1]) - 1
    ledger = Ledger()
    model.clear_kv()  # the answer has read the prompt
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
